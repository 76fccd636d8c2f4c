"""On which days of a journey does each of its steps come, whatever way a lead takes?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import assert_never

from leadloom.domain.journeys.journey import (
    END,
    Branch,
    Call,
    Go,
    HandOffStep,
    Journey,
    Record,
    Send,
    Step,
    Wait,
    WaitFor,
)
from leadloom.domain.model import Value

_DAY = timedelta(days=1)
_MOST_ARRIVALS = 20_000
"""A journey that passed its checks needs a few hundred; more would be a fault of this walk."""


class Days(Value):
    """The first and the last day on which something can come; day 0 is the entry."""

    earliest: float
    latest: float

    def or_(self, other: Days) -> Days:
        """Both together."""
        return Days(earliest=min(self.earliest, other.earliest), latest=max(self.latest, other.latest))

    @property
    def words(self) -> str:
        """`day 3`, or `day 14 to 21`."""
        first, last = f"{self.earliest:.3g}", f"{self.latest:.3g}"
        return f"day {first}" if first == last else f"day {first} to {last}"


class _Arrival(Value):
    step: str
    days: Days
    gone: tuple[str, ...]
    """The limited `go` steps taken so far, each as often as it was."""


def days_of(journey: Journey, *, dated: dict[str, float] | None = None) -> dict[str, Days]:
    """Step id (and `end`) → its days; steps nobody reaches are missing. Windows and caps can make mails later.

    `dated` says, for a wait until a span before a date of the lead, on which day that is; a date that isn't known
    makes its wait pass at once, as the interpreter does.
    """
    found: dict[str, Days] = {}
    seen: dict[tuple[str, tuple[str, ...]], Days] = {}
    ahead = [_Arrival(step=step.id, days=Days(earliest=0, latest=0), gone=()) for step in journey.steps[:1]]
    for _ in range(_MOST_ARRIVALS):
        if not ahead:
            break
        here = ahead.pop()
        key = (here.step, here.gone)
        days = here.days.or_(seen[key]) if key in seen else here.days
        if seen.get(key) == days:
            continue
        seen[key] = days
        found[here.step] = days.or_(found[here.step]) if here.step in found else days
        if here.step != END:
            ahead.extend(_onward(journey, journey.step(here.step), here, dated or {}))
    return found


def _onward(journey: Journey, step: Step, here: _Arrival, dated: dict[str, float]) -> Iterator[_Arrival]:
    def arrive(target: str, days: Days = here.days, gone: tuple[str, ...] = here.gone) -> _Arrival:
        return _Arrival(step=target, days=days, gone=gone)

    following = journey.after(step.id)
    match step:
        case Wait():
            yield arrive(following, _waited(step, here.days, dated))
        case WaitFor():
            until = _until(here.days, step.within, step.to_day)
            yield arrive(step.then, Days(earliest=here.days.earliest, latest=until.latest))
            yield arrive(step.otherwise, until)
        case Branch():
            yield from (arrive(target) for target in {case.go: None for case in step.cases} | {step.otherwise: None})
        case Go(visits=None):
            yield arrive(step.to)
        case Go():
            if here.gone.count(step.id) < (step.visits or 0):
                yield arrive(step.to, here.days, tuple(sorted((*here.gone, step.id))))
            yield arrive(following)
        case Call():
            yield arrive(step.then or following)
        case Send() | HandOffStep() | Record():
            yield arrive(following)
        case _:
            assert_never(step)


def _waited(step: Wait, days: Days, dated: dict[str, float]) -> Days:
    if step.field is not None:
        due = dated.get(step.id)
        return days if due is None else Days(earliest=max(days.earliest, due), latest=max(days.latest, due))
    return _until(days, step.for_, step.to_day)


def _until(days: Days, span: timedelta | None, to_day: float | None) -> Days:
    if to_day is not None:
        return Days(earliest=max(days.earliest, to_day), latest=max(days.latest, to_day))
    waited = (span or timedelta()) / _DAY
    return Days(earliest=days.earliest + waited, latest=days.latest + waited)
