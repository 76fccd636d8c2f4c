"""Who is offered which lead, and until when? Opened, joined, escalated; answers stand in `answering`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never
from uuid import NAMESPACE_URL, uuid5

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import Conflict
from leadloom.domain.handoffs.hand_off import (
    Conclude,
    Done,
    HandOffState,
    MissedFirstTry,
    Offer,
    Reclock,
    Remind,
    SeekRoom,
    Wait,
    calendar_of,
    next_hand_off_move,
)
from leadloom.domain.handoffs.routing import Asked
from leadloom.domain.lead import EventDraft, Lead
from leadloom.domain.model import AccountId, DealId, HandOffId, Instant, Json, LeadId, OwnerId, Value
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.stages.stage_walk import OpenHandOff
from leadloom.domain.wake import hand_off_looks
from leadloom.store import assignments, audit, calendars, events, joined, owners, pools
from leadloom.store.advanced import Advanced
from leadloom.store.published import Book
from leadloom.store.tx import Tx

SELLING = ("sdr", "ae")
"""Roles in whose hands a company is in conversation with sales."""


class Opened(Value):
    """What became of the wish to hand a lead over."""

    kind: Literal["opened", "joined hand-off", "joined deal"]
    hand_off_id: HandOffId | None = None
    deal_id: DealId | None = None


class HandOff(HandOffState):
    """A hand-off as it is stored."""

    hand_off_id: HandOffId
    lead_id: LeadId
    account_id: AccountId | None
    track: str
    asked_by: str
    why: tuple[str, ...]
    definition_version: int
    """By which it was decided."""
    owner_id: OwnerId | None
    waiting_for: str | None
    waits_until: Instant | None
    decided_by: str | None
    decided_via: str | None
    reason: str | None
    reason_text: str | None
    recycle_until: Instant | None
    closed_at: Instant | None
    snoozed_until: Instant | None
    """Until when its owner hides its card; no clock knows of it."""

    def state_now(self) -> HandOffState:
        """What the domain looks at."""
        return HandOffState.model_validate(self.model_dump(include=set(HandOffState.model_fields)))


async def open(tx: Tx, lead_id: LeadId, order: OpenHandOff, *, book: Book, at: datetime) -> Opened:
    """Offer a lead, or let it join what its company has open: one company, one owner, one notice. Twice is once."""
    lead, account = await calendars.locked(tx, lead_id)
    if (joined := await _join(tx, lead, order, book=book, at=at)) is not None:
        return joined
    routed = await assignments.routed(tx, order, lead, account, book=book, at=at)
    owner = await owners.named(tx, routed.owner) if routed.owner else None
    here = book.in_country(country_of(lead, account))
    contract = here.definition.hand_offs[order.kind]
    hand_off_id = await _new_id(tx, lead_id)
    await tx.run(
        "insert_hand_off",
        **order.model_dump(exclude={"prefer"}),
        hand_off_id=hand_off_id,
        lead_id=lead_id,
        account_id=lead.account_id,
        definition_version=here.definition_version,
        owner_id=owner.owner_id if owner else None,
        pool=routed.pool,
        room_by=calendar_of(here.definition, None).add(at, contract.accept) if routed.has_no_room else None,
        at=at,
    )
    await go_on(tx, hand_off_id, asked=routed.asked, book=book, at=at)
    looks_again(tx, hand_off_id)
    return Opened(kind="opened", hand_off_id=hand_off_id)


async def _new_id(tx: Tx, lead_id: LeadId) -> HandOffId:
    number: int = await tx.value("hand_offs_of_lead_so_far", lead_id=lead_id)
    return HandOffId(uuid5(NAMESPACE_URL, f"leadloom:hand-off/{lead_id}/{number + 1}"))


async def _join(tx: Tx, lead: Lead, order: OpenHandOff, *, book: Book, at: datetime) -> Opened | None:
    """The company's open hand-off or deal, when this kind of hand-off is part of the same conversation."""
    company = {"lead_id": lead.lead_id, "account_id": lead.account_id, "track": order.track}
    joins = _joins(book.definition, order.kind)
    row = await tx.maybe("open_hand_off_of_company", **company, kinds=joins)
    if row is not None:
        await _join_hand_off(tx, lead, order, row["hand_off_id"], book=book, at=at)
        return Opened(kind="joined hand-off", hand_off_id=row["hand_off_id"])
    if len(joins) == 1:
        return None
    deal_id = await joined.join(tx, lead.lead_id, track=order.track, why=order.why, book=book, at=at)
    return Opened(kind="joined deal", deal_id=deal_id) if deal_id else None


def joined_kinds(book: Book, kind: str) -> list[str]:
    """Kinds whose open hand-off takes in one of this kind."""
    return _joins(book.definition, kind)


def _joins(definition: Definition, kind: str) -> list[str]:
    """Kinds whose open hand-off takes this one in. What an SDR passes on joins nothing but the same passing on."""
    if definition.hand_offs[kind].to != "sdr":
        return [kind]
    return [name for name, contract in definition.hand_offs.items() if contract.to in SELLING]


async def _join_hand_off(
    tx: Tx, lead: Lead, order: OpenHandOff, hand_off_id: HandOffId, *, book: Book, at: datetime
) -> None:
    now = await get(tx, hand_off_id)
    asked: dict[str, object] = {"kind": order.kind, "asked_by": order.asked_by, "why": list(order.why)}
    if now.lead_id != lead.lead_id:
        await tx.run("join_hand_off", hand_off_id=hand_off_id, lead_id=lead.lead_id, **asked, at=at)
    if now.state == "accepted":
        if now.owner_id is not None:
            await tx.run("own_leads", lead_ids=[lead.lead_id], owner_id=now.owner_id)
        return
    contracts = book.definition.hand_offs
    if contracts[order.kind].accept < contracts[now.kind].accept:
        # Somebody who asks to talk must not wait on the slower clock of a colleague who only scored.
        room_by = calendar_of(book.definition, None).add(at, contracts[order.kind].accept)
        await tx.run("hurry_hand_off", hand_off_id=hand_off_id, **asked, room_by=room_by)
        await go_on(tx, hand_off_id, book=book, at=at)
        looks_again(tx, hand_off_id)


async def advance(tx: Tx, hand_off_id: HandOffId, *, book: Book, at: datetime) -> Advanced:
    """Remind, escalate and nudge as far as the clocks say at `at`; answer what it waits for. Twice changes nothing."""
    await hold(tx, hand_off_id)
    return await go_on(tx, hand_off_id, book=book, at=at)


async def there(tx: Tx, hand_off_id: HandOffId, book: Book) -> Definition:
    """What leads of its country are judged and clocked by."""
    if not book.local:
        return book.definition
    return book.in_country(await tx.value("country_of_hand_off", hand_off_id=hand_off_id)).definition


async def go_on(tx: Tx, hand_off_id: HandOffId, *, asked: Sequence[Asked] = (), book: Book, at: datetime) -> Advanced:
    """The same for whoever holds it already; `asked` are the rules that led to an offer made now."""
    absent = await owners.absent_handles(tx, at)
    definition = await there(tx, hand_off_id, book)
    while True:
        now = await get(tx, hand_off_id)
        calendar = calendar_of(definition, now.owner) if now.owner else None
        match move := next_hand_off_move(definition, now.state_now(), calendar, absent, at):
            case SeekRoom():
                words = f"somebody of {now.pool} to have room"
                found = await assignments.seek_room(tx, hand_off_id, now.pool, by=move.by, book=book, at=at)
                if isinstance(found, datetime):
                    await waits(tx, hand_off_id, words, found)
                    return Advanced(kind="wait", until=found, waiting_for=words)
                asked = (*asked, found)
            case Wait():
                await waits(tx, hand_off_id, move.waiting_for, move.until)
                return Advanced(kind="wait", until=move.until, waiting_for=move.waiting_for)
            case Done():
                return await _ended(tx, now, book=book, at=at)
            case _:
                await _do(tx, now, move, tuple(asked), book=book, at=at)


async def _ended(tx: Tx, now: HandOff, *, book: Book, at: datetime) -> Advanced:
    """No clock of its own runs any more; an appeal may have one."""
    from leadloom.store import appeals  # imported here: what is upheld is offered anew, so the two need each other

    appealed = await appeals.advance(tx, now.hand_off_id, book=book, at=at)
    waiting = appealed or Advanced(kind="done", waiting_for=now.state)
    await waits(tx, now.hand_off_id, appealed.waiting_for if appealed else None, waiting.until)
    return waiting


async def _do(
    tx: Tx,
    now: HandOff,
    move: Offer | Remind | MissedFirstTry | Reclock | Conclude,
    asked: tuple[Asked, ...],
    *,
    book: Book,
    at: datetime,
) -> None:
    match move:
        case Offer():
            await _offer(tx, now, move, asked, book=book, at=at)
        case Remind():
            await tx.run("mark_reminded", hand_off_id=now.hand_off_id, at=at)
            await _notice(tx, now, "remind", now.owner, book=book, at=at)
        case MissedFirstTry():
            await tx.run("mark_escalated", hand_off_id=now.hand_off_id, at=at)
            await _notice(tx, now, "first-try-missed", book.definition.routing.manager, book=book, at=at)
            await _clock_missed(tx, now, "first try", book=book, at=at)
        case Reclock():
            await _reclock(tx, now, move, at=at)
        case Conclude():
            # Imported here: what an answer brings about can open hand-offs, so the two need each other.
            from leadloom.store import answering

            await answering.conclude(tx, now, book=book, at=at)
        case _:
            assert_never(move)


async def _offer(tx: Tx, now: HandOff, to: Offer, asked: tuple[Asked, ...], *, book: Book, at: datetime) -> None:
    no = now.assignment_no + 1
    offering = assignments.Offering(hand_off_id=now.hand_off_id, lead_id=now.lead_id, no=no, asked=asked)
    await assignments.offer(tx, offering, to, book=book, at=at)
    if to.missed:
        await _clock_missed(tx, now, "accept", book=book, at=at)


async def _reclock(tx: Tx, now: HandOff, to: Reclock, *, at: datetime) -> None:
    await tx.run("move_deadline", hand_off_id=now.hand_off_id, **to.model_dump())
    moved = [(was, by) for was, by in ((now.accept_by, to.accept_by), (now.first_try_by, to.first_try_by)) if was != by]
    for was, by in moved:
        note = audit.Note(
            at=at,
            actor="system",
            action="moved a deadline",
            subject=f"hand-off {now.hand_off_id}",
            before=was.isoformat() if was else None,
            after=by.isoformat() if by else None,
            why="the calendar was edited under the running clock",
        )
        await audit.note(tx, note)


async def _notice(tx: Tx, now: HandOff, step: str, to: str | None, *, book: Book, at: datetime) -> None:
    notice = assignments.Notice(
        hand_off_id=now.hand_off_id, lead_id=now.lead_id, to=to, step=step, no=now.assignment_no
    )
    await assignments.notify(tx, notice, mail=step, book=book, at=at)


async def _clock_missed(tx: Tx, now: HandOff, clock: str, *, book: Book, at: datetime) -> None:
    """Once per hand-off: a lead gets one apology, however high it goes."""
    data: dict[str, Json] = {"hand_off_id": str(now.hand_off_id), "kind": now.kind, "clock": clock}
    key = f"hand-off:{now.hand_off_id}:missed"
    draft = EventDraft(kind="clock_missed", at=at, key=key, actor="system", data=data)
    await events.record(tx, now.lead_id, [draft], book=book, at=at)


async def waits(tx: Tx, hand_off_id: HandOffId, waiting_for: str | None, until: datetime | None) -> None:
    """Write what it waits for: a name and a deadline, or nothing."""
    await tx.run("hand_off_waits", hand_off_id=hand_off_id, waiting_for=waiting_for, waits_until=until)


async def close_conversation(tx: Tx, lead_id: LeadId, *, book: Book, at: datetime) -> None:
    """The lead's company is in conversation no more (its deal closed): free what that held. Twice is fine."""
    await calendars.lock(tx, [lead_id])
    for row in await tx.all("close_conversations", lead_id=lead_id, at=at):
        looks_again(tx, row["hand_off_id"])
        await pools.look_for_room(tx, row["owner"], definition=book.definition)
    await calendars.release_holds(tx, lead_id, book=book, at=at)


async def get(tx: Tx, hand_off_id: HandOffId) -> HandOff:
    """The hand-off. Raises NotFound."""
    return HandOff.model_validate(dict(await tx.one("hand_off_row", hand_off_id=hand_off_id)))


async def block(tx: Tx, hand_off_id: HandOffId, error: str, *, at: datetime) -> None:
    """A step failed three times: it counts as stuck, with its error, until `unblock`."""
    await tx.run("block_hand_off", hand_off_id=hand_off_id, error=error[:500], at=at)


async def unblock(tx: Tx, hand_off_id: HandOffId) -> None:
    """Let a blocked hand-off try again at once. Raises Conflict when it isn't blocked."""
    if await tx.maybe("unblock_hand_off", hand_off_id=hand_off_id) is None:
        raise Conflict(f"Hand-off {hand_off_id} is not blocked: there is nothing to retry.")
    looks_again(tx, hand_off_id)


async def wake_overdue(tx: Tx, *, overdue_since: datetime, limit: int = 500) -> int:
    """Repair: tell hand-offs whose clock passed unnoticed to look again. Answers how many."""
    since = {"overdue_since": overdue_since, "page_limit": limit}
    rows = [*await tx.all("overdue_hand_offs", **since), *await tx.all("overdue_appeals", **since)]
    for row in rows:
        looks_again(tx, row["hand_off_id"])
    return len(rows)


def looks_again(tx: Tx, hand_off_id: HandOffId) -> None:
    """Let its workflow look at its clocks anew once this transaction is in."""
    tx.look_again(hand_off_looks(hand_off_id))


async def hold(tx: Tx, hand_off_id: HandOffId) -> None:
    """Hold every lead the hand-off concerns, before any of it is read."""
    await calendars.lock(tx, [row["lead_id"] for row in await tx.all("leads_of_hand_off", hand_off_id=hand_off_id)])
