"""Does a mail of somebody nobody knows make a lead? Only a person's, to a mailbox that the definition names (B4).

And only if a mail system of ours vouches for its sender: whoever can write any address into From must not have us write
to it. What nobody vouches for is held in the list of what came back, until a person says that it is who it says.
"""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.tracking_policy import Mailbox
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.identity import mail_domain, normal_email
from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import LeadId, Value
from leadloom.domain.returns.kind import Kind, Returned
from leadloom.domain.returns.proof import is_vouched
from leadloom.runtime.settings import Settings, several
from leadloom.store import leads, published
from leadloom.store.tx import Tx

ACTOR = "lead"
HELD = "held: no mail system of ours vouches for its sender, so it made no lead; mail returns welcome makes one"


class Gate(Value):
    """Which mailboxes are ours, and whom we believe about a sender."""

    domains: frozenset[str] = frozenset()
    """Lower case. None: the one our mail is from."""
    vouchers: frozenset[str] = frozenset()
    """Names of mail systems in front of us (authserv-id), lower case."""

    @classmethod
    def of(cls, settings: Settings) -> Gate:
        """As the settings say."""
        domains, vouchers = settings.inbound_domains or "", settings.inbound_vouchers or ""
        return cls(domains=frozenset(several(domains.lower())), vouchers=frozenset(several(vouchers.lower())))


class Welcome(Value):
    """What became of a mail of somebody nobody knows."""

    lead_id: LeadId | None = None
    held: str = ""
    """Why it made no lead yet, though it is to a mailbox that makes some."""


async def welcome(
    tx: Tx, mail: Returned, envelope_to: str | None, *, gate: Gate, at: datetime, is_looked_at: bool = False
) -> Welcome:
    """Make the lead who wrote; nobody when it was no person, no mailbox of intake, or one of us.

    What they wrote is recorded by whoever takes the mail. An automatic answer makes nobody, so two programs that answer
    each other make nobody either; and a mail from our own domain is ours. Safe to repeat: by the address.
    `is_looked_at`: a person vouches for the sender.
    """
    if mail.kind is not Kind.REPLY or mail.sender is None:
        return Welcome()
    book = await published.book(tx)
    asked = _mailbox(book.definition, mail, envelope_to, gate)
    if asked is None:
        return Welcome()
    try:
        email = normal_email(mail.sender)
    except BadInput:
        return Welcome()  # nobody can be answered there: the mail is kept, and asks a person
    if mail_domain(email) in (book.definition.mail.from_domain.lower(), book.definition.company.domain.lower()):
        return Welcome()
    if not is_looked_at and not is_vouched(mail.authentication, email, gate.vouchers):
        return Welcome(held=HELD)
    attributes = {"team": asked.team} if asked.team else {}
    draft = LeadDraft(email=email, source=asked.source, attributes=dict(attributes))
    return Welcome(lead_id=(await leads.capture(tx, draft, book=book, at=at, actor=ACTOR)).lead_id)


def _mailbox(definition: Definition, mail: Returned, envelope_to: str | None, gate: Gate) -> Mailbox | None:
    """The mailbox of ours it is to; the same name at another domain is somebody else's."""
    domains = gate.domains or {definition.mail.from_domain.lower()}
    named = [envelope_to, *mail.addressed] if envelope_to else [*mail.addressed]
    for address in named:
        local, _, domain = address.lower().rpartition("@")
        if domain in domains and (box := definition.tracking.mailboxes.get(local.partition("+")[0])) is not None:
            return box
    return None
