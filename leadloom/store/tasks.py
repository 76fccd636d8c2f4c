"""What did journeys give owners to do, who answered, and who hears of it? Of two answers the first stands."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.journeys.conditions import either
from leadloom.domain.journeys.moves import OpenTask
from leadloom.domain.journeys.steps.task import ANSWERED, TaskStep
from leadloom.domain.lead import EventDraft
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.send_rules import USUAL_PRIORITY
from leadloom.domain.model import EnrolmentId, HandOffId, Instant, LeadId, MessageId, TaskId, Value
from leadloom.store import asking, attempts, audit, events, hand_offs, owners, published, standing
from leadloom.store.asking import MessageOrder
from leadloom.store.attempts import Attempt
from leadloom.store.calendars import Whom
from leadloom.store.course import Course
from leadloom.store.owners import Owner
from leadloom.store.published import Book
from leadloom.store.tx import Tx

MOST = 500
"""Rows of one list; an owner with more open tasks has another problem."""
NOTICE = ("task", "asked")
"""Folder and mail of the notice its owner gets."""


class Task(Value):
    """Something an owner has to do about a lead, or had."""

    task_id: TaskId
    enrolment_id: EnrolmentId
    step: str
    visit: int
    lead_id: LeadId
    owner: str
    """Handle."""
    words: str
    """What to do."""
    outcomes: tuple[str, ...]
    """What may be answered."""
    status: Literal["open", "done", "cancelled"]
    opened_at: Instant
    due_at: Instant
    ended_at: Instant | None
    ended_by: str | None
    """Handle of who answered; `system` took it back."""
    outcome: str | None
    journey: str
    person: str
    """The lead by name, else by address."""
    company: str | None


class Answer(Value):
    """What somebody says came of a task."""

    outcome: str
    by: str
    """Handle."""
    via: str
    """`link`, `page` or `cli`."""


class Whose(NamedTuple):
    """Whose task it is: a run's, about its lead."""

    lead_id: LeadId
    enrolment_id: EnrolmentId
    whom: Whom
    """The lead, held, and their company."""
    priority: int = USUAL_PRIORITY
    """Of the run's journey, for the notice."""


async def give(tx: Tx, course: Course, effect: OpenTask, *, book: Book) -> Owner:
    """Give an owner, or their deputy, the task of a run's step and plan the notice of it; whom. Twice is once.

    Under the lock of the run's lead. Raises NotFound for an owner nobody knows.
    """
    run, facts = course.run, course.facts
    whose = Whose(run.lead_id, run.enrolment_id, (facts.lead, facts.account), course.journey.priority)
    return await give_of(tx, whose, effect, book=book, at=course.at)


async def give_of(tx: Tx, whose: Whose, effect: OpenTask, *, book: Book, at: datetime) -> Owner:
    """The same for what no step of the run asked for. Raises NotFound for an owner nobody knows."""
    handle = effect.to
    if handle == "owner":
        in_charge: str | None = await tx.value("owner_in_charge", lead_id=whose.lead_id)
        handle = in_charge or book.definition.routing.manager
    owner = await owners.named(tx, await owners.at_desk(tx, handle, book.definition, at))
    await tx.run(
        "open_task",
        task_id=uuid5(NAMESPACE_URL, f"leadloom:task/{whose.enrolment_id}/{effect.step}/{effect.visit}"),
        enrolment_id=whose.enrolment_id,
        step=effect.step,
        visit=effect.visit,
        lead_id=whose.lead_id,
        owner_id=owner.owner_id,
        words=effect.words,
        outcomes=list(effect.outcomes),
        at=at,
        due_at=at + effect.due,
    )
    await asking.ask_all(tx, [(_notice(whose, effect, owner, book), at)], who={whose.lead_id: whose.whom}, book=book)
    return owner


def _notice(whose: Whose, effect: OpenTask, owner: Owner, book: Book) -> MessageOrder:
    journey, mail = NOTICE
    return MessageOrder(
        lead_id=whose.lead_id,
        owner_id=owner.owner_id,
        enrolment_id=whose.enrolment_id,
        step=effect.step,
        visit=effect.visit,
        journey=journey,
        mail=mail,
        mail_class=MailClass.OWNER_NOTICE,
        sender=book.definition.owner,
        worth=effect.due,
        priority=whose.priority,
    )


async def every(
    tx: Tx, *, owner: str | None = None, lead_id: LeadId | None = None, ended_too: bool = False
) -> tuple[Task, ...]:
    """Tasks, soonest due first: of one owner or of all, about one lead or all; open ones unless `ended_too`."""
    rows = await tx.all("tasks", owner=owner, lead_id=lead_id, all_of_them=ended_too, page_limit=MOST)
    return tuple(Task.model_validate(dict(row)) for row in rows)


async def get(tx: Tx, task_id: TaskId) -> Task:
    """One task. Raises NotFound."""
    return Task.model_validate(dict(await tx.one("task_by_id", task_id=task_id)))


async def told_by(tx: Tx, notice_id: MessageId) -> Task:
    """The task a notice tells of. Raises NotFound."""
    task_id: TaskId | None = await tx.value("task_of_notice", message_id=notice_id)
    if task_id is None:
        raise NotFound("task behind the notice", notice_id)
    return await get(tx, task_id)


async def answer(tx: Tx, task_id: TaskId, said: Answer, *, book: Book, at: datetime) -> Task:
    """Say what came of a task: the run that waits for it goes where that leads. The same answer twice is one.

    Raises NotFound, BadInput for an answer nobody asked for, Conflict that says who was faster or that nobody asks
    any more.
    """
    asked = await get(tx, task_id)
    person = await owners.named(tx, said.by)
    if said.outcome not in asked.outcomes:
        raise BadInput("outcome", said.outcome, f"Answer {either(asked.outcomes)}.")
    # The leads first, as everybody does who writes about them: a run that takes its task back at this moment holds one.
    tried = await _tried(tx, asked, said)
    await (standing.lock(tx, [asked.lead_id]) if tried is None else hand_offs.hold(tx, tried.hand_off_id))
    values = {"outcome": said.outcome, "by": person.handle, "at": at}
    if await tx.value("answer_task", task_id=task_id, **values) is None:
        return await _too_late(tx, task_id, said)
    told = EventDraft(
        kind=ANSWERED,
        at=at,
        key=f"task:{task_id}",
        actor=person.handle,
        data={"task": str(task_id), "step": asked.step, "outcome": said.outcome},
    )
    await events.record(tx, asked.lead_id, [told], book=book, at=at)
    if tried is not None:
        await attempts.attempt(tx, tried.hand_off_id, tried.made, book=book, at=at)
    after = {"outcome": said.outcome, "via": said.via}
    note = audit.Note(at=at, actor=person.handle, action="answered a task", subject=f"task {task_id}", after={**after})
    await audit.note(tx, note)
    return await get(tx, task_id)


class _Tried(NamedTuple):
    """An answer that is a try to reach the lead of an accepted hand-off."""

    hand_off_id: HandOffId
    made: Attempt


async def _tried(tx: Tx, asked: Task, said: Answer) -> _Tried | None:
    """The try an answer tells of, when its step counts tries and somebody has taken the lead on."""
    row = await tx.maybe("what_tries_of_task", task_id=asked.task_id)
    if row is None:
        return None
    step = (await published.journey(tx, row["journey_hash"])).step(asked.step)
    tries = step.tries if isinstance(step, TaskStep) else None
    if tries is None or said.outcome not in (*tries.reached, *tries.in_vain):
        return None
    made = Attempt(by=said.by, via=tries.by, key=f"task:{asked.task_id}:try", reached=said.outcome in tries.reached)
    return _Tried(HandOffId(row["hand_off_id"]), made)


async def _too_late(tx: Tx, task_id: TaskId, said: Answer) -> Task:
    now = await get(tx, task_id)
    if now.status == "done" and (now.ended_by, now.outcome) == (said.by, said.outcome):
        return now
    when = f"{now.ended_at:%d %B %Y, %H:%M} UTC" if now.ended_at else "before"
    if now.status == "cancelled":
        raise Conflict(
            f"The task was taken back on {when}: its time was over, or its journey was. Nothing was changed."
        )
    who = (await owners.named(tx, now.ended_by)).name if now.ended_by else "Somebody"
    raise Conflict(f"{who} answered it on {when}: {now.outcome}. Nothing was changed.")
