"""Where does each run stand, and what does its next look write? One transaction from one wait to the next (§4.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from leadloom.domain.errors import Conflict
from leadloom.domain.facts import SentMail
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import Do, PlanMail, Skip
from leadloom.domain.model import EnrolmentId, Instant, Json, LeadId, MessageId, Value
from leadloom.domain.wake import run_looks
from leadloom.store import asking, calendars, effects, owners, published, reviews, run_facts, standing
from leadloom.store.advanced import Advanced
from leadloom.store.asking import MessageOrder
from leadloom.store.calendars import Whom
from leadloom.store.course import Course
from leadloom.store.published import Book
from leadloom.store.run_facts import Reader, RunStanding
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
    run, whom = await _locked(tx, enrolment_id)
    course = await _course(tx, run, whom, book, at)
    while (move := course.go_on()) is not None:
        await _do(tx, course, move, whom, book)
    await Course.write_all(tx, [course])
    assert course.answer is not None  # go_on answers None only with it
    return course.answer


async def course_of(tx: Tx, enrolment_id: EnrolmentId, *, book: Book, at: datetime) -> Course:
    """Where a run stands, under its lead's lock. Raises NotFound, Conflict for a journey as code."""
    run, whom = await _locked(tx, enrolment_id)
    return await _course(tx, run, whom, book, at)


async def _course(tx: Tx, run: RunStanding, whom: Whom, book: Book, at: datetime) -> Course:
    journey = await _journey(tx, run)
    facts = (await run_facts.read_all(tx, [Reader(run, journey, whom, at)], book=book))[run.enrolment_id]
    return Course(run, journey, facts, at)


async def advance_all(tx: Tx, looks: Mapping[EnrolmentId, datetime], *, book: Book) -> dict[EnrolmentId, Advanced]:
    """`advance` for several runs, each at its own instant: as many statements as for one.

    Whoever is missing in the answer must be taken alone, by `advance`: runs whose lead somebody else holds just now (a
    group waits for nobody), second runs of a lead, runs that do more than mail their lead, and those that fail.
    """
    readers = await _free(tx, looks)
    facts = await run_facts.read_all(tx, readers, book=book)
    courses = [Course(each.run, each.journey, facts[each.run.enrolment_id], each.at) for each in readers]
    whom = {each.run.lead_id: each.whom for each in readers}
    mailing = [(course, move) for course in courses if (move := _gone_on(course)) is not None]
    while mailing:
        orders = [(await _order(tx, course, move, book), course.at) for course, move in mailing]
        planned = await asking.ask_all(tx, orders, who=whom, book=book)
        for (order, _), (course, move) in zip(orders, mailing, strict=True):
            course.asked(move, order.message_id, planned)
        mailing = [(course, move) for course, _ in mailing if (move := _gone_on(course)) is not None]
    await Course.write_all(tx, [course for course in courses if course.answer is not None or course.has_moved])
    return {course.run.enrolment_id: course.answer for course in courses if course.answer is not None}


def _gone_on(course: Course) -> Do | None:
    """The mail the run asks for next. None when it is done, or must be taken alone from where it has come to."""
    try:
        move = course.go_on()
    except Exception:  # alone it fails again, and is shown with its error: here it would only fail the others
        move = None
    shown_first = course.journey.preview is not None
    if move is not None and isinstance(move.effect, PlanMail) and _is_plain(move.effect) and not shown_first:
        return move
    if course.answer is None and course.has_moved:
        course.stops_here()
    return None


def _is_plain(mail: PlanMail) -> bool:
    """Whether nobody's desk must be asked who signs or gets it."""
    return mail.to is None and mail.sender != "owner"


async def called(tx: Tx, enrolment_id: EnrolmentId, step: str, visit: int, *, book: Book, at: datetime) -> None:
    """The outside effect of a step has happened: the run goes on behind it. Twice, or for another step, is nothing."""
    run, whom = await _locked(tx, enrolment_id)
    if run.status != "active":
        return
    course = await _course(tx, run, whom, book, at)
    if course.has_called(step, visit):
        await Course.write_all(tx, [course])


async def block(tx: Tx, enrolment_id: EnrolmentId, error: str, *, at: datetime) -> None:
    """A step failed three times: the run counts as stuck, with its error, until `unblock`. Not for ended runs."""
    await tx.run("block_run", enrolment_id=enrolment_id, error=_nobody_in(error), at=at)


async def failed(
    tx: Tx, enrolment_id: EnrolmentId, step: str, visit: int, error: str, *, book: Book, at: datetime
) -> bool:
    """The outside effect of a step failed for good; whether the step says how the run goes on (else: block it).

    Twice is once: behind the step, it isn't that step's failure any more.
    """
    run, whom = await _locked(tx, enrolment_id)
    if run.status != "active" or (run.progress.step, run.progress.visits.get(step)) != (step, visit):
        return True
    course = await _course(tx, run, whom, book, at)
    went_on = course.has_failed(step, visit, _nobody_in(error))
    if went_on:
        await Course.write_all(tx, [course])
    return went_on


def _nobody_in(error: str) -> str:
    return _ADDRESS.sub("(address)", error)[:LONGEST_ERROR]


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


async def _locked(tx: Tx, enrolment_id: EnrolmentId) -> tuple[RunStanding, Whom]:
    owner = await tx.one("lead_of_run", enrolment_id=enrolment_id)
    whom = await calendars.locked(tx, owner["lead_id"])
    # A new statement, so a new snapshot: what the caller before us wrote is seen.
    return (await _standings(tx, [enrolment_id]))[enrolment_id], whom


async def _free(tx: Tx, looks: Mapping[EnrolmentId, datetime]) -> list[Reader]:
    """The runs whose leads nobody holds, locked; one a lead, and no journeys as code."""
    rows = await tx.all("lock_free_leads_of_runs", enrolment_ids=list(looks))
    run_of = {row["lead_id"]: row["enrolment_id"] for row in rows}
    leads = {row["lead_id"]: standing.lead_of(row) for row in rows}
    await calendars.hold_companies(tx, list(leads))
    accounts = await standing.accounts(tx, (lead.account_id for lead in leads.values()))
    readers: list[Reader] = []
    for run in (await _standings(tx, list(run_of.values()))).values():
        if run.journey_hash is not None:
            lead = leads[run.lead_id]
            whom = (lead, accounts[lead.account_id] if lead.account_id else None)
            journey = await published.journey(tx, run.journey_hash)
            readers.append(Reader(run, journey, whom, looks[run.enrolment_id]))
    return readers


async def _standings(tx: Tx, enrolment_ids: Sequence[EnrolmentId]) -> dict[EnrolmentId, RunStanding]:
    rows = await tx.all("run_standings", enrolment_ids=enrolment_ids)
    return {row["enrolment_id"]: RunStanding(**row) for row in rows}


async def _journey(tx: Tx, run: RunStanding) -> Journey:
    if run.journey_hash is None:
        raise Conflict(f"Run {run.enrolment_id} of {run.journey} is a journey as code: its workflow moves it.")
    return await published.journey(tx, run.journey_hash)


async def _do(tx: Tx, course: Course, move: Do, whom: Whom, book: Book) -> None:
    """Apply one effect and go behind it; an event the run recorded itself may have ended it."""
    match effect := move.effect:
        case PlanMail():
            order = await _order(tx, course, move, book)
            planned = await _planned(tx, course, order, whom, book)
            course.asked(move, order.message_id, planned)
            return
        case Skip():
            did = effect.why
        case _:
            did = await effects.apply(tx, course, effect, book=book)
    course.did(move, did)
    await _look_around(tx, course, book)


async def _planned(tx: Tx, course: Course, order: MessageOrder, whom: Whom, book: Book) -> dict[MessageId, SentMail]:
    """Ask for the mail; where the journey shows its mails first, for when silence lets it go."""
    who, preview = {order.lead_id: whom}, course.journey.preview
    if preview is None or order.owner_id is not None:
        return await asking.ask_all(tx, [(order, course.at)], who=who, book=book)
    return await reviews.ask(tx, order, preview, who=who, book=book, at=course.at)


async def _look_around(tx: Tx, course: Course, book: Book) -> None:
    """Read again what an effect can have changed: the run, its lead, everything."""
    run, whom = await _locked(tx, course.run.enrolment_id)
    course.run = run.model_copy(update={"progress": course.run.progress})
    reader = Reader(course.run, course.journey, whom, course.at)
    course.facts = (await run_facts.read_all(tx, [reader], book=book))[run.enrolment_id]


async def _order(tx: Tx, course: Course, move: Do, book: Book) -> MessageOrder:
    """The order of a planned mail: `owner` becomes who has the lead, or whom it is offered to, or the manager."""
    plan, run = move.effect, course.run
    assert isinstance(plan, PlanMail)  # both callers have looked
    own = plan.sender
    if not _is_plain(plan):
        in_charge: str | None = await tx.value("owner_in_charge", lead_id=run.lead_id)
        own = in_charge or book.definition.routing.manager
    notified = own if plan.to == "owner" else plan.to
    reader = await owners.named(tx, notified) if notified else None
    return MessageOrder(
        lead_id=run.lead_id,
        owner_id=reader.owner_id if reader else None,
        enrolment_id=run.enrolment_id,
        step=plan.step,
        visit=plan.visit,
        journey=course.journey.name,
        mail=plan.mail,
        mail_class=plan.mail_class,
        sender=own if plan.sender == "owner" else plan.sender,
        worth=plan.worth,
        priority=course.journey.priority,
        topic=course.journey.topic,
        turn_in_run=len(course.facts.mails),
    )
