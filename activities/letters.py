"""How a claimed row becomes bytes: load who and what, fill the published template, keep the values, write the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from jinja2 import TemplateError

from activities.mail_values import People
from activities.tools import Tools
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.delivery_policy import Provider
from leadloom.domain.errors import Permanent
from leadloom.domain.handoffs.invitation import invitation
from leadloom.domain.handoffs.working_time import WorkCalendar
from leadloom.domain.mails.abreast import Limit
from leadloom.domain.mails.links import PATHS, Purpose
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.mails.outcome import Deferred, SendOutcome
from leadloom.domain.mails.template import MailValues, TemplateBody
from leadloom.domain.model import MessageId, OwnerId, TaskId
from leadloom.mail.compose import Letter, Origin, Party, Stop, compose, wire_id, wire_key
from leadloom.mail.render import render
from leadloom.store import fence, messages, passing_on, published
from leadloom.store.messages import ClaimedMessage, ClaimOrder, Written
from leadloom.store.published import Book
from leadloom.store.tx import Tx

_FAULTY_AGAIN = timedelta(hours=1)
"""A template that fails for one lead is looked at again after this: an operator may publish a mended one's run."""
UNWRITABLE = (TemplateError, Permanent, ValueError, LookupError, TypeError)
"""What is wrong with one mail (its template, its row, its reader) and not with Postgres."""
_LINK_LIVES = timedelta(days=14)
_RIGHT_LIVES = timedelta(days=7)
"""How long a mail lets its reader get or erase their data."""
_CALL_LASTS = timedelta(minutes=20)
_AT_A_STROKE = 16
"""Mails that are looked through before the connections, which carry earlier ones, have their turn: about 1 ms."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A mail as bytes, with its envelope."""

    message_id: MessageId
    claim: UUID
    tries: int
    for_owner: bool
    envelope_from: str
    recipient: str
    wire: bytes


@dataclass(frozen=True)
class Pen:
    """What all mails of a page are written with."""

    tools: Tools
    definition: Definition
    at: datetime


@dataclass(frozen=True)
class Draft:
    """A claimed mail with everything that makes its bytes; written when a connection is there to take it."""

    pen: Pen
    message: ClaimedMessage
    template: TemplateBody
    values: MailValues
    to: Party
    original: bytes | None = None
    """Somebody's mail that goes along."""

    @property
    def message_id(self) -> MessageId:
        """Which mail."""
        return self.message.message_id

    @property
    def claim(self) -> UUID:
        """By which claim it goes."""
        return self.message.claim

    @property
    def tries(self) -> int:
        """How often it was tried before."""
        return self.message.tries

    @property
    def for_owner(self) -> bool:
        """A notice to an owner."""
        return self.message.owner_id is not None

    @property
    def relay(self) -> str:
        """Over which relay it goes."""
        return self.message.relay

    @property
    def provider(self) -> Provider:
        """Who takes it in."""
        return self.message.provider

    @property
    def host(self) -> str:
        """Whose machines take it in."""
        return self.message.host

    @property
    def limit(self) -> Limit | None:
        """How many may be on their way there at once."""
        return self.message.limit

    def write(self) -> Ready:
        """Fill the template and make the bytes. Raises one of UNWRITABLE."""
        message, tools, definition, values = self.message, self.pen.tools, self.pen.definition, self.values
        urls = _urls(message, values, self.template, tools, self.pen.at)
        rendered = render(self.template, values, urls=urls)
        domain = definition.mail.domain_of(message.mail_class)
        letter = Letter(
            message_id=message.message_id,
            mail_class=message.mail_class,
            written_at=message.slot_at,
            **_from(message, values, urls, domain),
            to=self.to,
            subject=rendered.subject,
            language=rendered.language,
            html=rendered.html,
            text=rendered.text,
            origin=Origin(step=message.step, journey=message.journey, sender_id=definition.name[:15]),
            stop=_stop(urls, domain) if self.template.can_be_stopped(message.mail_class) else None,
            earlier=values.reply.thread if values.reply else _thread(message, tools, domain),
            invitation=_invitation(message, definition, values),
            original=self.original,
        )
        return Ready(
            message_id=message.message_id,
            claim=message.claim,
            tries=message.tries,
            for_owner=self.for_owner,
            envelope_from=urls.mailbox(Purpose.BOUNCE, domain),
            recipient=self.to.address,
            wire=compose(letter, secret=tools.wire_secret, signatory=tools.signatory),
        )


class Page(NamedTuple):
    """What a claim brought."""

    drafts: list[Draft]
    failed: list[SendOutcome]
    """Mails that can't be written."""
    new: dict[MessageId, Written]
    """What those are made of that weren't written before."""
    kept: int = 0
    """Mails that were due and wait for their turn."""


async def claim(tools: Tools, lane: str, *, limit: int, book: Book, at: datetime) -> Page:
    """Claim at most so many of the lane's due mails, look up whom they are to, and keep what they are made of."""
    order = ClaimOrder(
        lane=lane, claim=tools.new_claim(), epoch=tools.epoch, wall_at=tools.wall_now(), limit=limit,
        relays=tuple(tools.relays),
    )  # fmt: skip
    async with tools.db.transaction() as tx:
        due = await messages.due_page(tx, order, book=book, at=at)
        page = await _drafts(tx, due.mails, Pen(tools, book.definition, at))
        await messages.claim(tx, order, due.mails, page.new)
        went = await _known_to_relay(tx, due.mails, tools, at)
    drafts = [draft for draft in page.drafts if draft.message_id not in went] if went else page.drafts
    return page._replace(drafts=drafts, kept=due.kept)


async def _known_to_relay(
    tx: Tx, claimed: Sequence[ClaimedMessage], tools: Tools, at: datetime
) -> AbstractSet[MessageId]:
    """What a relay's log says went before the database was restored, settled so: such runs ask for it once more."""
    if tools.epoch == 1 or not claimed:
        return set()
    keys = {each.message_id: wire_key(each.message_id, secret=tools.wire_secret) for each in claimed}
    return await fence.accepted(tx, keys, at=at)


async def _drafts(tx: Tx, claimed: Sequence[ClaimedMessage], pen: Pen) -> Page:
    templates = {each: await published.template(tx, each) for each in {mail.template_hash for mail in claimed}}
    people = await People.of(tx, claimed, templates.values(), at=pen.at)
    page = Page([], [], {})
    for no, message in enumerate(claimed):
        if no % _AT_A_STROKE == 0:
            await asyncio.sleep(0)
        template = templates[message.template_hash]
        try:
            # A retry is written from the kept values, so that it is the same mail bit for bit.
            values = (
                MailValues.model_validate(message.values)
                if message.values
                else await people.values(tx, message, template, definition=pen.definition, at=pen.at)
            )
            goes_along = values.reply is not None and values.reply.has_original
            original = await passing_on.original(tx, message.message_id) if goes_along else None
            draft = Draft(pen, message, template, values, people.recipient(message), original)
            if message.values is None:
                page.new[draft.message_id] = _kept(draft)
            page.drafts.append(draft)
        except UNWRITABLE as error:
            page.failed.append(faulty(message.message_id, message.claim, error, pen.at))
    return page


def faulty(message_id: MessageId, claim: UUID, error: Exception, at: datetime) -> Deferred:
    """A mail that can't be written harms no other: it waits, with the error shown, until its deadline."""
    words = f"could not be written: {type(error).__name__}"
    return Deferred(message_id=message_id, claim=claim, until=at + _FAULTY_AGAIN, reply=words, by_relay=False)


def _kept(draft: Draft) -> Written:
    key = wire_key(draft.message_id, secret=draft.pen.tools.wire_secret)
    return Written(draft.values.model_dump_json(), draft.template.links, key)


def _address_of(handle: str, domain: str) -> str:
    return f"{handle.replace('-', '.')}@{domain}"


def _from(message: ClaimedMessage, values: MailValues, urls: MailUrls, domain: str) -> dict[str, Any]:
    """In whose name it goes, and where answers to it go.

    What a lead wrote is passed on from an address of ours: their domain's policy (DMARC) lets nobody else send for it.
    """
    ours = urls.mailbox(Purpose.REPLY, domain)
    if (reply := values.reply) is None:
        return {"sender": Party(name=values.sender.name, address=_address_of(message.sender, domain)), "reply_to": ours}
    name = reply.lead_name or reply.address
    sender = Party(name=f"{name} via {values.company.name}", address=ours)
    return {"sender": sender, "reply_to": reply.address, "reply_name": name}


def _thread(message: ClaimedMessage, tools: Tools, domain: str) -> tuple[str, ...]:
    return tuple(wire_id(each, secret=tools.wire_secret, domain=domain) for each in message.thread)


def _stop(urls: MailUrls, domain: str) -> Stop:
    return Stop(url=urls.unsubscribe, mailbox=urls.mailbox(Purpose.UNSUBSCRIBE, domain), program="marketing")


def _urls(message: ClaimedMessage, values: MailValues, template: TemplateBody, tools: Tools, at: datetime) -> MailUrls:
    return MailUrls(
        base_url=tools.public_url,
        signer=tools.signer,
        message_id=message.message_id,
        marketing=message.mail_class == MailClass.MARKETING,
        stops=template.can_be_stopped(message.mail_class),
        opens=values.opens,
        direct=None if values.clicks else template.links,
        ends_at=message.asked_at + _RIGHT_LIVES,
        decide="" if message.owner_id is None else _decide(message, message.owner_id, values, tools, at),
    )


def _decide(message: ClaimedMessage, owner_id: OwnerId, values: MailValues, tools: Tools, at: datetime) -> str:
    """Where the owner who gets a notice says what is to be done; empty in notices that ask nothing."""
    expires_at = at + _LINK_LIVES
    if message.hand_off_id is not None:
        # A notice's visit is its assignment's number: what a decision must name.
        token = tools.signer.hand_off(message.hand_off_id, message.visit, owner_id=owner_id, expires_at=expires_at)
        return tools.public_url + PATHS[Purpose.HAND_OFF] + token
    if values.review is not None:
        coming = MessageId(UUID(values.review.message_id))
        token = tools.signer.review(coming, owner_id=owner_id, expires_at=expires_at)
        return tools.public_url + PATHS[Purpose.REVIEW] + token
    if values.task is not None:
        task_id = TaskId(UUID(values.task.task_id))
        # A notice is worth sending until its task is due; who is late by some days still learns what became of it.
        lives_until = max(expires_at, message.deadline + _LINK_LIVES)
        token = tools.signer.task(task_id, owner_id=owner_id, expires_at=lives_until)
        return tools.public_url + PATHS[Purpose.TASK] + token
    return ""


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
