"""Does a mail of somebody nobody knows make a lead? Only a person's, to a mailbox that the definition names (B4)."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.identity import mail_domain, normal_email
from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import LeadId
from leadloom.domain.returns.kind import Kind, Returned
from leadloom.store import leads, published
from leadloom.store.tx import Tx

ACTOR = "lead"


async def welcome(tx: Tx, mail: Returned, envelope_to: str | None, *, at: datetime) -> LeadId | None:
    """Make the lead who wrote; None when it was no person, no mailbox of intake, or one of us.

    What they wrote is recorded by whoever takes the mail. An automatic answer makes nobody, so two programs that answer
    each other make nobody either; and a mail from our own domain is ours. Safe to repeat: by the address.
    """
    if mail.kind is not Kind.REPLY or mail.sender is None:
        return None
    book = await published.book(tx)
    mailboxes, domain = book.definition.tracking.mailboxes, book.definition.mail.from_domain.lower()
    named = [envelope_to, *mail.addressed] if envelope_to else [*mail.addressed]
    asked = next((box for address in named if (box := mailboxes.get(address.lower().partition("@")[0]))), None)
    if asked is None:
        return None
    try:
        email = normal_email(mail.sender)
    except BadInput:
        return None  # nobody can be answered there: the mail is kept, and asks a person
    if mail_domain(email) in (domain, book.definition.company.domain.lower()):
        return None
    attributes = {"team": asked.team} if asked.team else {}
    draft = LeadDraft(email=email, source=asked.source, attributes=dict(attributes))
    return (await leads.capture(tx, draft, book=book, at=at, actor=ACTOR)).lead_id
