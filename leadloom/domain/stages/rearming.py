"""Another definition is in force: which clocks of a lead ring at another moment now?

Cooling and silence count by the definition's own numbers, so they are reckoned anew from what the lead did. Dates
somebody agreed on (a recycle date, a promise, a confirmation) stay as they were given.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.regions import localised
from leadloom.domain.stages.clocks import COOLING, INACTIVITY, SetClock, can_go_quiet, silent_since
from leadloom.domain.stages.scoring import cools_at
from leadloom.domain.standing import Standing

RECKONED = (COOLING, INACTIVITY)
"""Kinds of clocks that follow the definition."""


def clocks_differ(before: Definition, after: Definition) -> bool:
    """Whether any clock could ring at another moment, here or in a region."""
    regions = (None, *dict.fromkeys((*before.regions, *after.regions)))
    return any(_numbers(localised(before, key)) != _numbers(localised(after, key)) for key in regions) or any(
        newly_quiet(before, after)
    )


def newly_quiet(before: Definition, after: Definition) -> Iterator[str]:
    """Stages in which silence counts now and didn't before: whoever stands there has no clock yet."""
    known = {stage.name for stage in before.stages}
    for stage in after.stages:
        if can_go_quiet(after, stage.name) and not (stage.name in known and can_go_quiet(before, stage.name)):
            yield stage.name


def reckoned_anew(before: Definition, after: Definition, standing: Standing, *, at: datetime) -> tuple[SetClock, ...]:
    """The clocks that ring at another moment under `after`; what it says is over already rings at once, at `at`.

    Said twice it says the same: it is reckoned from rows, never from the clock that is held.
    """
    held = {clock.kind: clock for clock in standing.clocks}
    wanted = (*_cooling(after, standing, at), *_inactivity(before, after, standing, at))
    return tuple(clock for clock in wanted if clock.kind not in held or held[clock.kind].due_at != clock.due_at)


def _numbers(definition: Definition) -> tuple[object, ...]:
    return definition.half_life, definition.cooling_below, definition.inactive_after


def _cooling(after: Definition, standing: Standing, at: datetime) -> Iterator[SetClock]:
    if not standing.is_warm:
        return  # nobody is warmed by a definition: what they do next is judged by it
    # What was heard since counts by the new numbers already, and a decayed sum meets its threshold at one instant,
    # whenever it is asked.
    at = max((at, *(entry.known_at or entry.at for entry in standing.entries)))
    due = cools_at(standing.entries, after.half_life, threshold=after.cooling_below, at=at)
    yield SetClock(kind=COOLING, due_at=due or at)


def _inactivity(before: Definition, after: Definition, standing: Standing, at: datetime) -> Iterator[SetClock]:
    fresh = set(newly_quiet(before, after))
    holds = any(clock.kind == INACTIVITY for clock in standing.clocks)
    if not holds and fresh.isdisjoint(standing.stages.values()):
        return
    since = silent_since(after, standing, clocks=standing.clocks, at=at)
    if since is not None:
        yield SetClock(kind=INACTIVITY, due_at=max(at, since + after.inactive_after))
