"""Who gets the answer to a mail, beside the house? Whoever signed it, as a mail of the ledger: once, come what may."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from leadloom.domain.errors import NotFound
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.model import Instant, LeadId, MessageId, Value
from leadloom.store import asking, calendars, owners, published
from leadloom.store.asking import MessageOrder
from leadloom.store.published import Book
from leadloom.store.tx import Tx

LETTER = ("reply", "forwarded")
"""Folder and mail of what the owner gets."""
_STEP, _ONCE = "forward", 1
_WORTH = timedelta(days=3)


class Answer(Value):
    """What a mail passes on."""

    return_id: UUID
    lead_id: LeadId
    lead_name: str
    lead_company: str
    sender: str
    """Address it came from."""
    subject: str
    said: str
    at: Instant
    raw: bytes | None
    """The mail as it came; None once it was emptied for its age."""


async def ask(
    tx: Tx, return_id: UUID, message_id: MessageId, lead_id: LeadId, *, book: Book, at: datetime
) -> list[str]:
    """Plan the mail that passes the answer on, to who signed the mail it answers; in words. Twice is once.

    Under the lead's lock. Nobody gets it when who signed is nobody's owner any more, or the letter was never published.
    """
    handle: str | None = await tx.value("signed_by", message_id=message_id)
    if handle is None or handle not in {entry.handle for entry in book.definition.owners}:
        return []
    try:
        await published.template_hash(tx, *LETTER)
    except NotFound:
        return [f"not passed on to {handle}: the letter {'/'.join(LETTER)} was never published"]
    owner = await owners.named(tx, handle)
    journey, mail = LETTER
    order = MessageOrder(
        lead_id=lead_id,
        owner_id=owner.owner_id,
        return_id=return_id,
        step=_STEP,
        visit=_ONCE,
        journey=journey,
        mail=mail,
        mail_class=MailClass.OWNER_NOTICE,
        sender=handle,
        worth=_WORTH,
    )
    who = {lead_id: await calendars.locked(tx, lead_id)}
    await asking.ask_all(tx, [(order, at)], who=who, book=book)
    return [f"passed on to {handle}"]


async def answer(tx: Tx, message_id: MessageId) -> Answer:
    """What this mail passes on. Raises NotFound."""
    row = await tx.maybe("passed_on", message_id=message_id)
    if row is None:
        raise NotFound("answer behind the mail", message_id)
    return Answer.model_validate(dict(row))


async def original(tx: Tx, message_id: MessageId) -> bytes | None:
    """The answer as it came; None once it was emptied for its age."""
    return await tx.value("passed_on_raw", message_id=message_id)
