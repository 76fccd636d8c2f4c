"""What happens to a lead when one of their clocks is due, and what does their lifecycle wait for next?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from leadloom.domain.consent.confirmation import OPT_IN_EXPIRED, lapsed
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import Instant, Json, Value
from leadloom.domain.stages.clocks import (
    COOLING,
    INACTIVITY,
    OPT_IN_EXPIRY,
    PROMISE,
    RECYCLE,
    REPAIR,
    DropClock,
    SetClock,
    silent_since,
)
from leadloom.domain.stages.scoring import cools_at
from leadloom.domain.stages.stage_walk import promise_due
from leadloom.domain.standing import Clock, Standing

_NEARLY = timedelta(seconds=1)
"""A decayed sum meets its threshold only up to rounding; without this the cooling clock could ring twice."""

_WAITING_FOR = {
    COOLING: "engagement to cool",
    INACTIVITY: "a response",
    RECYCLE: "the date to come back",
    REPAIR: "the data to be repaired",
    PROMISE: "the promise to be kept",
    OPT_IN_EXPIRY: "their confirmation",
}


class LifecycleWait(Value):
    """The one thing the lifecycle sleeps for."""

    until: Instant
    waiting_for: str


class Due(Value):
    """What one look at the clocks says to do: write `clocks`, record `drafts`, and after drafts look again."""

    drafts: tuple[EventDraft, ...] = ()
    """Oldest first; each has a key, so that recording it twice is once."""
    clocks: tuple[SetClock | DropClock, ...] = ()
    """To be written before the drafts are recorded, because what follows from them may set the same clocks."""
    wait: LifecycleWait | None = None
    """None: no clock is left, the lifecycle completes."""


def due(definition: Definition, standing: Standing, *, clocks: Iterable[Clock], at: datetime) -> Due:
    """Ring what is due at `at`. With nothing due it answers the same wait however often it is asked."""
    left = {clock.kind: clock for clock in clocks}
    rung: list[Due] = []
    for clock in sorted(left.values(), key=lambda each: (each.due_at, each.kind)):
        if clock.due_at <= at:
            rung.append(_ring(definition, standing, clock=clock, pending=tuple(left.values()), at=at))
    for change in (change for one in rung for change in one.clocks):
        if isinstance(change, SetClock):
            left[change.kind] = Clock(kind=change.kind, due_at=change.due_at, data=change.data)
        else:
            left.pop(change.kind, None)
    return Due(
        drafts=tuple(draft for one in rung for draft in one.drafts),
        clocks=tuple(change for one in rung for change in one.clocks),
        wait=_next_wait(left.values()),
    )


def _ring(definition: Definition, standing: Standing, *, clock: Clock, pending: tuple[Clock, ...], at: datetime) -> Due:
    name, _, track = clock.kind.partition(":")
    gone = DropClock(kind=clock.kind)
    match name:
        case "recycle" | "repair":
            draft = _event(clock, "recycle_due", {**clock.data, "track": track})
            return Due(drafts=(draft,), clocks=(gone,))
        case "cooling":
            real = cools_at(standing.entries, definition.half_life, threshold=definition.cooling_below, at=at)
            if real is not None and real - at > _NEARLY:
                return Due(clocks=(SetClock(kind=clock.kind, due_at=real),))
            return Due(drafts=(_event(clock, "cooled"),), clocks=(gone,))
        case "inactivity":
            return _silence(definition, standing, clock=clock, pending=pending, at=at)
        case "promise":
            return _promise(definition, standing, clock=clock, track=track, at=at)
        case "opt-in-expiry":
            # A yes by another way (their preference page) answers the question, too.
            drafts = (_event(clock, OPT_IN_EXPIRED),) if lapsed(standing.bases, at) else ()
            return Due(drafts=drafts, clocks=(gone,))
        case _:
            return Due(clocks=(gone,))


def _silence(
    definition: Definition, standing: Standing, *, clock: Clock, pending: tuple[Clock, ...], at: datetime
) -> Due:
    """The rows know better than the timer: a later response, return or recycle date moves the clock."""
    since = silent_since(definition, standing, clocks=pending, at=at)
    if since is None:
        return Due(clocks=(DropClock(kind=clock.kind),))
    if since + definition.inactive_after > at:
        return Due(clocks=(SetClock(kind=clock.kind, due_at=since + definition.inactive_after),))
    return Due(drafts=(_event(clock, "went_inactive"),), clocks=(DropClock(kind=clock.kind),))


def _promise(definition: Definition, standing: Standing, *, clock: Clock, track: str, at: datetime) -> Due:
    """The stage keeps its name and gets a new deadline, so a broken promise is asked about again, never dropped."""
    stage = standing.stages.get(track)
    promise = definition.stage(stage).promise if stage else None
    if stage is None or promise is None:
        return Due(clocks=(DropClock(kind=clock.kind),))
    again = promise_due(definition, promise, owner=standing.owner, at=at)
    missed: dict[str, Json] = {"promise": promise, "track": track, "stage": stage, "owner": standing.owner}
    draft = _event(clock, "promise_missed", missed)
    return Due(drafts=(draft,), clocks=(SetClock(kind=clock.kind, due_at=again, data=clock.data),))


def _event(clock: Clock, kind: str, data: dict[str, Json] | None = None) -> EventDraft:
    return EventDraft(
        kind=kind,
        at=clock.due_at,
        key=f"clock/{clock.kind}/{clock.due_at.isoformat()}",
        actor="system",
        data=data or {},
    )


def _next_wait(clocks: Iterable[Clock]) -> LifecycleWait | None:
    first = min(clocks, key=lambda clock: (clock.due_at, clock.kind), default=None)
    if first is None:
        return None
    name = first.kind.partition(":")[0]
    return LifecycleWait(until=first.due_at, waiting_for=_WAITING_FOR.get(name, name.replace("-", " ")))
