"""How does an open offer come to somebody else's desk by a person's word, not by the clock?

Given to a named owner, or routed once more by the rules in force. What is being worked is not pulled: whoever has tried
to reach the lead keeps it until they give it back or its clock takes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.hand_off import calendar_of, name_of
from leadloom.domain.handoffs.routing import Asked, Routed
from leadloom.domain.model import HandOffId
from leadloom.domain.stages.stage_walk import OpenHandOff
from leadloom.store import assignments, audit, calendars, hand_offs, owners, pools
from leadloom.store.hand_offs import HandOff
from leadloom.store.published import Book
from leadloom.store.tx import Tx


class Word(NamedTuple):
    """Who wants it, and why; kept in the audit."""

    by: str
    """Handle of an owner of the definition."""
    why: str


async def give(tx: Tx, hand_off_id: HandOffId, to: str, word: Word, *, book: Book, at: datetime) -> HandOff:
    """Offer it to this owner, with a clock and a notice of its own. For whoever has it already nothing changes.

    Raises Conflict when it is answered or being worked; BadInput for somebody who is away, or whom nobody knows.
    """
    now = await _movable(tx, hand_off_id, word, book=book)
    if to not in {entry.handle for entry in book.definition.owners}:
        raise BadInput("to", to, "Name an owner of the definition.")
    if to in await owners.absent_handles(tx, at):
        raise BadInput("to", to, f"{name_of(book.definition, to)} is away: name somebody who is there.")
    if now.owner == to:
        return now
    asked = Asked(rule="given by hand", matched=True, why=f"{name_of(book.definition, word.by)}: {word.why}")
    return await _move(tx, now, Routed(owner=to, pool=None, asked=(asked,), at=at), word, book=book, at=at)


async def route_again(tx: Tx, hand_off_id: HandOffId, word: Word, *, book: Book, at: datetime) -> HandOff:
    """Ask the rules in force once more and offer it to whom they find, be it the same owner: a fresh offer and clock.

    Whoever had it by their turn in a pool is owed another. Raises Conflict when it is answered or being worked.
    """
    now = await _movable(tx, hand_off_id, word, book=book)
    if now.pool and now.owner and now.level == 0:
        await pools.owed(tx, now.pool, now.owner, definition=book.definition)
    lead, account = await calendars.locked(tx, now.lead_id)
    order = OpenHandOff(kind=now.kind, track=now.track, asked_by=now.asked_by, why=now.why)
    routed = await assignments.routed(tx, order, lead, account, book=book, at=at)
    return await _move(tx, now, routed, word, book=book, at=at)


async def _movable(tx: Tx, hand_off_id: HandOffId, word: Word, *, book: Book) -> HandOff:
    await hand_offs.hold(tx, hand_off_id)
    now = await hand_offs.get(tx, hand_off_id)
    if word.by not in {entry.handle for entry in book.definition.owners}:
        raise BadInput("by", word.by, "Only an owner of the definition moves an offer.")
    if not word.why.strip():
        raise BadInput("why", word.why, "Say in a few words why: whoever loses it reads that.")
    if now.state != "offered":
        raise Conflict(f"It is {now.state}, no open offer any more: nothing was changed.")
    if now.answer is not None:
        raise Conflict(f"{name_of(book.definition, now.answer.decision.by)} has just answered it: nothing was changed.")
    if now.first_try_at is not None and now.offered_at is not None and now.first_try_at >= now.offered_at:
        holder = name_of(book.definition, now.owner) if now.owner else "Somebody"
        raise Conflict(f"{holder} has tried to reach the lead and keeps it: nothing was changed.")
    return now


async def _move(tx: Tx, now: HandOff, routed: Routed, word: Word, *, book: Book, at: datetime) -> HandOff:
    owner = await owners.named(tx, routed.owner) if routed.owner else None
    accept = book.definition.hand_offs[now.kind].accept
    await tx.run(
        "move_hand_off",
        hand_off_id=now.hand_off_id,
        owner_id=owner.owner_id if owner else None,
        pool=routed.pool,
        room_by=calendar_of(book.definition, None).add(at, accept) if routed.has_no_room else None,
    )
    await hand_offs.go_on(tx, now.hand_off_id, asked=routed.asked, book=book, at=at)
    await pools.look_for_room(tx, now.owner, definition=book.definition)
    after = await hand_offs.get(tx, now.hand_off_id)
    note = audit.Note(
        at=at,
        actor=word.by,
        action="moved an offer",
        subject=f"hand-off {now.hand_off_id}",
        before={"owner": now.owner, "pool": now.pool, "assignment_no": now.assignment_no},
        after={"owner": after.owner, "pool": after.pool, "assignment_no": after.assignment_no},
        why=word.why,
    )
    await audit.note(tx, note)
    hand_offs.looks_again(tx, now.hand_off_id)
    return after
