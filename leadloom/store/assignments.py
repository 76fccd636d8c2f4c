"""To whom is a hand-off offered, until when, and how do they hear of it? One notice per assignment, never two."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.handoffs.hand_off import Offer
from leadloom.domain.handoffs.routing import Asked, OwnerFacts, Routed, route
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.model import HandOffId, Instant, LeadId, Value
from leadloom.domain.stages.stage_walk import OpenHandOff
from leadloom.store import asking, owners
from leadloom.store.published import Book
from leadloom.store.tx import Tx

NOTICES = "hand-off"
"""Folder of the owner notices' templates."""
WORTH = timedelta(days=14)
"""A notice is worth sending as long as its offer stands; the veto view knows that, so this only bounds a dead relay."""


class Assignment(Value):
    """One offer of a hand-off."""

    no: int
    owner: str | None
    pool: str | None
    at: Instant
    accept_by: Instant
    why: str
    routed: tuple[Asked, ...]


async def routed(
    tx: Tx, order: OpenHandOff, lead: Lead, account: Account | None, *, book: Book, at: datetime
) -> Routed:
    """Where it goes, and which rules were asked; back to the owner who gave it for repair, when they are there."""
    absent = await owners.absent_handles(tx, at)
    if order.prefer is not None and order.prefer not in absent and _known(book, order.prefer):
        asked = Asked(rule="back to the same owner", matched=True, why=f"{order.prefer} had this lead before")
        return Routed(owner=order.prefer, pool=None, asked=(asked,), at=at)
    facts = {
        owner.handle: OwnerFacts(handle=owner.handle, absent=owner.handle in absent)
        for owner in await owners.roster(tx)
    }
    holder = (await owners.get(tx, account.owner_id)).handle if account and account.owner_id else None
    return route(book.definition, order.kind, lead, account, facts, holder, at)


def _known(book: Book, handle: str) -> bool:
    return any(entry.handle == handle for entry in book.definition.owners)


class Offering(Value):
    """Which offer of a hand-off is made."""

    hand_off_id: HandOffId
    lead_id: LeadId
    no: int
    """Number of the assignment, without gaps from 1."""
    asked: tuple[Asked, ...] = ()
    """The routing rules that were asked; none when it goes up the ladder."""


async def offer(tx: Tx, offering: Offering, to: Offer, *, book: Book, at: datetime) -> None:
    """Write the assignment and its notice. The key (hand-off, 'offer', no) makes the notice one."""
    owner = await owners.named(tx, to.owner) if to.owner else None
    place: dict[str, object] = {
        "hand_off_id": offering.hand_off_id,
        "no": offering.no,
        "owner_id": owner.owner_id if owner else None,
        "pool": to.pool,
        "accept_by": to.accept_by,
        "at": at,
    }
    await tx.run("offer_hand_off", **place, level=to.level)
    await tx.run("insert_assignment", **place, why=to.why, routed=[rule.model_dump() for rule in offering.asked])
    notice = Notice(
        hand_off_id=offering.hand_off_id, lead_id=offering.lead_id, to=to.owner, step="offer", no=offering.no
    )
    await notify(tx, notice, mail="escalated" if to.level > 0 else "offer", book=book, at=at)


class Notice(Value):
    """What an owner hears about a hand-off; (hand-off, step, no) is its key."""

    hand_off_id: HandOffId
    lead_id: LeadId
    to: str | None
    """Handle of the owner; None while it lies in a pool, whose manager hears of it."""
    step: str
    no: int


async def notify(tx: Tx, notice: Notice, *, mail: str, book: Book, at: datetime) -> None:
    """Ask for the notice. Twice is once."""
    reader = await owners.named(tx, notice.to or book.definition.routing.manager)
    order = asking.MessageOrder(
        lead_id=notice.lead_id,
        owner_id=reader.owner_id,
        hand_off_id=notice.hand_off_id,
        step=notice.step,
        visit=notice.no,
        journey=NOTICES,
        mail=mail,
        mail_class=MailClass.OWNER_NOTICE,
        sender=book.definition.owner,
        worth=WORTH,
    )
    await asking.ask(tx, order, book=book, at=at)


async def of_hand_off(tx: Tx, hand_off_id: HandOffId) -> tuple[Assignment, ...]:
    """To whom it was offered, in order."""
    rows = await tx.all("assignments_of_hand_off", hand_off_id=hand_off_id)
    return tuple(Assignment.model_validate(dict(row)) for row in rows)
