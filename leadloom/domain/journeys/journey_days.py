"""On which days of a journey does each of its steps come, whatever way a lead takes?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leadloom.domain.journeys.day_range import Days
from leadloom.domain.journeys.journey import Journey, Step
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.model import Value

_MOST_ARRIVALS = 20_000
"""A journey that passed its checks needs a few hundred; more would be a fault of this walk."""


class _Arrival(Value):
    step: str
    days: Days
    gone: tuple[str, ...]
    """The steps whose limited way was taken so far, each as often as it was."""


def days_of(journey: Journey, *, dated: dict[str, float] | None = None) -> dict[str, Days]:
    """Step id (and `end`) → its days; steps nobody reaches are missing. Windows and caps can make mails later.

    `dated` says, for a wait that hangs on a date of the lead, on which day that is; a date that isn't known
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


def _onward(journey: Journey, step: Step, here: _Arrival, dated: Mapping[str, float]) -> Iterator[_Arrival]:
    over = step.days_over(here.days, dated)
    for way in step.ways(journey.after(step.id)):
        days, gone = here.days, here.gone
        if over is not None:
            days = over if way.late else Days(earliest=here.days.earliest, latest=over.latest)
        if way.times is not None:
            if gone.count(step.id) >= way.times:
                continue
            gone = tuple(sorted((*gone, step.id)))
        yield _Arrival(step=way.to, days=days, gone=gone)
