"""What was this mail made of, and how did it go? One row of the ledger, for whoever wants to read the mail itself."""

from __future__ import annotations

from leadloom.domain.errors import NotFound
from leadloom.domain.facts import MessageStatus
from leadloom.domain.mails.template import MailValues
from leadloom.domain.model import EnrolmentId, HandOffId, Instant, LeadId, MessageId, OwnerId, Value
from leadloom.store.tx import Tx


class KeptMail(Value):
    """A mail with its template's hash and its values."""

    message_id: MessageId
    enrolment_id: EnrolmentId | None
    hand_off_id: HandOffId | None
    journey: str
    step: str
    visit: int
    mail: str
    template_hash: str
    mail_class: str
    sender: str
    status: MessageStatus
    lead_id: LeadId | None
    owner_id: OwnerId | None
    owner: str | None
    """Handle of the owner who gets it; None for mail to the lead."""
    asked_at: Instant
    slot_at: Instant
    deadline: Instant
    dot_at: Instant | None
    sent_at: Instant | None
    settled_at: Instant | None
    tries: int
    resends: int
    reply: str | None
    reason: str | None
    values: MailValues | None
    """None until it was written: it is filled when its lane takes it."""


async def get(tx: Tx, message_id: MessageId) -> KeptMail:
    """The mail. Raises NotFound."""
    row = await tx.maybe("kept_mail", message_id=message_id)
    if row is None:
        raise NotFound("mail", message_id)
    return KeptMail.model_validate(dict(row))
