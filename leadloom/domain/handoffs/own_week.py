"""Which week is it for somebody, and how long did their answers take? Told to that person first, and never ranked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from leadloom.domain.errors import BadInput
from leadloom.domain.handoffs.working_time import WorkCalendar
from leadloom.domain.model import Instant, Value
from leadloom.domain.reports.figures import Spread, minutes, spread

_ISO_WEEK = re.compile(r"(\d{4})-W(\d{2})")


class IsoWeek(Value):
    """A week by ISO 8601, in the zone of somebody's calendar."""

    name: str
    """Such as `2026-W10`."""
    from_at: Instant
    until_at: Instant
    """Not included."""
    before: str
    after: str


def week_of(name: str, at: datetime, calendar: WorkCalendar) -> IsoWeek:
    """The week of that name; the running one for an empty name. Raises BadInput."""
    zone = calendar.zone
    monday = _monday(name) if name else at.astimezone(zone).date()
    monday -= timedelta(days=monday.weekday())
    begins, ends = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (monday, monday + timedelta(days=7)))
    return IsoWeek(
        name=_name(monday),
        from_at=begins,
        until_at=ends,
        before=_name(monday - timedelta(days=7)),
        after=_name(monday + timedelta(days=7)),
    )


def answer_time(answers: Iterable[tuple[Instant, Instant]], calendar: WorkCalendar) -> Spread:
    """Minutes of their working time from notice to answer; pairs of both instants, those without a notice left out."""
    return spread([minutes(calendar.between(told, answered)) for told, answered in answers if told <= answered])


def _monday(name: str) -> date:
    found = _ISO_WEEK.fullmatch(name)
    try:
        if found is None:
            raise ValueError
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise BadInput("week", name[:20], "Write a week such as 2026-W10.") from None


def _name(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"
