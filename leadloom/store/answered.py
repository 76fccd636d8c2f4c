"""What is a signed link about, and has it been used? The mail a lead answers, the offer an owner answers."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.mails.links import HandOffLink
from leadloom.domain.model import Instant, LeadId, MessageId, Value
from leadloom.store.tx import Tx


class AnsweredMail(Value):
    """A mail to a lead, as far as an answer to it needs."""

    message_id: MessageId
    lead_id: LeadId
    journey: str
    step: str
    mail: str
    mail_class: str
    sender: str
    links: tuple[str, ...]
    """Where its tracked links lead, in order of their numbers from 1."""
    sent_at: Instant | None
    """When it went, or its mark before the dot; None when it never did."""


class UsedLink(Value):
    """The last act of a link."""

    used_at: Instant
    outcome: str


async def mail(tx: Tx, message_id: MessageId) -> AnsweredMail | None:
    """The mail; None when it was erased, or went to an owner."""
    row = await tx.maybe("answered_mail", message_id=message_id)
    return None if row is None else AnsweredMail.model_validate(dict(row))


async def answered_at(tx: Tx, lead_id: LeadId, *, key_start: str) -> datetime | None:
    """When the lead last gave an answer whose event key begins so; None when they didn't yet."""
    return await tx.value("answer_given", lead_id=lead_id, key_start=key_start)


async def tries_made(tx: Tx, lead_id: LeadId, *, since: datetime) -> int:
    """How often owners tried to reach the lead since their hand-off was opened."""
    return await tx.value("tries_made", lead_id=lead_id, since=since)


async def use(tx: Tx, link: HandOffLink, *, outcome: str, at: datetime) -> None:
    """Remember that the link acted. Twice keeps the last."""
    await tx.run("use_link", token_id=_token_id(link), outcome=outcome, at=at)


async def use_once(tx: Tx, right: str, message_id: MessageId, *, at: datetime) -> bool:
    """Consume what a mail gave the right to, in the transaction of the act; False when it was used before."""
    token_id = f"{right}/{message_id}"
    return await tx.maybe("use_link_once", token_id=token_id, outcome=right, at=at) is not None


async def used(tx: Tx, link: HandOffLink) -> UsedLink | None:
    """The last act of the link; None while it did nothing."""
    row = await tx.maybe("link_used", token_id=_token_id(link))
    return None if row is None else UsedLink.model_validate(dict(row))


def _token_id(link: HandOffLink) -> str:
    """One name for all tokens of the same right: a reminder's token is another spelling of the offer's."""
    return f"hand-off/{link.hand_off_id}/{link.assignment_no}/{link.owner_id}"


async def mails_by_status(tx: Tx) -> dict[str, int]:
    """How many mails stand where."""
    return {row["status"]: row["mails"] for row in await tx.all("messages_by_status")}


async def wakes_waiting(tx: Tx) -> int:
    """How many wake-ups Temporal has not heard."""
    return await tx.value("outbox_waiting")
