"""How does a colleague see a mail exactly as a lead would? A test send, which counts nowhere and acts on nothing.

It is no mail of any run: it has no row in the ledger, no lane, no cap and no mark of its lead. That it was asked for is
kept, with who asked and as whom it was written, before it goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

from pydantic import Field

from activities.mail_values import values_of
from activities.tools import Tools
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.journeys.steps.step import Letter as JourneyLetter
from leadloom.domain.mails.links import Purpose
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.template import TemplateBody
from leadloom.domain.mails.trial_urls import TrialUrls
from leadloom.domain.model import HandOffId, LeadId, MessageId, OwnerId, Value
from leadloom.mail.compose import Letter, Origin, Party, Stop, compose
from leadloom.mail.render import render
from leadloom.store import audit, leads, owners, published
from leadloom.store.published import Book
from leadloom.store.tx import Tx

MARK = "[Test]"
"""Before the subject, so that no colleague takes it for a real one."""
MOST = 10
"""Addresses of one test send."""


class Trial(Value):
    """What somebody wants to see, as whom, and where."""

    mail: str
    """Journey and mail, such as `welcome-four-degrees/meridian`."""
    as_lead: str
    """Lead id, mail address or external id."""
    to: tuple[str, ...] = Field(min_length=1)
    by: str
    anyone: bool = False
    """Also to addresses that are no colleague's …"""
    why: str = ""
    """… for this reason."""


class Tried(Value):
    """What went out."""

    mail: str
    lead_id: LeadId
    language: str
    subject: str
    sent: int


class _Imagined(Value):
    """A mail nobody has asked for."""

    message_id: MessageId
    lead_id: LeadId | None
    owner_id: OwnerId | None = None
    hand_off_id: HandOffId | None = None
    sender: str
    mail_class: str


async def send(tools: Tools, trial: Trial, *, draft: TemplateBody | None = None, at: datetime) -> Tried:
    """Send the mail as that lead would get it now, to each address. `draft` is tried in place of what is published.

    Raises NotFound; BadInput for addresses that are no colleague's and for notices to owners; what the relay says.
    """
    async with tools.db.transaction() as tx:
        book = await published.book(tx)
        await _allow(tx, trial, book.definition)
        lead_id = await leads.find(tx, trial.as_lead)
        template = draft or await published.template(tx, await published.template_hash(tx, *_names(trial.mail)))
        if template.for_owner:
            raise BadInput("mail", trial.mail, "It is a notice to an owner, about one hand-off or task of theirs.")
        letter = await _letter(tx, tools, trial, lead_id, template, book, at)
        await _note(tx, trial, lead_id, at)
    for address in trial.to:
        await _hand_over(tools, letter.model_copy(update={"to": Party(address=address)}), letter.reply_to)
    return Tried(mail=trial.mail, lead_id=lead_id, language=letter.language, subject=letter.subject, sent=len(trial.to))


async def _allow(tx: Tx, trial: Trial, definition: Definition) -> None:
    """A lead's words go to colleagues; to anybody else only with a reason that is kept."""
    if len(trial.to) > MOST:
        raise BadInput("to", f"{len(trial.to)} addresses", f"Send a test to {MOST} at most.")
    if trial.anyone and not trial.why.strip():
        raise BadInput("why", trial.why, "Say why it goes to somebody who is no colleague: it is kept.")
    known = {owner.email.lower() for owner in await owners.roster(tx)}
    ours = {definition.company.domain, definition.mail.from_domain}
    for address in trial.to:
        domain = address.rpartition("@")[2].lower()
        if not (address.lower() in known or domain in ours or trial.anyone):
            remedy = f"Test mails go to colleagues at {', '.join(sorted(ours))}; or say --anyone and --why."
            raise BadInput("to", address, remedy)


def _names(mail: str) -> tuple[str, str]:
    journey, slash, name = mail.partition("/")
    if not (slash and journey and name):
        raise BadInput("mail", mail, "Write journey and mail, such as welcome-four-degrees/meridian.")
    return journey, name


async def _letter(
    tx: Tx, tools: Tools, trial: Trial, lead_id: LeadId, template: TemplateBody, book: Book, at: datetime
) -> Letter:
    journey, mail = _names(trial.mail)
    definition, asked = book.definition, _asked_by_its_journey(book, journey, mail)
    mail_class = asked.mail_class if asked else MailClass.MARKETING
    imagined = _Imagined(
        message_id=MessageId(tools.new_claim()),
        lead_id=lead_id,
        sender=await _signs(tx, asked, lead_id, book),
        mail_class=mail_class,
    )
    values = await values_of(tx, imagined, template, definition=definition, at=at)
    urls = TrialUrls(
        tools.public_url,
        tools.signer,
        imagined.message_id,
        marketing=mail_class == MailClass.MARKETING,
        stops=template.can_be_stopped(mail_class),
        places=template.links,
    )
    made = render(template, values, urls=urls)
    domain = definition.mail.domain_of(mail_class)
    nowhere = urls.mailbox(Purpose.TRIAL, domain)
    return Letter(
        message_id=imagined.message_id,
        mail_class=mail_class,
        written_at=at,
        sender=Party(name=values.sender.name, address=f"{imagined.sender.replace('-', '.')}@{domain}"),
        reply_to=nowhere,
        to=Party(address=trial.to[0]),
        subject=f"{MARK} {made.subject}",
        language=made.language,
        html=made.html,
        text=made.text,
        origin=Origin(step="test", journey=journey, sender_id=definition.name[:15]),
        stop=Stop(url=urls.unsubscribe, mailbox=nowhere, program="marketing") if urls.unsubscribe else None,
    )


def _asked_by_its_journey(book: Book, journey: str, mail: str) -> JourneyLetter | None:
    """How its journey sends it; None when no step does, or the journey is code."""
    found = next((one.journey for one in book.journeys if one.journey.name == journey), None)
    letters = chain.from_iterable(step.letters(found) for step in found.steps) if found else ()
    return next((letter for letter in letters if letter.mail == mail and letter.to is None), None)


async def _signs(tx: Tx, asked: JourneyLetter | None, lead_id: LeadId, book: Book) -> str:
    """Whoever would sign to this lead."""
    if asked is not None and asked.sender != "owner":
        return asked.sender
    own: str | None = await tx.value("owner_in_charge", lead_id=lead_id)
    return own or book.definition.routing.manager


async def _note(tx: Tx, trial: Trial, lead_id: LeadId, at: datetime) -> None:
    """Before it goes: whose words were shown is known whatever becomes of the mail. No address, as in every note."""
    domains = sorted({address.rpartition("@")[2].lower() for address in trial.to})
    note = audit.Note(
        at=at,
        actor=trial.by,
        action="sent a test mail",
        subject=f"mail {trial.mail}",
        after={"as_lead": str(lead_id), "to": [*domains], "mails": len(trial.to)},
        why=trial.why,
    )
    await audit.note(tx, note)


async def _hand_over(tools: Tools, letter: Letter, envelope_from: str) -> None:
    wire = compose(letter, secret=tools.wire_secret, signatory=tools.signatory)
    async with tools.smtp.connection() as connection:
        await connection.hand_over(envelope_from, letter.to.address, wire)
        await connection.dot()


def draft_of(mail: str, templates: Sequence[tuple[tuple[str, str], TemplateBody]]) -> TemplateBody:
    """The draft of a mail among all of them. Raises NotFound, BadInput."""
    wanted = _names(mail)
    found = next((body for names, body in templates if names == wanted), None)
    if found is None:
        raise NotFound("draft of a mail", mail)
    return found
