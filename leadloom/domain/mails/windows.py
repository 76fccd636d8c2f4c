"""When, in a lead's own local time, may a windowed mail go?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadloom.domain.definitions.definition import Company, ZoneSource
from leadloom.domain.definitions.mail_policy import Window
from leadloom.domain.definitions.week import MIDNIGHT_AFTER, Weekday
from leadloom.domain.errors import BadInput
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.country_zones import ZONE_OF_COUNTRY
from leadloom.domain.mails.days_off import NOTHING_OFF, DaysOff
from leadloom.domain.model import Value

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `date.weekday()`."""

_LOOK_AHEAD = timedelta(days=400)
"""More than a year, so that no pause of a year and no clock change can swallow the answer."""
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def next_in_window(at: datetime, window: Window, zone: str, off: DaysOff = NOTHING_OFF) -> datetime:
    """The first instant from `at` on that lies in the window, judged by the wall clock in `zone` at that instant.

    A clock that jumps over the opening opens the window with the jump; an hour that comes twice opens it twice.
    Returns UTC. Raises BadInput when the window doesn't open within 400 days.
    """
    opening, _ = first_opening(at, window, zone, off, before=at + _LOOK_AHEAD)
    if opening is None:
        said = f"{window.from_}-{window.until}"
        raise BadInput("window", said, "Give it at least one day that is not off, and `from` before `until`.")
    return opening


def first_opening(
    at: datetime, window: Window, zone: str, off: DaysOff, *, before: datetime
) -> tuple[datetime | None, tuple[str, ...]]:
    """The first instant of the window from `at` on and before `before` (UTC; None when there is none).

    With it the days off that it would else have opened on, in words.
    """
    here, kept_shut = ZoneInfo(zone), dict[str, None]()
    if _in_hours(local := at.astimezone(here), window):
        if (why := off.on(local.date())) is None:
            return at.astimezone(UTC), ()
        kept_shut[why] = None
    day, last = local.date(), before.astimezone(here).date()
    while day <= last:
        openings = _openings(day, window.from_, here) if WEEKDAYS[day.weekday()] in window.days else ()
        for opening in openings:
            local = opening.astimezone(here)
            if not at <= opening < before or not _in_hours(local, window):
                continue
            if (why := off.on(local.date())) is None:
                return opening, tuple(kept_shut)
            kept_shut[why] = None
        day += _DAY
    return None, tuple(kept_shut)


def in_window(at: datetime, window: Window, zone: str, off: DaysOff = NOTHING_OFF) -> bool:
    """Whether the wall clock in `zone` shows, at that instant, a day and time of the window (`until` excluded)."""
    local = at.astimezone(ZoneInfo(zone))
    return _in_hours(local, window) and off.on(local.date()) is None


def window_words(window: Window, zone: str) -> str:
    """Such as `mail goes Tue, Wed, Thu 08:30-16:30 (Europe/Berlin) only`."""
    days = ", ".join(day.capitalize() for day in window.days)
    until = "24:00" if window.until == MIDNIGHT_AFTER else f"{window.until:%H:%M}"
    return f"mail goes {days} {window.from_:%H:%M}-{until} ({zone}) only"


class LeadZone(Value):
    """The zone a lead's local time is read in, and who told us."""

    name: str
    told_by: ZoneSource

    @property
    def words(self) -> str:
        """Such as `Asia/Singapore, by their country`."""
        return f"{self.name}, {_TOLD_BY[self.told_by]}"


_TOLD_BY: dict[ZoneSource, str] = {
    "field": "by their own time zone",
    "country": "by their country",
    "account": "by their company's country",
    "workspace": "ours, for nothing is known of theirs",
}


def lead_zone(lead: Lead, account: Account | None, company: Company) -> LeadZone:
    """The zone a lead lives in, by the chain that `company.zone_by` declares; ours when it ends without an answer.

    A zone nobody knows (free text in a form) counts as not told.
    """
    return zone_told(lead.time_zone, lead.country, account.country if account else None, company)


def zone_told(time_zone: str | None, country: str | None, account: str | None, company: Company) -> LeadZone:
    """The same for whatever was told: a zone, the lead's country, the account's country."""
    told = {
        "field": time_zone if time_zone and is_zone(time_zone) else None,
        "country": ZONE_OF_COUNTRY.get(country.upper()) if country else None,
        "account": ZONE_OF_COUNTRY.get(account.upper()) if account else None,
    }
    for source in company.zone_by:
        if (zone := told.get(source)) is not None:
            return LeadZone.built(name=zone, told_by=source)
    return LeadZone.built(name=company.time_zone, told_by="workspace")


def zone_of(lead: Lead, account: Account | None, company: Company) -> str:
    """The name of the zone a lead lives in (`lead_zone` says who told us)."""
    return lead_zone(lead, account, company).name


def is_zone(name: str) -> bool:
    """Whether that is the name of a time zone, such as `Europe/Berlin`."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # zoneinfo answers free text in all three ways: unknown key, forbidden path, name of a folder.
        return False
    return True


def _in_hours(local: datetime, window: Window) -> bool:
    if WEEKDAYS[local.weekday()] not in window.days:
        return False
    clock = local.time()
    return window.from_ <= clock and (window.until == MIDNIGHT_AFTER or clock < window.until)


def _openings(day: date, clock: time, here: ZoneInfo) -> tuple[datetime, ...]:
    """The instants of a local day from which on the window may be open, in order.

    That is when `clock` shows; and when a clock is changed that day, both times it shows and the change itself.
    """
    opens = datetime.combine(day, clock, tzinfo=here)
    first = opens.astimezone(UTC)
    begins = datetime.combine(day, time.min, tzinfo=here).astimezone(UTC)
    ends = datetime.combine(day + _DAY, time.min, tzinfo=here).astimezone(UTC)
    if ends - begins == _DAY:
        return (first,)
    change = _change_of_clock(begins, ends, here)
    return tuple(sorted({first, opens.replace(fold=1).astimezone(UTC), change}))


def _change_of_clock(begins: datetime, ends: datetime, here: ZoneInfo) -> datetime:
    """The instant, to the second, from which on the zone is as far from UTC as at `ends`."""
    after = ends.astimezone(here).utcoffset()
    while ends - begins > _SECOND:
        middle = begins + (ends - begins) // 2 // _SECOND * _SECOND
        if middle.astimezone(here).utcoffset() == after:
            ends = middle
        else:
            begins = middle
    return ends if begins.astimezone(here).utcoffset() != after else begins
