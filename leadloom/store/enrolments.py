"""Where does each run stand, and what does its next look write? One transaction from one wait to the next (§4.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never

from leadloom.domain.definition import Definition
from leadloom.domain.errors import Conflict
from leadloom.domain.facts import Facts, Progress
from leadloom.domain.journey import Journey
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import EnrolmentId, Instant, Json, LeadId, Value
from leadloom.domain.progress import Call, Do, Finish, PlanMail, RaiseHandOff, RecordEvent, Skip, Wait, next_move
from leadloom.domain.stage_walk import OpenHandOff
from leadloom.domain.wake import run_looks
from leadloom.store import calendars, events, hand_offs, messages, owners, published, run_facts
from leadloom.store.advanced import Advanced
from leadloom.store.published import Book
from leadloom.store.run_facts import RunStanding
from leadloom.store.tx import Tx

LONGEST_ERROR = 500
_ADDRESS = re.compile(r"\S+@\S+")


class Step(Value):
    """One decision of a run."""

    no: int
    step: str
    visit: int
    at: Instant
    did: str
    why: dict[str, Json]


class RunRow(Value):
    """A run as the lead's page shows it."""

    enrolment_id: EnrolmentId
    journey: str
    journey_hash: str | None
    entered_at: Instant
    entered_by: str
    status: Literal["active", "finished", "exited"]
    waiting_for: str | None
    waits_until: Instant | None
    outcome: str | None
    ended_at: Instant | None
    blocked_at: Instant | None
    error: str | None


async def advance(tx: Tx, enrolment_id: EnrolmentId, *, book: Book, at: datetime) -> Advanced:
    """Do everything the run can do at `at`, and answer what it waits for.

    Called twice, late, or by two workers at once it changes nothing twice and answers the same: the lead-row lock puts
    callers in a row, and progress moves in the transaction of its effects. Raises NotFound.
    """
    run = await _locked(tx, enrolment_id)
    journey = await _journey(tx, run)
    facts = await run_facts.read(tx, run, journey, book=book, at=at)
    while run.status == "active":
        match move := next_move(journey, run.progress, facts, at):
            case Do():
                run = await _do(tx, run, journey, move, facts, book=book, at=at)
                facts = await run_facts.after(tx, move.effect, facts, run, journey, book=book, at=at)
            case Wait():
                await _save_wait(tx, run, move, at)
                return Advanced(kind="wait", until=move.until, waiting_for=move.waiting_for)
            case Call():
                await _save(tx, run, run.progress, waiting_for=f"the outside effect {move.activity}", until=at)
                words = f"the outside effect {move.activity}"
                return Advanced(
                    kind="call", waiting_for=words, activity=move.activity, step=move.step, visit=move.visit
                )
            case Finish():
                await _log(tx, run, f"finished: {move.outcome}", move.why, at)
                await _finish(tx, run, move.outcome, at)
                return Advanced(kind="done", waiting_for=move.outcome)
            case _:
                assert_never(move)
    return Advanced(kind="done", waiting_for=run.outcome or run.status)


async def called(tx: Tx, enrolment_id: EnrolmentId, step: str, visit: int, *, book: Book, at: datetime) -> None:
    """The outside effect of a step has happened: the run goes on behind it. Twice, or for another step, is nothing."""
    run = await _locked(tx, enrolment_id)
    if run.status != "active":
        return
    journey = await _journey(tx, run)
    facts = await run_facts.read(tx, run, journey, book=book, at=at)
    move = next_move(journey, run.progress, facts, at)
    if isinstance(move, Call) and (move.step, move.visit) == (step, visit):
        await _log(tx, run, f"called {move.activity}", {}, at)
        await _save(tx, run, move.then, waiting_for="its next step", until=at)


async def block(tx: Tx, enrolment_id: EnrolmentId, error: str, *, at: datetime) -> None:
    """A step failed three times: the run counts as stuck, with its error, until `unblock`. Not for ended runs."""
    words = _ADDRESS.sub("(address)", error)[:LONGEST_ERROR]
    await tx.run("block_run", enrolment_id=enrolment_id, error=words, at=at)


async def unblock(tx: Tx, enrolment_id: EnrolmentId, *, at: datetime) -> None:
    """Let a blocked run try again at once. Raises Conflict when it isn't blocked."""
    workflow: str | None = await tx.value("unblock_run", enrolment_id=enrolment_id, at=at)
    if workflow is None:
        raise Conflict(f"Run {enrolment_id} is not blocked: there is nothing to retry.")
    tx.look_again(run_looks(enrolment_id, workflow))


async def wake_overdue(tx: Tx, *, overdue_since: datetime, limit: int = 500) -> int:
    """Repair: tell runs whose deadline passed unnoticed to look again. Answers how many."""
    rows = await tx.all("overdue_runs", overdue_since=overdue_since, page_limit=limit)
    for row in rows:
        tx.look_again(run_looks(row["enrolment_id"], row["workflow"]))
    return len(rows)


async def of_lead(tx: Tx, lead_id: LeadId) -> tuple[RunRow, ...]:
    """All runs of a lead, newest first."""
    return tuple(RunRow(**row) for row in await tx.all("runs_of_lead", lead_id=lead_id))


async def steps(tx: Tx, enrolment_id: EnrolmentId) -> tuple[Step, ...]:
    """What a run decided and why, in order."""
    return tuple(Step(**row) for row in await tx.all("steps_of_run", enrolment_id=enrolment_id))


async def _locked(tx: Tx, enrolment_id: EnrolmentId) -> RunStanding:
    owner = await tx.one("lead_of_run", enrolment_id=enrolment_id)
    await calendars.lock(tx, [owner["lead_id"]])
    # A new statement, so a new snapshot: what the caller before us wrote is seen.
    return RunStanding(**await tx.one("run_standing", enrolment_id=enrolment_id))


async def _journey(tx: Tx, run: RunStanding) -> Journey:
    if run.journey_hash is None:
        raise Conflict(f"Run {run.enrolment_id} of {run.journey} is a journey as code: its workflow moves it.")
    return await published.journey(tx, run.journey_hash)


async def _do(
    tx: Tx, run: RunStanding, journey: Journey, move: Do, facts: Facts, *, book: Book, at: datetime
) -> RunStanding:
    """Apply one effect; the run afterwards, which an event it recorded itself may have ended."""
    step, visit = run.progress.step, run.progress.visits.get(run.progress.step, 1)
    match effect := move.effect:
        case PlanMail():
            await messages.ask(tx, await _mail(tx, run, journey, effect, book.definition), book=book, at=at)
            did = f"asked for the mail {effect.mail}"
        case RaiseHandOff():
            why = (f"{journey.name}: {journey.purpose}",)
            order = OpenHandOff(kind=effect.kind, track=journey.track, asked_by=f"journey:{journey.name}", why=why)
            await hand_offs.open(tx, run.lead_id, order, book=book, at=at)
            did = f"raised the hand-off {effect.kind}"
        case RecordEvent():
            key = f"run:{run.enrolment_id}:{step}:{visit}"
            draft = EventDraft(kind=effect.kind, at=at, key=key, actor="system", data={"journey": journey.name})
            await events.record(tx, run.lead_id, [draft], book=book, at=at)
            did = f"recorded {effect.kind}"
        case Skip():
            did = effect.why
        case _:
            assert_never(effect)
    await _log(tx, run, did, move.why, at)
    status = RunStanding(**await tx.one("run_standing", enrolment_id=run.enrolment_id))
    return status.model_copy(update={"progress": move.then})


async def _mail(
    tx: Tx, run: RunStanding, journey: Journey, plan: PlanMail, definition: Definition
) -> messages.MessageOrder:
    """The order of a planned mail: `owner` becomes who has the lead, or whom it is offered to, or the manager."""
    in_charge: str | None = await tx.value("owner_in_charge", lead_id=run.lead_id)
    own = in_charge or definition.routing.manager
    notified = own if plan.to == "owner" else plan.to
    reader = await owners.named(tx, notified) if notified else None
    return messages.MessageOrder(
        lead_id=run.lead_id,
        owner_id=reader.owner_id if reader else None,
        enrolment_id=run.enrolment_id,
        step=plan.step,
        visit=plan.visit,
        journey=journey.name,
        mail=plan.mail,
        mail_class=plan.mail_class,
        sender=own if plan.sender == "owner" else plan.sender,
        worth=plan.worth,
    )


async def _save_wait(tx: Tx, run: RunStanding, move: Wait, at: datetime) -> None:
    # Only a new wait is logged: a run that looks again because its deadline moved has decided nothing.
    if run.waiting_for != move.waiting_for:
        why: dict[str, Json] = {"until": move.until.isoformat(), "listens": list(move.listens)}
        await _log(tx, run, f"waits for {move.waiting_for}", why, at)
    await _save(tx, run, move.progress, waiting_for=move.waiting_for, until=move.until, listens=move.listens)


async def _save(
    tx: Tx, run: RunStanding, progress: Progress, *, waiting_for: str, until: datetime, listens: Sequence[str] = ()
) -> None:
    await tx.run(
        "save_wait",
        enrolment_id=run.enrolment_id,
        progress=progress.model_dump(mode="json"),
        waiting_for=waiting_for,
        waits_until=until,
        listens=list(listens),
    )


async def _finish(tx: Tx, run: RunStanding, outcome: str, at: datetime) -> None:
    progress = run.progress.model_dump(mode="json")
    values = {"enrolment_id": run.enrolment_id, "status": "finished", "outcome": outcome, "progress": progress}
    await tx.run("end_run", **values, at=at)


async def _log(tx: Tx, run: RunStanding, did: str, why: dict[str, Json], at: datetime) -> None:
    step = run.progress.step
    visit = run.progress.visits.get(step, 1)
    await tx.run("log_step", enrolment_id=run.enrolment_id, step=step, visit=visit, at=at, did=did, why=why)
