"""What does each effect of a journey's step write? All in the transaction that moves the run, so twice is once."""

from __future__ import annotations

from typing import assert_never

from leadloom.domain.errors import Conflict
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.runs import ExitRun
from leadloom.domain.lead import EventDraft, Lead
from leadloom.domain.model import Json
from leadloom.domain.stages.ledger import POINTS_GIVEN
from leadloom.domain.stages.stage_moves import STAGE_GIVEN
from leadloom.domain.stages.stage_walk import OpenHandOff
from leadloom.store import entering, events, hand_offs, listeners, runs, standing, tasks
from leadloom.store.course import Course
from leadloom.store.published import Book
from leadloom.store.tx import Tx, row_of

_COLUMNS = frozenset(Lead.model_fields) - {
    "lead_id", "account_id", "owner_id", "email", "created_at", "attributes",
}  # fmt: skip
"""Fields of a lead with a column of their own that a journey may set; all other names are attributes."""

Plain = (
    moves.RaiseHandOff
    | moves.RecordEvent
    | moves.SetField
    | moves.PutTag
    | moves.GivePoints
    | moves.MoveStage
    | moves.OpenTask
    | moves.CloseTask
    | moves.StartRun
    | moves.StopRun
)
"""Effects that aren't mails."""


async def apply(tx: Tx, course: Course, effect: Plain, *, book: Book) -> str:  # noqa: C901  one arm an effect
    """Write the effect of the step the run stands at, under its lead's lock; what was done, in words.

    Raises NotFound for an owner nobody knows, BadInput for an event the definition lacks.
    """
    match effect:
        case moves.RaiseHandOff():
            return await _raise(tx, course, effect, book)
        case moves.RecordEvent():
            await _record(tx, course, effect.kind, {"journey": course.journey.name}, book)
            return f"recorded {effect.kind}"
        case moves.SetField():
            return await _set(tx, course, effect)
        case moves.PutTag():
            return await _tag(tx, course, effect)
        case moves.GivePoints():
            data: dict[str, Json] = {"points": effect.points, "why": effect.why, "journey": course.journey.name}
            await _record(tx, course, POINTS_GIVEN, data, book)
            return f"gave {effect.points:g} points: {effect.why}"
        case moves.MoveStage():
            return await _move(tx, course, effect, book)
        case moves.OpenTask():
            owner = await tasks.give(tx, course, effect, book=book)
            return f"asked {owner.handle}: {effect.words}"
        case moves.CloseTask():
            key = {"enrolment_id": course.run.enrolment_id, "step": effect.step, "visit": effect.visit}
            await tx.run("close_task", **key, at=course.at)
            return "took the task back: there was no answer in time"
        case moves.StartRun():
            return await entering.by_journey(tx, course, effect, book=book)
        case moves.StopRun():
            return await _stop(tx, course, effect)
        case _:
            assert_never(effect)


async def _raise(tx: Tx, course: Course, effect: moves.RaiseHandOff, book: Book) -> str:
    journey = course.journey
    why = (f"{journey.name}: {journey.purpose}",)
    order = OpenHandOff(kind=effect.kind, track=journey.track, asked_by=f"journey:{journey.name}", why=why)
    await hand_offs.open(tx, course.run.lead_id, order, book=book, at=course.at)
    return f"raised the hand-off {effect.kind}"


async def _record(tx: Tx, course: Course, kind: str, data: dict[str, Json], book: Book) -> None:
    run = course.run
    step = run.progress.step
    key = f"run:{run.enrolment_id}:{step}:{run.progress.visits.get(step, 1)}"
    draft = EventDraft(kind=kind, at=course.at, key=key, actor="system", data=data)
    await events.record(tx, run.lead_id, [draft], book=book, at=course.at)


async def _set(tx: Tx, course: Course, effect: moves.SetField) -> str:
    lead = course.facts.lead
    if effect.field in _COLUMNS:
        must_be_known = effect.field == "language"
        if not isinstance(effect.value, str) and (effect.value is not None or must_be_known):
            raise Conflict(f"{effect.field} is a text: step {course.run.progress.step} can't set it to {effect.value}.")
        told = lead.but(**{effect.field: effect.value})
    else:
        kept = {name: value for name, value in lead.attributes.items() if name != effect.field}
        told = lead.but(attributes=kept if effect.value is None else {**kept, effect.field: effect.value})
    await tx.run("tell_leads", rows=[row_of(told)])
    await listeners.changed(tx, [lead.lead_id], but=course.run.enrolment_id)
    return f"noted that {effect.field} is {'not known' if effect.value is None else effect.value}"


async def _tag(tx: Tx, course: Course, effect: moves.PutTag) -> str:
    lead_id = course.run.lead_id
    await listeners.changed(tx, [lead_id], but=course.run.enrolment_id)
    if effect.remove:
        await tx.run("take_tag", lead_id=lead_id, tag=effect.tag)
        return f"took off the tag {effect.tag}"
    by = f"journey:{course.journey.name}"
    await tx.run("put_tag", lead_id=lead_id, tag=effect.tag, at=course.at, by=by)
    return f"tagged: {effect.tag}"


async def _move(tx: Tx, course: Course, effect: moves.MoveStage, book: Book) -> str:
    track = course.journey.track
    said: dict[str, Json] = {"to": effect.to, "why": effect.why, "reason": effect.reason}
    data = {**said, "track": track, "journey": course.journey.name}
    await _record(tx, course, STAGE_GIVEN, data, book)
    lead_id = course.run.lead_id
    now = {row["track"]: row["stage"] for row in await tx.all("stages_of_leads", lead_ids=[lead_id])}
    if now.get(track, book.definition.first_stage) == effect.to:
        return f"the lead is at {effect.to}: {effect.why}"
    return f"the definition lets no lead go from {now.get(track, book.definition.first_stage)} to {effect.to}"


async def _stop(tx: Tx, course: Course, effect: moves.StopRun) -> str:
    rows = await tx.all("other_runs_of_leads", lead_ids=[course.run.lead_id])
    open_runs = [
        row["enrolment_id"]
        for row in rows
        if row["journey"] == effect.journey
        and row["status"] == standing.ACTIVE
        and row["enrolment_id"] != course.run.enrolment_id
    ]
    await runs.leave(tx, [ExitRun(enrolment_id=one, outcome=effect.outcome) for one in open_runs], at=course.at)
    return f"ended {effect.journey}" if open_runs else f"{effect.journey} was not under way"
