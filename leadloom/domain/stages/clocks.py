"""Which clocks does a lead's lifecycle hold after something happened?

Kinds: `cooling`, `inactivity`, `opt-in-expiry`, and one per track of `recycle:<track>`, `repair:<track>`,
`promise:<track>`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from pydantic import Field

from leadloom.domain.consent.confirmation import CONFIRMATION_ASKED, OPT_IN_CONFIRMED
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.lead import Event, Verdict
from leadloom.domain.model import Instant, Json, Value
from leadloom.domain.stages.scoring import cools_at
from leadloom.domain.stages.stage_walk import StageChange
from leadloom.domain.standing import Clock, Standing

COOLING, INACTIVITY, OPT_IN_EXPIRY = "cooling", "inactivity", "opt-in-expiry"
RECYCLE, REPAIR, PROMISE = "recycle", "repair", "promise"


class SetClock(Value):
    """Set this clock, whether it was set before or not."""

    kind: str
    due_at: Instant
    data: dict[str, Json] = Field(default_factory=dict)
    """What its event will need: `reason`, `hand_off`, `owner`."""


class DropClock(Value):
    """Forget this clock."""

    kind: str


_NO_COOLING, _NO_INACTIVITY = DropClock(kind=COOLING), DropClock(kind=INACTIVITY)


def per_track(name: str, track: str) -> str:
    """The kind of a clock that each track has its own of: `recycle:expansion`."""
    return f"{name}:{track}"


def is_per_track(kind: str) -> bool:
    """Whether a clock of this kind belongs to a track, whose stage may wait for it."""
    return ":" in kind


def has_own_date(clock: SetClock) -> bool:
    """Whether somebody agreed on its date (a recycle date, a promise); the others count from what the lead did."""
    return clock.kind.partition(":")[0] in (RECYCLE, REPAIR, PROMISE)


def rearm(
    definition: Definition,
    before: Standing,
    *,
    after: Standing,
    events: Sequence[Event],
    changes: Sequence[StageChange],
    at: datetime,
) -> tuple[SetClock | DropClock, ...]:
    """The clocks to set or drop, at most one line per kind; nothing for a clock that stays as it is."""
    held = {clock.kind: clock for clock in before.clocks}
    wanted = (
        *_cooling(definition, before, after, events, at),
        *_inactivity(definition, after, events, changes, at),
        *_of_stages(definition, held, changes),
        *_opt_in(events),
    )
    return tuple(clock for clock in wanted if _changes_something(held.get(clock.kind), clock))


def needs_lifecycle(
    definition: Definition,
    held: Iterable[Clock],
    *,
    clocks: Iterable[SetClock | DropClock],
    changes: Iterable[StageChange],
) -> bool:
    """Law 5: the lifecycle hears only of a crossed gate, a new clock, or one that moved earlier.

    A clock that moved later, or is gone, needs no word: the timer fires, reads the rows and waits again.
    """
    due = {clock.kind: clock.due_at for clock in held}
    sooner = any(
        isinstance(clock, SetClock) and (clock.kind not in due or clock.due_at < due[clock.kind]) for clock in clocks
    )
    return sooner or any(definition.stage(change.to_stage).kind == "gate" for change in changes)


def _changes_something(held: Clock | None, clock: SetClock | DropClock) -> bool:
    if isinstance(clock, DropClock):
        return held is not None
    return held is None or (held.due_at, held.data) != (clock.due_at, clock.data)


def _cooling(
    definition: Definition, before: Standing, after: Standing, events: Sequence[Event], at: datetime
) -> Iterator[SetClock | DropClock]:
    """Who is warm holds this clock, nobody else does; it rings at the very instant engagement is at the threshold."""
    if not after.is_warm:
        yield _NO_COOLING
    elif len(after.entries) > len(before.entries):
        due = cools_at(after.entries, definition.half_life, threshold=definition.cooling_below, at=at)
        yield SetClock.built(kind=COOLING, due_at=due or at)


def _inactivity(
    definition: Definition,
    after: Standing,
    events: Sequence[Event],
    changes: Sequence[StageChange],
    at: datetime,
) -> Iterator[SetClock | DropClock]:
    """Counts from the last response, and anew from a return to a stage that can go quiet."""
    if not any(can_go_quiet(definition, stage) for stage in after.stages.values()):
        yield _NO_INACTIVITY
        return
    answered = [event.at for event in events if is_response(definition, event)]
    returned = [at for change in changes if can_go_quiet(definition, change.to_stage)]
    if since := max((*answered, *returned), default=None):
        yield SetClock.built(kind=INACTIVITY, due_at=since + definition.inactive_after)


def is_response(definition: Definition, event: Event) -> bool:
    """Whether a person answered us with it."""
    return event.verdict is Verdict.HUMAN and definition.events[event.kind].response


def can_go_quiet(definition: Definition, stage: str) -> bool:
    """Whether silence in this stage ends in `inactive`."""
    # Who never answered can't fall silent, and starting a clock for each imported row would start a workflow for it.
    return stage != definition.first_stage and definition.named(Part.QUIET) in definition.stage(stage).next


def silent_since(
    definition: Definition, standing: Standing, *, clocks: Iterable[Clock], at: datetime
) -> datetime | None:
    """From when the lead's silence counts: their last response, their return to a stage where silence counts, or a date
    to come back that is still ahead. None where it counts nowhere.

    `standing.recent` may be cut at `inactive_after`: who said nothing in it has been silent for so long.
    """
    quiet = [track for track, stage in standing.stages.items() if can_go_quiet(definition, stage)]
    if not quiet:
        return None
    answered = [event.at for event in standing.recent if is_response(definition, event)]
    returned = [standing.since[track] for track in quiet if track in standing.since]
    dates = [other.due_at for other in clocks if other.kind.startswith((RECYCLE, REPAIR)) and other.due_at > at]
    return max((*answered, *returned, *dates), default=at - definition.inactive_after)


def _opt_in(events: Sequence[Event]) -> Iterator[SetClock | DropClock]:
    """A ticked box is waited for until its date; the newest one counts. Without a date nothing was asked by us."""
    for event in reversed(events):
        if event.verdict is not Verdict.HUMAN:
            continue
        if event.kind == CONFIRMATION_ASKED and "until" in event.data:
            yield SetClock.built(kind=OPT_IN_EXPIRY, due_at=datetime.fromisoformat(str(event.data["until"])))
            return
        if event.kind == OPT_IN_CONFIRMED:
            yield DropClock.built(kind=OPT_IN_EXPIRY)
            return


def _of_stages(
    definition: Definition, held: Collection[str], changes: Sequence[StageChange]
) -> Iterator[SetClock | DropClock]:
    """Promise and recycle clocks follow the stage a track ends up in."""
    for track, change in {change.track: change for change in changes}.items():
        if change.waits_until is None and not held:
            continue  # nothing to wait for and nothing to forget: each new lead of a list
        holds = _clock_of(definition, change)
        for name in (RECYCLE, REPAIR, PROMISE):
            kind = per_track(name, track)
            if name == holds and change.waits_until:
                yield SetClock.built(kind=kind, due_at=change.waits_until, data=_data(definition, change))
            elif kind in held:
                yield DropClock.built(kind=kind)


def _clock_of(definition: Definition, change: StageChange) -> str:
    if change.to_stage != definition.named(Part.RETURNED):
        return PROMISE
    reason = definition.reject_reasons.get(change.reason)
    return REPAIR if reason and reason.then == "repair" else RECYCLE


def _data(definition: Definition, change: StageChange) -> dict[str, Json]:
    if change.to_stage != definition.named(Part.RETURNED):
        return {"stage": change.to_stage}
    return {"reason": change.reason, "hand_off": change.evidence.get("hand_off"), "owner": change.evidence.get("owner")}
