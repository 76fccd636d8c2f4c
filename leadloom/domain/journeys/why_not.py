"""Why did a lead not come into a journey, or not come to a step of it? Told from what the very deciders answered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from leadloom.domain.facts import Facts, Progress
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import holds, looked_at, words
from leadloom.domain.journeys.entry import StaysOut
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_paths import followers
from leadloom.domain.journeys.moves import Call, Finish, Wait
from leadloom.domain.journeys.progress import next_move
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.journeys.turns import next_turn
from leadloom.domain.journeys.why_not_codes import Code, WhyNot, answer
from leadloom.domain.model import Json

_FIELD_ASKS = ("is_", "one_of", "at_least", "at_most", "contains", "past", "ahead")
_EVENT_ASKS = ("within", "times", "data")


class Decided(NamedTuple):
    """One row of a run's log."""

    step: str
    at: datetime
    did: str
    why: dict[str, Json]


def stays_out(against: StaysOut, condition: Condition | None, facts: Facts, at: datetime) -> WhyNot:
    """What the door said. Of a condition the very part that does not hold is named."""
    if against.code.value == Code.CONDITION and condition is not None:
        return not_so(condition, facts, at)
    return answer(Code(against.code.value), against.why, against.values, earliest=against.not_before)


def not_so(condition: Condition, facts: Facts, at: datetime, *, code: Code = Code.CONDITION) -> WhyNot:
    """The first part of the condition that does not hold, what it saw, and when time alone may change that."""
    part = first_failing(condition, facts, at) or condition
    turn = next_turn(part, facts, at)
    return answer(code, f"this isn't so: {words(part)}", looked_at(part, facts, at), earliest=turn, when="it is so")


def first_failing(condition: Condition, facts: Facts, at: datetime) -> Condition | None:
    """The smallest part that does not hold and so keeps the whole from holding; None when it holds."""
    failing = next((part for part in _parts(condition) if not holds(part, facts, at)), None)
    if failing is None:
        return None
    nested = (first_failing(one, facts, at) for one in failing.all or ())
    return next((one for one in nested if one is not None), failing)


def _parts(condition: Condition) -> Iterator[Condition]:
    """All that must hold at once, each as a condition of its own."""
    said = {name: getattr(condition, name) for name in type(condition).model_fields}
    asked = {name: value for name, value in said.items() if value is not None}
    for name in asked:
        if name in _FIELD_ASKS or name in _EVENT_ASKS:
            continue
        along = _FIELD_ASKS if name == "field" else _EVENT_ASKS if name == "event" else ()
        yield Condition.built(**{each: asked[each] for each in (name, *along) if each in asked})


def at_step(journey: Journey, run: Progress, facts: Facts, at: datetime, targets: Collection[str]) -> WhyNot:
    """Why an open run is not at one of the steps yet: what its next look would answer. `targets` lie ahead of it."""
    match move := next_move(journey, run, facts, at):
        case Wait():
            return _waits(journey, run, facts, move, targets)
        case Call():
            why = f"the outside effect {move.activity} of step {run.step} has not happened"
            return answer(Code.WAITS, why, {"step": run.step}, when="it happens")
        case Finish():
            return answer(Code.ENDED, f"the run ends at its next look: {move.outcome}", move.why)
        case _:
            return answer(Code.NEXT_LOOK, f"the run stands at {run.step} and is due", {"step": run.step}, earliest=at)


def _waits(journey: Journey, run: Progress, facts: Facts, move: Wait, targets: Collection[str]) -> WhyNot:
    values: dict[str, Json] = {"step": run.step, "waits for": move.waiting_for, "until": move.until.isoformat()}
    if facts.paused is not None:
        return answer(Code.JOURNEY_PAUSED, f"the journey is paused: the run waits for {move.waiting_for}", values)
    if move.progress.awaits_turn and facts.busy_with is not None:
        why = f"the journey {facts.busy_with} has the lead"
        return answer(Code.GROUP_TURN, why, values | {"busy with": facts.busy_with})
    step = journey.step(run.step)
    ways = step.ways(journey.after(run.step))
    open_ways = [way for way in ways if leads_to(journey, way.to, targets)]
    by_time = any(way.late for way in open_ways) or not any(way.late for way in ways)
    by_event = move.waiting_for if len(ways) > 1 and any(not way.late for way in open_ways) else None
    why = f"the run stands at {run.step} and waits for {move.waiting_for}"
    return answer(Code.WAITS, why, values, earliest=move.until if by_time else None, when=by_event)


def leads_to(journey: Journey, step: str, targets: Collection[str]) -> bool:
    """Whether a run that stands at a step, or will, can come to one of the targets; there is there."""
    return bool(followers(journey, step) & set(targets))


def parted(journey: Journey, log: Sequence[Decided], ended_at: str, targets: Collection[str]) -> WhyNot | None:
    """The decision by which a run lost its way to the targets; None when it lost none.

    Args:
        journey: The version it runs by.
        log: Oldest first.
        ended_at: Where it stands now, or stood last.
        targets: Step ids.
    """
    if not log:
        return None
    stood = [*(row.step for row in log[1:]), ended_at]
    for row, then in zip(log, stood, strict=True):
        left = then != row.step
        if left and leads_to(journey, row.step, targets) and not leads_to(journey, then, targets):
            values = {"step": row.step, "at": row.at.isoformat(), **row.why}
            return answer(_how(row, targets), f"at {row.step}: {row.did}", values)
    return None


def _how(row: Decided, targets: Collection[str]) -> Code:
    if row.step not in targets:
        return Code.BRANCHED
    return Code.STEP_EXPIRED if row.did.startswith("expired: ") else Code.SKIPPED


def ended(outcome: str, at: datetime | None, step: str) -> WhyNot:
    """The run is over, and how."""
    where = "at its end" if step == END else f"at {step}"
    on = f" on {at:%Y-%m-%d %H:%M} UTC" if at else ""
    return answer(Code.ENDED, f"the run ended {where}{on}: {outcome}", {"outcome": outcome, "step": step})
