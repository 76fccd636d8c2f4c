"""Which mails does nobody know about, and how does a person or some evidence settle them?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, assert_never

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import Conflict
from leadloom.domain.facts import MessageStatus
from leadloom.domain.model import Instant, LeadId, MessageId, OwnerId, Value
from leadloom.store import audit, calendars, lanes
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

WORTH_AGAIN = timedelta(days=1)
"""How long a mail that is sent again is worth sending, at least."""

Verdict = Literal["sent", "not sent", "resend"]


class UncertainMail(Value):
    """A mail whose answer after the dot was lost."""

    message_id: MessageId
    journey: str
    step: str
    visit: int
    mail: str
    mail_class: str
    lead_id: LeadId | None
    owner_id: OwnerId | None
    dot_at: Instant
    reply: str | None
    reason: str | None
    resends: int


class Settlement(Value):
    """What somebody found out, or decided, about an uncertain mail."""

    verdict: Verdict
    by: str
    """Handle of the operator, or what kind of evidence it was."""
    why: str


async def every(tx: Tx) -> tuple[UncertainMail, ...]:
    """All uncertain mails, oldest first."""
    return tuple(UncertainMail(**row) for row in await tx.all("uncertain_messages"))


async def settle(tx: Tx, message_id: MessageId, settlement: Settlement, *, book: Book, at: datetime) -> None:
    """Settle one. Raises Conflict when it isn't uncertain any more, or may not be sent again; NotFound."""
    row = await tx.one("message_standing", message_id=message_id)
    match settlement.verdict:
        case "sent":
            await _close(tx, row, MessageStatus.SENT, settlement, at)
        case "not sent":
            await _close(tx, row, MessageStatus.REFUSED, settlement, at)
        case "resend":
            await _resend(tx, row, book, at)
        case _:
            assert_never(settlement.verdict)
    action, subject = f"settled as {settlement.verdict}", f"message {message_id}"
    await audit.note(tx, audit.Note(at=at, actor=settlement.by, action=action, subject=subject, why=settlement.why))


async def settle_by_evidence(tx: Tx, message_id: MessageId, *, by: str, why: str, at: datetime) -> bool:
    """Settle it as sent, if it is uncertain: something came back that only a mail that left can cause (mail.md §4).

    Answers whether it was. Twice, or for any other mail, changes nothing.
    """
    values = {"status": MessageStatus.SENT, "reason": f"{by}: {why}", "at": at}
    if await tx.maybe("settle_uncertain_as", message_id=message_id, **values) is None:
        return False
    note = audit.Note(at=at, actor=by, action="settled as sent", subject=f"message {message_id}", why=why)
    await audit.note(tx, note)
    return True


async def _close(tx: Tx, row: Record, status: MessageStatus, settlement: Settlement, at: datetime) -> None:
    reason = f"{settlement.by}: {settlement.why}"
    done = await tx.maybe("settle_uncertain_as", message_id=row["message_id"], status=status, reason=reason, at=at)
    if done is None:
        raise Conflict(f"Message {row['message_id']} is {row['status']}, not uncertain: nothing to settle.")


async def _resend(tx: Tx, row: Record, book: Book, at: datetime) -> None:
    """A copy of a mail that was asked for hurts less than none; a copy of marketing hurts more (mail.md §4)."""
    message_id = row["message_id"]
    if not may_resend(book.definition, row["mail_class"]):
        raise Conflict(f"Message {message_id} is {row['mail_class']} mail, which is never sent twice: settle it.")
    await calendars.lock(tx, [row["lead_id"]])
    await lanes.hold(tx, [row["lane"]])
    if await tx.maybe("resend_uncertain", message_id=message_id, at=at, deadline=at + WORTH_AGAIN) is None:
        raise Conflict(f"Message {message_id} is {row['status']}, sent again {row['resends']} time(s); once is all.")
    await lanes.nudge(tx, {row["lane"]: at})


def may_resend(definition: Definition, mail_class: str) -> bool:
    """Whether the class is one the reader waits for: such mail needs no basis and obeys no cap."""
    policy = definition.mail.classes[mail_class]
    return not policy.basis and not policy.capped
