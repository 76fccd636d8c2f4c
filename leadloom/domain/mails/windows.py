"""When, in a lead's own local time, may a windowed mail go?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadloom.domain.definitions.definition import MIDNIGHT_AFTER, Company, Weekday, Window
from leadloom.domain.errors import BadInput
from leadloom.domain.lead import Account, Lead

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `date.weekday()`."""

_LOOK_AHEAD = 15
"""Days: two weeks and today, so that a yearly DST gap that swallows one opening can't swallow the answer."""

ZONE_OF_COUNTRY = {
    "AT": "Europe/Vienna",
    "AU": "Australia/Sydney",
    "BE": "Europe/Brussels",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CH": "Europe/Zurich",
    "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo",
    "NZ": "Pacific/Auckland",
    "PL": "Europe/Warsaw",
    "SE": "Europe/Stockholm",
    "SG": "Asia/Singapore",
    "US": "America/New_York",
}
"""The zone of most business addresses of each country we serve: a guess that a lead's own zone always beats."""


def next_in_window(at: datetime, window: Window, zone: str) -> datetime:
    """The first instant from `at` on that lies in the window, judged by the wall clock in `zone` at that instant.

    A time of day that a DST change skips opens the window as much later as the clock jumps; one that happens twice
    opens it the first time that is still ahead. Returns UTC. Raises BadInput when the window never opens.
    """
    if in_window(at, window, zone):
        return at.astimezone(UTC)
    today = at.astimezone(ZoneInfo(zone)).date()
    for ahead in range(_LOOK_AHEAD):
        for opening in _openings(today + timedelta(days=ahead), window.from_, zone):
            if opening >= at and in_window(opening, window, zone):
                return opening
    raise BadInput("window", f"{window.from_}-{window.until}", "Give it at least one day, and `from` before `until`.")


def in_window(at: datetime, window: Window, zone: str) -> bool:
    """Whether the wall clock in `zone` shows, at that instant, a day and time of the window (`until` excluded)."""
    local = at.astimezone(ZoneInfo(zone))
    if WEEKDAYS[local.weekday()] not in window.days:
        return False
    return window.from_ <= local.time() and (window.until == MIDNIGHT_AFTER or local.time() < window.until)


def zone_of(lead: Lead, account: Account | None, company: Company) -> str:
    """The zone a lead lives in, as far as we know: own field, own country, the account's country, then ours.

    A zone nobody knows (free text in a form) counts as not told.
    """
    if lead.time_zone and is_zone(lead.time_zone):
        return lead.time_zone
    for country in (lead.country, account.country if account else None):
        if country and (zone := ZONE_OF_COUNTRY.get(country.upper())):
            return zone
    return company.time_zone


def is_zone(name: str) -> bool:
    """Whether that is the name of a time zone, such as `Europe/Berlin`."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # zoneinfo answers free text in all three ways: unknown key, forbidden path, name of a folder.
        return False
    return True


def _openings(day: date, clock: time, zone: str) -> tuple[datetime, datetime]:
    """The instants at which `clock` shows on that local day; both are the same but when the clock is set back."""
    local = datetime.combine(day, clock, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
