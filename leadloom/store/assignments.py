"""To whom is a hand-off offered, until when, and how do they hear of it? One notice per assignment, never two."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.definitions.own_events import APPEAL_UPHELD
from leadloom.domain.handoffs.hand_off import Offer
from leadloom.domain.handoffs.loops import GivenBack, looped, passed_over
from leadloom.domain.handoffs.routing import Asked, OwnerFacts, Routed, Situation, UnknownPool, route
from leadloom.domain.handoffs.sharing import MemberNow, share
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.model import HandOffId, Instant, LeadId, Value
from leadloom.domain.stages.stage_walk import OpenHandOff
from leadloom.store import asking, notice_posts, owners, pools
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
    """Where it goes, and which rules were asked; back to the owner who gave it for repair, when they are there.

    A pool that shares it counts it as dealt: this belongs in the transaction that opens the hand-off.
    """
    absent = await owners.absent_handles(tx, at)
    if order.prefer is not None and order.prefer not in absent and _known(book, order.prefer):
        return Routed(owner=order.prefer, pool=None, asked=(_preferred(order, order.prefer),), at=at)
    before = [GivenBack.model_validate(dict(row)) for row in await tx.all("given_back_before", lead_id=lead.lead_id)]
    if (parked := looped(book.definition, order, before, at)) is not None:
        return parked
    over = passed_over(book.definition, before)
    everybody = {owner.owner_id: owner.handle for owner in await owners.roster(tx)}
    facts = {one: OwnerFacts(handle=one, absent=one in absent, gave_back=one in over) for one in everybody.values()}
    whom = Situation(
        lead=lead,
        account=account,
        account_owner=everybody.get(account.owner_id) if account and account.owner_id else None,
        lead_owner=everybody.get(lead.owner_id) if lead.owner_id else None,
        at=at,
    )
    members: dict[str, tuple[MemberNow, ...]] = {}
    while isinstance(found := route(book.definition, order.kind, whom, facts, members), UnknownPool):
        there = await pools.members(tx, found.pool, definition=book.definition, absent=absent, at=at)
        members[found.pool] = tuple(member.but(gave_back=member.owner in over) for member in there)
    if found.shared is not None:
        await pools.write(tx, found.shared)
    return found


def _preferred(order: OpenHandOff, handle: str) -> Asked:
    if order.asked_by == APPEAL_UPHELD:
        return Asked(rule="named when the appeal was upheld", matched=True, why=f"the decision named {handle}")
    return Asked(rule="back to the same owner", matched=True, why=f"{handle} had this lead before")


async def seek_room(
    tx: Tx, hand_off_id: HandOffId, pool: str | None, *, by: datetime, book: Book, at: datetime
) -> datetime | Asked:
    """Ask the pool once more for a lead that waits for room in it: how that went when somebody has some, and the lead
    is theirs; else when to ask again at the latest.
    """
    if pool is None or pool not in book.definition.routing.pools:
        # A new definition knows the pool no more: when its hour comes, it lies where everybody can take it.
        return by
    absent = await owners.absent_handles(tx, at)
    members = await pools.members(tx, pool, definition=book.definition, absent=absent, at=at)
    shared = share(pool, book.definition.routing.pools[pool], members)
    if shared.owner is None:
        return min(by, shared.room_at or by)
    await pools.write(tx, shared)
    owner = await owners.named(tx, shared.owner)
    await tx.run("give_room", hand_off_id=hand_off_id, owner_id=owner.owner_id)
    why = f"{owner.name} is the first of {pool} to have room"
    return Asked(rule="waited for room", matched=True, why=why, members=shared.seen)


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
    await tx.run("offer_hand_off", **place, level=to.level, accept_in=to.accept_in)
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
    told = notice_posts.NoticeOf(hand_off_id=notice.hand_off_id, step=notice.step, no=notice.no, mail=mail)
    await notice_posts.ask(tx, told, reader, book=book, at=at)


async def of_hand_off(tx: Tx, hand_off_id: HandOffId) -> tuple[Assignment, ...]:
    """To whom it was offered, in order."""
    rows = await tx.all("assignments_of_hand_off", hand_off_id=hand_off_id)
    return tuple(Assignment.model_validate(dict(row)) for row in rows)
