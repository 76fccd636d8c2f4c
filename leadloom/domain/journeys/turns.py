"""When may a condition's answer change by time alone? A run that waits for it must look then, event or no event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from leadloom.domain.facts import Facts
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import asks_company, day_in, events_meant, everything_in, value_of

_DAY = timedelta(days=1)


def next_turn(condition: Condition, facts: Facts, at: datetime) -> datetime | None:
    """The first instant after `at` at which the answer may differ though nothing happens; None when there is none.

    Engagement decays all the time and is left out: a fall is heard at the next event, or at the run's next look.
    """
    moments = [moment for one in everything_in(condition) for moment in _turns(one, facts, at)]
    return min((moment for moment in moments if moment > at), default=None)


def next_look(condition: Condition, facts: Facts, at: datetime) -> datetime | None:
    """When a run that waits for it looks though nothing happens to the lead: at its next turn.

    Whoever asks for a company looks once a day besides. What its people do is told; what fades, and who comes from or
    goes to another company, may not be.
    """
    turn = next_turn(condition, facts, at)
    if not any(asks_company(one) for one in everything_in(condition)):
        return turn
    return min(turn or at + _DAY, at + _DAY)


def _turns(condition: Condition, facts: Facts, at: datetime) -> Iterator[datetime]:
    if condition.event is not None and condition.within is not None:
        # An event at exactly `now - within` still counts, so it is gone a moment later.
        for event in events_meant(condition, facts, at):
            yield event.at + condition.within + timedelta(microseconds=1)
    if condition.field is not None and (condition.past is not None or condition.ahead is not None):
        day = day_in(value_of(condition.field, facts))
        if day is not None:
            yield from _turns_of_day(day, condition)


def _turns_of_day(day: date, condition: Condition) -> Iterator[datetime]:
    begins = datetime.combine(day, time(), tzinfo=UTC)
    yield begins
    yield begins + _DAY
    # Days are counted whole: of a span the whole days decide, and the answer turns at a midnight.
    if condition.past is not None:
        yield begins + condition.past // _DAY * _DAY + _DAY
    if condition.ahead is not None:
        yield begins - condition.ahead // _DAY * _DAY
