"""When does each mail of a person go? Loads a lead's calendar under its lock and writes what the pure plan answers.

Locks are always taken in one order (leads by id, their accounts, lanes, message rows), so that planners of one
company wait for each other and never deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from leadloom.domain.definition import Definition
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import LeadId
from leadloom.domain.slots import Calendar, Slot, SlotRules, TooLate, Wish, plan
from leadloom.domain.windows import zone_of
from leadloom.store import lanes, standing
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

LATE = timedelta(minutes=10)
"""A mail that went, or waited, this much longer than its slot moves the rest of the calendar (design law 6)."""
PAGE = 200
"""Leads one sweep plans in one transaction."""


async def lock(tx: Tx, lead_ids: Iterable[LeadId]) -> None:
    """Hold these leads, then their accounts, until the transaction ends. Several leads only before any account."""
    ids = sorted(set(lead_ids))
    if ids:
        await standing.lock(tx, ids)
        await tx.all("lock_accounts_of_leads", lead_ids=ids)


async def locked(tx: Tx, lead_id: LeadId) -> tuple[Lead, Account | None]:
    """The lead and their account, held until the transaction ends. Raises NotFound."""
    await lock(tx, [lead_id])
    lead, _ = (await standing.lock(tx, [lead_id]))[lead_id]
    account = await standing.accounts(tx, [lead.account_id])
    return lead, account[lead.account_id] if lead.account_id else None


async def replan(tx: Tx, lead_id: LeadId, *, book: Book, at: datetime) -> None:
    """Pack the lead's unclaimed mail anew from `at` on; what fits nowhere before its deadline expires, with the reason.

    Releases mail whose hold has ended. Wakes a lane that would sleep through an earlier slot.
    """
    lead, account = await locked(tx, lead_id)
    await tx.all("hold_lanes_of_lead", lead_id=lead_id)
    await tx.run("release_ended_holds_of_lead", lead_id=lead_id, at=at)
    await tx.all("lock_unclaimed_of_lead", lead_id=lead_id)
    rows = await tx.all("unclaimed_of_lead", lead_id=lead_id)
    if rows:
        await _write(tx, rows, await _plan(tx, rows, lead, account, book.definition, at), at)


async def release_holds(tx: Tx, lead_id: LeadId, *, book: Book, at: datetime) -> None:
    """A conversation ended: plan what it held, for everybody at the lead's company."""
    await _replan_all(tx, await tx.all("held_leads_of_company", lead_id=lead_id), book, at)


async def sweep_holds(tx: Tx, *, book: Book, at: datetime) -> int:
    """Repair: plan mail whose hold ended unnoticed, expire what was held past its worth. Answers how many leads."""
    rows = await tx.all("leads_with_ended_holds", at=at, page_limit=PAGE)
    await _replan_all(tx, rows, book, at)
    for row in rows:
        for held in await tx.all("held_past_deadline", lead_id=row["lead_id"], at=at):
            await _expire(tx, held["message_id"], "sales was in conversation with the company until its deadline", at)
    return len(rows)


async def replan_late(tx: Tx, lane: str, *, limit: int, book: Book, at: datetime) -> None:
    """Plan anew what the lane should have sent long ago: its window may be over, its caps may be full."""
    rows = await tx.all("late_leads_of_lane", lane=lane, late_before=at - LATE, page_limit=limit)
    await _replan_all(tx, rows, book, at)


async def _replan_all(tx: Tx, rows: Sequence[Record], book: Book, at: datetime) -> None:
    lead_ids: list[LeadId] = [row["lead_id"] for row in rows]
    await lock(tx, lead_ids)
    for lead_id in lead_ids:
        await replan(tx, lead_id, book=book, at=at)


async def _plan(
    tx: Tx, rows: Sequence[Record], lead: Lead, account: Account | None, definition: Definition, at: datetime
) -> tuple[Slot | TooLate, ...]:
    policy = definition.mail
    capped = [name for name, rule in policy.classes.items() if rule.capped]
    since = at - max(policy.per_person.within, policy.per_company.within)
    taken = [row["at"] for row in await tx.all("taken_of_lead", lead_id=lead.lead_id, capped=capped, since=since)]
    company: list[datetime] = taken
    if account is not None:
        company_rows = await tx.all(
            "taken_of_company", account_id=account.account_id, lead_id=lead.lead_id, capped=capped, since=since
        )
        company = [row["at"] for row in company_rows]
    rules = SlotRules(
        zone=zone_of(lead, account, definition.company),
        window=policy.window,
        per_person=policy.per_person,
        per_company=policy.per_company,
    )
    return plan(Calendar(taken=tuple(taken)), [_wish(row, definition, at) for row in rows], rules, company)


def _wish(row: Record, definition: Definition, at: datetime) -> Wish:
    policy = definition.mail.classes[row["mail_class"]]
    return Wish(
        message_id=row["message_id"],
        priority=row["priority"],
        asked_at=row["asked_at"],
        not_before=max(row["not_before"], at),
        deadline=row["deadline"],
        capped=policy.capped,
        windowed=policy.windowed,
        jitter=timedelta(seconds=row["jitter_s"]),
    )


async def _write(tx: Tx, rows: Sequence[Record], answers: Iterable[Slot | TooLate], at: datetime) -> None:
    before = {row["message_id"]: row for row in rows}
    moved: list[dict[str, object]] = []
    earliest: dict[str, datetime] = {}
    for answer in answers:
        row = before[answer.message_id]
        if isinstance(answer, TooLate):
            await _expire(tx, answer.message_id, answer.why, at)
            continue
        if answer.at != row["slot_at"]:
            moved.append({"message_id": answer.message_id, "slot_at": answer.at})
        earliest[row["lane"]] = min(answer.at, earliest.get(row["lane"], answer.at))
    await tx.many("move_slot", moved)
    await lanes.nudge(tx, earliest)


async def _expire(tx: Tx, message_id: object, reason: str, at: datetime) -> None:
    await tx.run("expire_message", message_id=message_id, reason=reason, at=at)
