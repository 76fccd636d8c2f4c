"""Another definition comes into force: whom does it judge otherwise than the one before, and where do they go?

Points earned stay as they were earned; the new thresholds, half-life and fit table look at them. Only whom the two
versions judge differently is moved, so a lead that only cooled since isn't blamed on the definition. Whom somebody was
asked to answer for stays: what was promised under the old words is kept. Decision 0036 says why.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.lead import Event, EventDraft, Verdict
from leadloom.domain.model import LeadId, Value
from leadloom.domain.stages.qualification import GateDecision
from leadloom.domain.stages.stage_moves import DEFINITION_CHANGED, gate_now, moves
from leadloom.domain.stages.stage_walk import OpenHandOff, StageChange
from leadloom.domain.standing import Standing

Case = Literal["moves", "offered", "joins a deal", "held back", "just misses"]
"""`offered`: wouldn't pass any more, and stays, because somebody has been asked to answer. `held back`: would pass, and
something needed is missing. `just misses`: one thing is lacking under the new version."""

CASE_WORDS: dict[Case, str] = {
    "moves": "would move",
    "offered": "would not pass any more, and stay: somebody has been asked to answer for them",
    "joins a deal": "would pass, and join the open deal of their company",
    "held back": "would pass, and what the stage needs is missing",
    "just misses": "would miss the gate by one thing",
}


class Verdicts(Value):
    """How a lead stands to the gate under two versions."""

    lead_id: LeadId
    case: Case
    track: str
    from_stage: str
    to_stage: str | None = None
    """Where it goes; None stays."""
    why: tuple[str, ...]
    """Under the new version."""
    hand_off: OpenHandOff | None = None
    changes: tuple[StageChange, ...] = ()


def stages_to_judge(*definitions: Definition) -> tuple[str, ...]:
    """The stages whose leads a changed gate may move: before it on the way, or in it."""
    found: list[str] = []
    for definition in definitions:
        ready = definition.named(Part.READY)
        found += [ready, *(stage.name for stage in definition.stages if ready in stage.next and not stage.detour)]
    return tuple(dict.fromkeys(found))


def changed(version: int, *, offered: bool, at: datetime) -> EventDraft:
    """What happens to a lead that is moved; told twice it is once."""
    return EventDraft(
        kind=DEFINITION_CHANGED,
        at=at,
        key=f"definition/{version}",
        actor="system",
        data={"version": version, "offered": offered},
    )


def judged(
    before: Definition, after: Definition, standing: Standing, *, version: int, offered: bool, at: datetime
) -> Verdicts | None:
    """What the coming into force of `after` means for a lead; None when nothing, and nothing is to be looked at."""
    if before is after:
        return None
    was, now = gate_now(before, standing, at), gate_now(after, standing, at)
    track = _at_gate(after, standing)
    if track is None:
        return None
    if was.passed == now.passed:
        misses = not now.passed and len(now.why) == 1 and was.why != now.why
        return _verdict(standing, track, "just misses", now) if misses else None
    is_ready = standing.stages[track] == after.named(Part.READY)
    if is_ready and now.passed:
        return None  # stands where it belongs
    draft = changed(version, offered=offered, at=at)
    event = Event.built(
        lead_id=standing.lead.lead_id, no=standing.last_event_no + 1, verdict=Verdict.HUMAN, channel=None, credit=None,
        **{name: getattr(draft, name) for name in ("kind", "at", "key", "actor", "data")},
    )  # fmt: skip
    heard = standing.but(recent=(*standing.recent, event), last_event_no=event.no)
    step = moves(after, heard, event=event, at=at)
    if step.changes:
        last = step.changes[-1]
        verdict = _verdict(standing, last.track, "moves", now, from_stage=step.changes[0].from_stage)
        return verdict.but(
            to_stage=last.to_stage, hand_off=next(iter(step.hand_offs), None), changes=tuple(step.changes)
        )
    if now.passed:
        case: Case = "joins a deal" if step.joins_deal else "held back"
        why = (*now.why, *(line.why for line in step.ignored))
        return _verdict(standing, track, case, now).but(why=why)
    return _verdict(standing, track, "offered", now) if is_ready and offered else None


def _at_gate(definition: Definition, standing: Standing) -> str | None:
    """The track in which the lead stands before the gate or in it."""
    stages = stages_to_judge(definition)
    return next((track for track, stage in standing.stages.items() if stage in stages), None)


def _verdict(
    standing: Standing, track: str, case: Case, decision: GateDecision, *, from_stage: str | None = None
) -> Verdicts:
    lead_id = standing.lead.lead_id
    return Verdicts(
        lead_id=lead_id, case=case, track=track, from_stage=from_stage or standing.stages[track], why=decision.why
    )
