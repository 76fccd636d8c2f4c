"""What do random cases draw from? Spans, zones, days and words, chosen so that every edge is met and no tie is.

Waits are whole quarters of an hour, everything that is compared with the time between two things is odd: so no event
falls on a deadline to the second, where only the order of two clocks would decide.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.mail_policy import MailPolicy, PersonCap, Window
from leadloom.domain.journeys.spans import parse_span

WAITS = ("15m", "90m", "1d", "2d", "4d", "6d")
"""What waits last."""
LIMITS = ("97m", "1507m", "4387m", "10087m")
"""How far conditions look back, and what expires: never a sum of waits."""
WORTH = ("187m", "1867m", "4627m", "10387m", "30067m")
"""How long a mail is worth sending: no whole number of days after a window's edge."""
CLOCKS = ("02:30", "08:30", "16:30", "23:45", "00:00")
"""Times of day: one that a clock change skips or shows twice, both edges of the usual window, and midnight."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Place(NamedTuple):
    """Where a lead lives, as far as they told."""

    zone: str | None
    country: str | None


PLACES = (
    Place("America/New_York", "US"), Place(None, "US"), Place("Europe/Berlin", "DE"), Place(None, "DE"),
    Place("Asia/Singapore", "SG"), Place("Pacific/Kiritimati", None), Place("Pacific/Honolulu", "US"),
    Place("Pacific/Auckland", "NZ"), Place("Australia/Lord_Howe", "AU"), Place("America/St_Johns", "CA"),
    Place("Asia/Kathmandu", None), Place("Atlantic/Azores", None), Place("America/Sao_Paulo", "BR"),
    Place("Pacific/Chatham", "NZ"), Place("somewhere", "FR"), Place(None, None),
)  # fmt: skip
"""Both sides of the date line, half hours and quarters, a zone nobody knows, and nothing told at all."""

SEASONS = (
    datetime(2026, 3, 4, 15, tzinfo=UTC), datetime(2026, 3, 25, 6, tzinfo=UTC), datetime(2026, 4, 1, 20, tzinfo=UTC),
    datetime(2026, 9, 23, 11, tzinfo=UTC), datetime(2026, 10, 21, 3, tzinfo=UTC), datetime(2026, 12, 20, 9, tzinfo=UTC),
)  # fmt: skip
"""When batches begin: before the clocks change in America, Europe and the South, both ways, and before Christmas."""


def policies(usual: MailPolicy) -> tuple[MailPolicy, ...]:
    """The usual mail policy, and others: wide and narrow windows, caps by topic, weeks off."""
    every_day = Window.model_validate({"days": DAYS, "from": "00:00", "until": "24:00"})
    nights = Window.model_validate({"days": ["fri", "sat", "sun"], "from": "02:15", "until": "03:45"})
    week_off = {"from": "2026-03-14", "through": "2026-03-23", "why": "our move"}
    weeks_off = {"from": "2026-10-26", "through": "2026-11-20", "countries": ["SG", "NZ"], "why": "the fast"}
    by_topic = PersonCap(count=1, within=timedelta(days=3), topics=("webinars",))
    return (
        usual,
        usual.but(window=every_day, per_person=(PersonCap(count=1, within=timedelta(days=2)), by_topic)),
        usual.but(window=nights, per_person=(PersonCap(count=3, within=timedelta(days=10)),)),
        MailPolicy.model_validate({**usual.model_dump(by_alias=True), "pauses": [week_off, weeks_off]}),
    )


def definition_of(usual: Definition, policy: int) -> Definition:
    """The definition with the policy of that number."""
    kinds = policies(usual.mail)
    return usual.but(mail=kinds[policy % len(kinds)])


def span(text: str) -> timedelta:
    """A span as journeys write it."""
    found = parse_span(text)
    assert isinstance(found, timedelta)
    return found


def clock(text: str) -> time:
    """A time of day as journeys write it."""
    return time.fromisoformat(text)
