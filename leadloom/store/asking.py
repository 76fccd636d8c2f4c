"""How is a mail asked for? A row for each send, planned at once in its lead's calendar; one mail is a list of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from leadloom.domain.facts import MessageStatus, SentMail
from leadloom.domain.mails.mail_class import MARKETING, MailClass
from leadloom.domain.mails.mail_key import mail_id
from leadloom.domain.mails.send_rules import USUAL_PRIORITY, jitter_of, priority_of
from leadloom.domain.mails.sending import needed_basis, refused
from leadloom.domain.mails.windows import lead_zone
from leadloom.domain.model import EnrolmentId, HandOffId, Instant, Json, LeadId, MessageId, OwnerId, Value
from leadloom.domain.stages.scoring import country_of
from leadloom.store import calendars, lanes, permissions, published
from leadloom.store.calendars import Whom
from leadloom.store.published import Book
from leadloom.store.tx import Tx


class MessageOrder(Value):
    """A mail somebody asks for. Its key is (run, hand-off or answer, step, visit)."""

    lead_id: LeadId
    """Whom it is about; who gets it, too, unless `owner_id` says otherwise."""
    owner_id: OwnerId | None = None
    """The owner who gets it."""
    enrolment_id: EnrolmentId | None = None
    hand_off_id: HandOffId | None = None
    return_id: UUID | None = None
    """The answer it passes on."""
    step: str
    visit: int
    journey: str
    """Folder of the template; `hand-off` for owner notices."""
    mail: str
    mail_class: str
    sender: str
    """Handle of who signs."""
    worth: timedelta
    """How long it is worth sending, from the first instant it may go."""
    not_before: Instant | None = None
    """The first instant it may go; None is when it is asked for."""
    priority: int = USUAL_PRIORITY
    """Of its journey; the class comes first (`send_rules.priority_of`)."""
    topic: str | None = None
    """What its journey is about."""
    turn_in_run: int = 0
    """How many mails its run has asked for before it: tells mails of one look apart."""

    @property
    def message_id(self) -> MessageId:
        """Made of the key, so that asking twice can only mean the same row."""
        return mail_id(self.enrolment_id or self.hand_off_id or self.return_id, self.step, self.visit)


Ask = tuple[MessageOrder, datetime]
"""An order and the instant it is asked at."""


async def ask(tx: Tx, order: MessageOrder, *, book: Book, at: datetime) -> SentMail:
    """Plan a mail. The second time with the same key answers the row of the first and changes nothing."""
    who = {order.lead_id: await calendars.locked(tx, order.lead_id)}
    await ask_all(tx, [(order, at)], who=who, book=book)
    return SentMail(**await tx.one("asked_mail", message_id=order.message_id))


async def ask_all(tx: Tx, asks: Sequence[Ask], *, who: Mapping[LeadId, Whom], book: Book) -> dict[MessageId, SentMail]:
    """Plan mails of several leads, as many statements as for one. Keys that are known change nothing.

    Args:
        tx: It holds the leads and their accounts (calendars.locked_all) until it ends.
        asks: At most one a lead.
        who: The leads of the asks.
        book: Policy of the mail classes, caps and windows.

    Returns:
        How mails to these leads stand that are new or were planned anew.
    """
    never = await _of_topics_off(tx, asks)
    new = await _insert(tx, asks, who, never, book)
    # No caps and no window: an owner's notice goes at once, whatever the lead's calendar says.
    to_owners = {lanes.lane_of(order.owner_id): at for order, at in new if order.owner_id is not None}
    if to_owners:
        await lanes.hold(tx, to_owners)
        await lanes.nudge(tx, to_owners)
    off = {order.message_id: _never(order, at) for order, at in new if order.message_id in never}
    to_leads = {order.lead_id: at for order, at in new if order.owner_id is None and order.message_id not in off}
    return off | await calendars.replan_all(tx, to_leads, who=who, book=book) if to_leads else off


async def _of_topics_off(tx: Tx, asks: Sequence[Ask]) -> dict[MessageId, str]:
    """Mail about what its reader turned off, and why it never goes: it takes no room in their calendar."""
    about = [order for order, _ in asks if order.topic and order.mail_class == MailClass.MARKETING]
    if not about:
        return {}
    off = await permissions.topics_off(tx, [order.lead_id for order in about])
    return {
        order.message_id: refused(order.mail_class, "topic_off", order.topic).words
        for order in about
        if order.topic and order.owner_id is None and order.topic in off.get(order.lead_id, ())
    }


def _never(order: MessageOrder, at: datetime) -> SentMail:
    return SentMail(
        message_id=order.message_id,
        step=order.step,
        visit=order.visit,
        status=MessageStatus.SUPPRESSED,
        slot_at=order.not_before or at,
    )


async def _insert(
    tx: Tx, asks: Sequence[Ask], who: Mapping[LeadId, Whom], never: Mapping[MessageId, str], book: Book
) -> list[Ask]:
    """Those that nobody has asked for before, each with its row. Their lanes are held by whoever nudges them."""
    hashes = await _templates(tx, (order for order, _ in asks))
    rows = [
        _row(order, at, who[order.lead_id], book)
        | {"template_hash": hashes[order.journey, order.mail], "never": never.get(order.message_id)}
        for order, at in asks
    ]
    inserted = await tx.all("insert_messages", rows=rows, lane_per_second=lanes.PER_SECOND)
    new = {row["message_id"] for row in inserted}
    return [each for each in asks if each[0].message_id in new]


async def _templates(tx: Tx, orders: Iterable[MessageOrder]) -> dict[tuple[str, str], str]:
    """The template in force for each mail, by (journey, mail)."""
    wanted = sorted({(order.journey, order.mail) for order in orders})
    return {(journey, mail): await published.template_hash(tx, journey, mail) for journey, mail in wanted}


def _row(order: MessageOrder, at: datetime, whom: Whom, book: Book) -> dict[str, Json]:
    lead, account = whom
    policy = book.definition.mail.classes[order.mail_class]
    country = country_of(lead, account)
    basis = None if order.owner_id else needed_basis(book.definition, order.mail_class, country)
    message_id = order.message_id
    zone = None if order.owner_id else lead_zone(lead, account, book.definition.company)
    return {
        **order.model_dump(mode="json", exclude={"journey", "worth", "not_before"}),
        "message_id": str(message_id),
        "account_id": None if order.owner_id or lead.account_id is None else str(lead.account_id),
        "purpose": MARKETING if policy.basis else order.mail_class,
        "needs_basis": None if basis is None else [str(kind) for kind in basis],
        "lane": lanes.lane_of(order.owner_id or order.lead_id),
        "priority": priority_of(policy, order.priority),
        "asked_at": at.isoformat(),
        "not_before": (order.not_before or at).isoformat(),
        "deadline": ((order.not_before or at) + order.worth).isoformat(),
        "jitter_s": int(jitter_of(policy, message_id).total_seconds()),
        "zone": zone.name if zone else None,
        "zone_by": zone.told_by if zone else None,
    }
