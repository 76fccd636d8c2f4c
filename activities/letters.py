"""How a claimed row becomes bytes: load who and what, fill the published template, keep the values, write the wire."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from jinja2 import TemplateError

from activities.tools import Tools
from leadloom.domain.definition import Definition
from leadloom.domain.errors import BadInput, Permanent
from leadloom.domain.invitation import invitation
from leadloom.domain.journey import MailClass
from leadloom.domain.links import MailUrls, Purpose, decide_url
from leadloom.domain.model import HandOffId, LeadId, MessageId, OwnerId, Value
from leadloom.domain.outcome import Deferred, SendOutcome
from leadloom.domain.template import CompanyWords, HandOffWords, LeadWords, MailValues, SenderWords, TemplateBody
from leadloom.domain.working_time import WorkCalendar
from leadloom.mail.compose import Letter, Origin, Party, Stop, compose, wire_id
from leadloom.mail.render import render
from leadloom.store import cards, lanes, leads, messages, owners, published
from leadloom.store.messages import ClaimedMessage, ClaimOrder, Written
from leadloom.store.published import Book
from leadloom.store.tx import Tx

_FAULTY_AGAIN = timedelta(hours=1)
"""A template that fails for one lead is looked at again after this: an operator may publish a mended one's run."""
_UNWRITABLE = (TemplateError, Permanent, ValueError, LookupError, TypeError)
"""What is wrong with one mail (its template, its row, its reader) and not with Postgres."""
_LINK_LIVES = timedelta(days=14)
_CALL_LASTS = timedelta(minutes=20)


class Ready(Value):
    """A mail as bytes, with its envelope."""

    message_id: MessageId
    claim: UUID
    tries: int
    for_owner: bool
    envelope_from: str
    recipient: str
    wire: bytes


class Addressed(Protocol):
    """As much of a mail as its words depend on."""

    @property
    def lead_id(self) -> LeadId | None: ...

    @property
    def owner_id(self) -> OwnerId | None: ...

    @property
    def hand_off_id(self) -> HandOffId | None: ...

    @property
    def sender(self) -> str: ...

    @property
    def mail_class(self) -> str: ...


async def claim_and_write(
    tools: Tools, lane: str, *, at: datetime, page: timedelta
) -> tuple[list[Ready], list[SendOutcome], float]:
    """Claim at most `page` worth of the lane's rate and write each mail; also outcomes of those that failed here.

    Returns the lane's rate a second, too.
    """
    async with tools.db.transaction() as tx:
        book = await published.book(tx)
        per_second = (await lanes.get(tx, lane)).per_second
        order = ClaimOrder(
            lane=lane, claim=tools.new_claim(), epoch=tools.epoch, wall_at=tools.wall_now(),
            limit=max(1, int(per_second * page.total_seconds())),
        )  # fmt: skip
        claimed = await messages.claim_page(tx, order, book=book, at=at)
    ready: list[Ready] = []
    failed: list[SendOutcome] = []
    async with tools.db.transaction() as tx:
        written: list[Written] = []
        for message in claimed:
            try:
                mail, kept = await _write(tx, message, book, tools, at)
            except _UNWRITABLE as error:
                failed.append(_faulty(message, error, at))
                continue
            ready.append(mail)
            written.append(kept)
        await messages.keep_written(tx, written)
    return ready, failed, per_second


def _faulty(message: ClaimedMessage, error: Exception, at: datetime) -> SendOutcome:
    """A mail that can't be written harms no other: it waits, with the error shown, until its deadline."""
    words = f"could not be written: {type(error).__name__}"
    return Deferred(message_id=message.message_id, claim=message.claim, until=at + _FAULTY_AGAIN, reply=words)


async def _write(tx: Tx, message: ClaimedMessage, book: Book, tools: Tools, at: datetime) -> tuple[Ready, Written]:
    template = await published.template(tx, message.template_hash)
    # A retry is written from the kept values, so that it is the same mail bit for bit.
    values = (
        MailValues.model_validate(message.values)
        if message.values
        else await values_of(tx, message, template, definition=book.definition, at=at)
    )
    to = await _recipient(tx, message)
    urls = _urls(message, tools, at)
    rendered = render(template, values, urls=urls)
    domain = book.definition.mail.from_domain
    letter = Letter(
        message_id=message.message_id,
        mail_class=message.mail_class,
        written_at=message.slot_at,
        sender=Party(name=values.sender.name, address=_address_of(message.sender, domain)),
        reply_to=urls.mailbox(Purpose.REPLY, domain),
        to=to,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        origin=Origin(step=message.step, journey=message.journey, sender_id=book.definition.name[:15]),
        stop=_stop(urls, domain) if message.mail_class == MailClass.MARKETING else None,
        earlier=tuple(wire_id(each, secret=tools.wire_secret, domain=domain) for each in message.thread),
        invitation=_invitation(message, book.definition, values),
    )
    kept = Written(
        message_id=message.message_id, claim=message.claim, values=values.model_dump(mode="json"), links=rendered.links
    )
    ready = Ready(
        message_id=message.message_id,
        claim=message.claim,
        tries=message.tries,
        for_owner=message.owner_id is not None,
        envelope_from=urls.mailbox(Purpose.BOUNCE, domain),
        recipient=to.address,
        wire=compose(letter, secret=tools.wire_secret),
    )
    return ready, kept


def _address_of(handle: str, domain: str) -> str:
    return f"{handle.replace('-', '.')}@{domain}"


def _stop(urls: MailUrls, domain: str) -> Stop:
    return Stop(url=urls.unsubscribe, mailbox=urls.mailbox(Purpose.UNSUBSCRIBE, domain), program="marketing")


async def _recipient(tx: Tx, message: ClaimedMessage) -> Party:
    if message.owner_id is not None:
        owner = await owners.get(tx, message.owner_id)
        return Party(name=owner.name, address=owner.email)
    if message.lead_id is None:
        raise BadInput("lead_id", None, "A mail has a lead or an owner; the database holds it to that.")
    lead = await leads.get(tx, message.lead_id)
    name = " ".join(part for part in (lead.first_name, lead.last_name) if part)
    return Party(name=name, address=lead.email or "")


def _urls(message: ClaimedMessage, tools: Tools, at: datetime) -> MailUrls:
    decide = ""
    if message.hand_off_id is not None and message.owner_id is not None:
        # A notice's visit is its assignment's number: what a decision must name.
        token = tools.signer.hand_off(
            message.hand_off_id, message.visit, owner_id=message.owner_id, expires_at=at + _LINK_LIVES
        )
        decide = decide_url(tools.public_url, token)
    return MailUrls(
        base_url=tools.public_url,
        signer=tools.signer,
        message_id=message.message_id,
        marketing=message.mail_class == MailClass.MARKETING,
        decide=decide,
    )


async def values_of(
    tx: Tx, message: Addressed, template: TemplateBody, *, definition: Definition, at: datetime
) -> MailValues:
    """What a mail is made of when it is written at `at`; pages that show mail before it goes ask the same."""
    person = definition.person(message.sender)
    company = CompanyWords(name=definition.company.name, postal_address=definition.company.postal_address)
    sender = SenderWords(name=person.name, title=person.role.replace("-", " "), phone=person.phone or "")
    offer = await _offer(tx, message, definition, at) if message.hand_off_id else None
    if message.lead_id is None:
        return MailValues(sender=sender, company=company, hand_off=offer)
    lead = await leads.get(tx, message.lead_id)
    account = await leads.account_of(tx, lead)
    told = await tx.all("last_told", lead_id=lead.lead_id, kinds=list(template.tells), at=at)
    return MailValues(
        lead=LeadWords(
            first_name=lead.first_name or "",
            company=account.name if account else lead.company or "",
            role=lead.role or "",
            country=lead.country or "",
        ),
        sender=sender,
        company=company,
        why_you_get_this=_why(message, definition),
        told={row["kind"]: row["data"] for row in told},
        hand_off=offer,
    )


def _why(message: Addressed, definition: Definition) -> str:
    """The reason in the footer, which the law asks for in marketing mail and courtesy in all."""
    name = definition.company.name
    if message.mail_class == MailClass.MARKETING:
        return f"You get this letter because you allowed {name} to write to you about temperature in transport."
    return f"You get this one mail because of what you asked {name} for."


async def _offer(tx: Tx, message: Addressed, definition: Definition, at: datetime) -> HandOffWords:
    card = await cards.read(tx, HandOffId(message.hand_off_id or UUID(int=0)), definition=definition, at=at)
    reader = await owners.get(tx, message.owner_id) if message.owner_id else None
    zone = ZoneInfo(definition.calendars[reader.calendar].zone if reader else definition.company.time_zone)

    def clock(instant: datetime | None) -> str:
        return f"{instant.astimezone(zone):%a %d %b, %H:%M}" if instant else ""

    return HandOffWords(
        kind_words=card.kind_words,
        why=card.why,
        accept_by=clock(card.accept_by),
        first_try_by=clock(card.first_try_by),
        level_words=("", "You are the deputy.", "It has reached the manager.", "It is open to the pool.")[
            min(card.level, 3)
        ],
        lead_name=card.lead_name,
        lead_company=card.company,
        lead_role=card.lead.title or card.lead.role or "",
        lead_country=card.lead.country or "",
        lead_email=card.lead.email or "",
        lead_phone=card.lead.phone or "",
        last_touches=tuple(f"{clock(touch.at)} · {touch.words}" for touch in card.touches),
        suggested_opener=card.opener,
    )


def _invitation(message: ClaimedMessage, definition: Definition, values: MailValues) -> str | None:
    """The call as a calendar entry, for mails the definition names; at the time the promise of first try ends."""
    if f"{message.journey}/{message.mail}" not in definition.mail.invites_to_call:
        return None
    calendar = definition.calendars[definition.person(message.sender).calendar]
    first_try = definition.hand_offs[definition.mql.asks].first_try
    return invitation(
        uid=f"{message.message_id}@{definition.mail.from_domain}",
        written_at=message.slot_at,
        begins_at=WorkCalendar(calendar).add(message.asked_at, first_try),
        lasts=_CALL_LASTS,
        summary=f"{values.company.name}: your call",
        organizer=_address_of(message.sender, definition.mail.from_domain),
    )
