"""What may a person change about what comes next for a lead? End a wait now, or take one planned mail back."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.facts import MessageStatus
from leadloom.domain.journeys.hurrying import TO, hurried
from leadloom.domain.mails.review import ReviewAct
from leadloom.domain.model import EnrolmentId, LeadId, MessageId, Value
from leadloom.domain.wake import run_looks
from leadloom.store import audit, calendars, enrolments, lanes, reviews
from leadloom.store.course import Course
from leadloom.store.published import Book
from leadloom.store.tx import Tx

LONGEST_WHY = 200


class Wish(Value):
    """Who wants it, and why."""

    by: str
    """Handle."""
    via: str
    """`page` or `cli`."""
    why: str = Field(default="", max_length=LONGEST_WHY)
    seen: str | None = None
    """What the run was seen waiting for: one that waits for something else by now is left alone."""


async def hurry(tx: Tx, enrolment_id: EnrolmentId, wish: Wish, *, book: Book, at: datetime) -> str:
    """End the wait a run stands in, as if its time were over; the step it came to. Its workflow looks at once.

    Pressed twice, the second finds the run waiting for something else than was seen, and changes nothing.

    Raises NotFound, Conflict when it has gone on or ended, or waits for what only somebody else can end.
    """
    course = await enrolments.course_of(tx, enrolment_id, book=book, at=at)
    here = course.run.progress
    if course.run.status != "active":
        raise Conflict(f"This run has ended ({course.run.outcome or course.run.status}). Nothing was changed.")
    if wish.seen is not None and wish.seen != course.run.waiting_for:
        raise Conflict(f"It has gone on meanwhile, and waits for {course.run.waiting_for}. Nothing was changed.")
    move = hurried(course.journey, here, course.facts, course.at, by=wish.by, why=wish.why)
    course.let_on(move)
    await Course.write_all(tx, [course])
    tx.look_again(run_looks(enrolment_id, course.run.workflow))
    came_to = str(move.why[TO])
    note = audit.Note(
        at=at, actor=wish.by, action="let a run go on", subject=f"run {enrolment_id}",
        before={"step": here.step}, after={"step": came_to, "via": wish.via}, why=wish.why,
    )  # fmt: skip
    await audit.note(tx, note)
    return came_to


async def skip_mail(tx: Tx, message_id: MessageId, wish: Wish, *, book: Book, at: datetime) -> None:
    """Take one mail to a lead back for good, before it goes; its run goes on behind it. Twice is once.

    A mail that its owner sees first is skipped as they would. Raises NotFound, Conflict when it has gone or never
    will.
    """
    row = await tx.maybe("mail_to_lead", message_id=message_id)
    if row is None:
        raise NotFound("mail to a lead", message_id)
    who = await calendars.locked_all(tx, [LeadId(row["lead_id"])])
    if row["is_reviewed"]:
        order = ReviewAct(act="skip", by=wish.by, via=wish.via, why=wish.why)
        await reviews.decide(tx, message_id, order, passages={}, who=who, book=book, at=at)
    elif await _take_back(tx, message_id, row["lane"], wish, at):
        await calendars.replan_all(tx, {LeadId(row["lead_id"]): at}, who=who, book=book)
    if row["workflow"] is not None:
        tx.look_again(run_looks(row["enrolment_id"], row["workflow"]))


async def _take_back(tx: Tx, message_id: MessageId, lane: str, wish: Wish, at: datetime) -> bool:
    """Out of the hands of its lane; whether it wasn't skipped before."""
    await lanes.hold(tx, [lane])
    now = await tx.one("mail_to_lead", message_id=message_id)
    words = f"skipped by {wish.by}" + (f": {wish.why}" if wish.why else "")
    how: dict[str, object] = {"status": MessageStatus.CANCELLED, "reason": words, "goes_at": None}
    if await tx.maybe("take_mail_back", message_id=message_id, **how, at=at) is None:
        if now["status"] == MessageStatus.CANCELLED and str(now["reason"]).startswith(f"skipped by {wish.by}"):
            return False
        raise Conflict(f"This mail is {now['status']}: it can't be taken back. Nothing was changed.")
    note = audit.Note(
        at=at, actor=wish.by, action="skipped a mail", subject=f"message {message_id}",
        before={"status": now["status"]}, after={"status": "cancelled", "via": wish.via}, why=wish.why,
    )  # fmt: skip
    await audit.note(tx, note)
    return True
