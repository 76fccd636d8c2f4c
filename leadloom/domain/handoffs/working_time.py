"""How much working time lies between two instants, and when will so much of it have passed on an owner's calendar?

Every clock of a hand-off and every response time we report runs on this. Instants come and go in UTC; the
calendar's own zone decides which of them are working time, so a day with a clock change still has its hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.definitions.week import MIDNIGHT_AFTER
from leadloom.domain.errors import BadInput

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NOTHING = timedelta(0)
_ONE_DAY = timedelta(days=1)


class WorkCalendar:
    """One owner's working time. A day off or an hour outside counts nothing."""

    def __init__(self, calendar: Calendar) -> None:
        """Raises BadInput when the calendar never opens, because a clock on it would never end."""
        if not calendar.days or calendar.until <= calendar.from_:
            raise BadInput("calendar", calendar.zone, "It needs a weekday, and `until` later than `from`.")
        self._calendar = calendar
        self._zone = ZoneInfo(calendar.zone)
        self._holidays = (
            holidays.country_holidays(calendar.holidays, subdiv=calendar.region) if calendar.holidays else None
        )

    @property
    def zone(self) -> ZoneInfo:
        """Where its owner is."""
        return self._zone

    @property
    def day(self) -> timedelta:
        """The length of an ordinary working day: what `10 working days` is counted in."""
        until = _ONE_DAY if self._calendar.until == MIDNIGHT_AFTER else _since_midnight(self._calendar.until)
        return until - _since_midnight(self._calendar.from_)

    def is_open(self, at: datetime) -> bool:
        """Does anybody work at this instant? The closing minute itself is closed."""
        opens, _ = next(self._open_from(at))
        return opens <= at

    def next_open(self, at: datetime) -> datetime:
        """The first working instant not before `at`."""
        opens, _ = next(self._open_from(at))
        return max(opens, at.astimezone(UTC))

    def add(self, at: datetime, span: timedelta) -> datetime:
        """The first instant by which `span` of working time has passed since `at`.

        What ends with the day ends at Friday's closing, not at Monday's opening.
        Raises ValueError for a negative span: a deadline lies ahead.
        """
        if span < _NOTHING:
            raise ValueError(f"a span of working time can't be negative: {span}")
        left = span
        if not left:
            return at.astimezone(UTC)
        for opens, closes in self._open_from(at):
            start = max(opens, at)
            if left <= closes - start:
                return (start + left).astimezone(UTC)
            left -= closes - start
        raise AssertionError("a calendar opens again for ever")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; negative when `end` is earlier."""
        if end < start:
            return -self.between(end, start)
        worked = _NOTHING
        for opens, closes in self._open_from(start):
            if opens >= end:
                break
            worked += min(closes, end) - max(opens, start)
        return worked

    def _open_from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of working time that end after `at`, oldest first, without end, in UTC."""
        day = at.astimezone(self._zone).date()
        while True:
            if self._works_on(day):
                opens, closes = self._hours(day)
                # A clock change can swallow a short working day whole: then it never opens.
                if opens < closes and closes > at:
                    yield opens, closes
            day += _ONE_DAY

    def _works_on(self, day: date) -> bool:
        if _WEEKDAYS[day.weekday()] not in self._calendar.days or f"{day:%m-%d}" in self._calendar.off:
            return False
        return self._holidays is None or day not in self._holidays

    def _hours(self, day: date) -> tuple[datetime, datetime]:
        # Subtracting within one zone would count wall-clock hours, which a clock change stretches; hence UTC here.
        opens = datetime.combine(day, self._calendar.from_, tzinfo=self._zone)
        if self._calendar.until == MIDNIGHT_AFTER:
            closes = datetime.combine(day + _ONE_DAY, time.min, tzinfo=self._zone)
        else:
            closes = datetime.combine(day, self._calendar.until, tzinfo=self._zone)
        return opens.astimezone(UTC), closes.astimezone(UTC)


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
