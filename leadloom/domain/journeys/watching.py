"""When does a date, a day that comes round, or a condition let a lead into a journey? What the sweep decides by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from leadloom.domain.journeys.conditions import in_words, words
from leadloom.domain.journeys.entry import Knock
from leadloom.domain.journeys.journey import DateEntry, Journey
from leadloom.domain.journeys.recurring import rule_words

_DAY = timedelta(days=1)
_EAST = timedelta(hours=14)
"""How long before UTC's a day begins in the zone where it begins first (Kiritimati)."""


def comes_at(entry: DateEntry, day: date, zone: str) -> datetime:
    """When that day lets in a lead who lives in `zone`, in UTC: so long before or after its beginning there."""
    return _begins(day, zone) - (entry.before or timedelta()) + (entry.after or timedelta())


def is_over(entry: DateEntry, day: date, zone: str, at: datetime) -> bool:
    """Whether it is too late: what shall happen before a day has no use when that day has begun."""
    return entry.before is not None and _begins(day, zone) <= at


def latest_day(entry: DateEntry, at: datetime) -> date:
    """The last day that may have let anybody in by `at`, wherever they live."""
    return (at + _EAST + (entry.before or timedelta()) - (entry.after or timedelta())).astimezone(UTC).date()


def by_condition(journey: Journey, since: datetime, no: int) -> Knock:
    """The journey's condition holds since then for a lead whose last event is `no`; it may do so without an event."""
    assert journey.enter.holds is not None  # whoever watches it has looked
    occasion = f"holds/{since.astimezone(UTC).isoformat()}"
    return Knock(by="holds", why=f"it came to be so: {words(journey.enter.holds)}", no=no, occasion=occasion)


def by_date(journey: Journey, day: str, no: int) -> Knock:
    """That day (ISO) of the lead's, whose last event is `no`, lets them in: each day once, a date that moved anew."""
    assert journey.enter.date is not None  # whoever watches it has looked
    field = journey.enter.date.field
    why = f"{in_words(field)} is {day}"
    return Knock(by=f"date:{field}", why=why, no=no, occasion=f"date/{day}", is_name=True, anew=True)


def by_round(journey: Journey, day: str, no: int) -> Knock:
    """That round of the journey's recurrence (its day, ISO) is at a lead's door, whose last event is `no`."""
    assert journey.enter.every is not None  # whoever watches it has looked
    why = f"{rule_words(journey.enter.every.rrule)}: {day}"
    return Knock(by=f"every:{day}", why=why, no=no, occasion=f"every/{day}", is_name=True, anew=True)


def _begins(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
