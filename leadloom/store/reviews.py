"""Which mails does their owner see before they go, and what did the owner say? Silence lets a mail go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadloom.domain.errors import NotFound
from leadloom.domain.facts import MessageStatus, SentMail
from leadloom.domain.journeys.preview import Preview
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.review import (
    NOTICE_OF,
    ReviewAct,
    Reviewed,
    ReviewNow,
    ReviewState,
    mean,
    silence_lets_go_at,
)
from leadloom.domain.mails.template import MailValues
from leadloom.domain.model import Instant, Json, LeadId, MessageId, OwnerId, Value
from leadloom.store import asking, audit, calendars, lanes, owners
from leadloom.store.asking import MessageOrder
from leadloom.store.calendars import Whom
from leadloom.store.published import Book
from leadloom.store.tx import Tx

MOST_COMING = 500
"""Rows of one list; an owner with more has another problem."""


class Coming(Value):
    """A mail that goes unless its owner says otherwise, and what was said."""

    message_id: MessageId
    owner_id: OwnerId
    owner: str
    """Handle of who sees it first."""
    opened_at: Instant
    silent_until: Instant
    state: ReviewState
    decided_at: Instant | None
    decided_by: str | None
    decided_via: str | None
    edited_at: Instant | None
    edited_by: str | None
    lead_id: LeadId
    status: MessageStatus
    slot_at: Instant
    sent_at: Instant | None
    deadline: Instant
    journey: str
    mail: str
    reason: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    role: str | None
    company: str | None

    @property
    def person(self) -> str:
        """The lead by name, else by address."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.email or "somebody"

    @property
    def is_open(self) -> bool:
        """Something can still be said about it."""
        still = (MessageStatus.RESERVED, MessageStatus.DEFERRED, MessageStatus.HELD, MessageStatus.CLAIMED)
        return self.status in still


async def ask(
    tx: Tx, order: MessageOrder, preview: Preview, *, who: Mapping[LeadId, Whom], book: Book, at: datetime
) -> dict[MessageId, SentMail]:
    """Plan a mail for when silence lets it go, and tell its owner, or their deputy, now. Twice is once."""
    entry = book.definition.person(await owners.at_desk(tx, order.sender, book.definition, at))
    silent_until = silence_lets_go_at(book.definition, entry, at, preview.working_days)
    reader = await owners.named(tx, entry.handle)
    held_back = order.model_copy(update={"not_before": silent_until})
    planned = await asking.ask_all(tx, [(held_back, at)], who=who, book=book)
    opened: dict[str, object] = {"owner_id": reader.owner_id, "at": at, "silent_until": silent_until}
    await tx.run("open_review", message_id=order.message_id, **opened)
    notice = order.model_copy(
        update={
            "owner_id": reader.owner_id,
            "step": order.step + NOTICE_OF,
            "mail": preview.mail,
            "mail_class": MailClass.OWNER_NOTICE,
            "sender": book.definition.owner,
            "worth": silent_until - at,
        }
    )
    await asking.ask_all(tx, [(notice, at)], who=who, book=book)
    return planned


async def coming(tx: Tx, owner: str | None = None) -> tuple[Coming, ...]:
    """What goes soon and what is held, soonest first: of one owner, or of all."""
    rows = await tx.all("coming_mails", owner=owner, page_limit=MOST_COMING)
    return tuple(Coming.model_validate(dict(row)) for row in rows)


async def get(tx: Tx, message_id: MessageId) -> Coming:
    """One mail that its owner sees, or saw, first. Raises NotFound."""
    row = await tx.maybe("review_of", message_id=message_id)
    if row is None:
        raise NotFound("mail that its owner sees first", message_id)
    return Coming.model_validate(dict(row))


async def noticed_by(tx: Tx, notice_id: MessageId) -> Coming:
    """The mail a notice tells of. Raises NotFound."""
    message_id: MessageId | None = await tx.value("noticed_by", message_id=notice_id)
    if message_id is None:
        raise NotFound("mail behind the notice", notice_id)
    return await get(tx, message_id)


async def hold_calendar(tx: Tx, message_id: MessageId) -> dict[LeadId, Whom]:
    """Lock whom the mail is to, before anything about it is read. Raises NotFound."""
    lead_id: LeadId | None = await tx.value("lead_of_review", message_id=message_id)
    if lead_id is None:
        raise NotFound("mail that its owner sees first", message_id)
    return await calendars.locked_all(tx, [lead_id])


async def decide(
    tx: Tx,
    message_id: MessageId,
    order: ReviewAct,
    *,
    passages: Mapping[str, str],
    who: Mapping[LeadId, Whom],
    book: Book,
    at: datetime,
) -> Reviewed:
    """Hold, release, edit or skip. Said twice it changes nothing; each change has its audit note.

    Args:
        tx: It holds the lead (`hold_calendar`), so that no lane plans meanwhile.
        message_id: The mail.
        order: What somebody does.
        passages: What the mail's template lets be written anew, as it reads now.
        who: As `hold_calendar` answered.
        book: Caps and windows, for a release.
        at: Now.

    Raises Conflict when the mail has gone, BadInput for words that don't fit, NotFound.
    """
    row = await tx.one("review_for_update", message_id=message_id)
    now = ReviewNow(state=row["state"], status=row["status"], silent_until=row["silent_until"], passages=dict(passages))
    done = mean(now, order, at)
    if not done.changed:
        return done
    await lanes.hold(tx, [row["lane"]])
    await _write(tx, message_id, order, done, at)
    await audit.note(tx, _note(message_id, order, now, done, at))
    await calendars.replan_all(tx, {row["lead_id"]: at}, who=who, book=book)
    return done


async def _write(tx: Tx, message_id: MessageId, order: ReviewAct, done: Reviewed, at: datetime) -> None:
    """Out of its lane's hands, whoever holds it; then what was said."""
    how: dict[str, object] = {"status": done.status, "reason": _reason(done, order), "goes_at": done.goes_at}
    await tx.one("take_mail_back", message_id=message_id, **how, at=at)
    if order.act == "edit":
        await tx.run("note_edit", message_id=message_id, by=order.by, at=at)
    else:
        await tx.run("decide_review", message_id=message_id, state=done.state, by=order.by, via=order.via, at=at)


def _note(message_id: MessageId, order: ReviewAct, now: ReviewNow, done: Reviewed, at: datetime) -> audit.Note:
    """Who did what. No word of the letter: those stand in the values of the mail, which leave with its lead."""
    changed: list[Json] = [name for name, words in done.passages.items() if now.passages.get(name) != words]
    return audit.Note(
        at=at,
        actor=order.by,
        action=_DID[order.act],
        subject=f"message {message_id}",
        before={"state": now.state, "status": now.status},
        after={"state": done.state, "status": done.status, "via": order.via, "passages": changed},
        why=order.why,
    )


async def write_anew(tx: Tx, message_id: MessageId, values: MailValues, links: tuple[str, ...]) -> None:
    """Keep what the mail is made of from now on: what its owner saw is what goes."""
    await tx.run("write_anew", message_id=message_id, values=values.model_dump(mode="json"), links=list(links))


_DID = {
    "hold": "held a mail",
    "release": "released a mail",
    "edit": "wrote a mail anew",
    "skip": "skipped a mail",
}


def _reason(done: Reviewed, order: ReviewAct) -> str | None:
    """What the row says of itself while it doesn't go."""
    why = f": {order.why}" if order.why else ""
    match done.state:
        case ReviewState.HELD:
            return f"held by {order.by}{why}"
        case ReviewState.SKIPPED:
            return f"skipped by {order.by}{why}"
        case _:
            return None
