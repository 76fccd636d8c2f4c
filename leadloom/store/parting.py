"""How are two leads parted that were merged? As they were; what happened since stays with one (decision 0033)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.lead import EventDraft, Lead
from leadloom.domain.model import Json, LeadId, Value
from leadloom.domain.people.merging import United
from leadloom.domain.wake import hand_off_looks, lifecycle_looks, run_looks
from leadloom.store import audit, events, leads, merge_score, permissions
from leadloom.store.merge_under_way import said_by
from leadloom.store.merges import NO_MORE
from leadloom.store.merging import PARTED
from leadloom.store.permissions import Silence, Withdrawal
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx, row_of


class Undo(Value):
    """Who says that two leads are not one person after all."""

    merge_id: UUID
    by: str
    why: str


class Parted(Value):
    """What became of them."""

    survivor_id: LeadId
    loser_id: LeadId
    events_since: int
    """What happened since the merge; the survivor keeps it."""
    said_no_since: bool
    """They ended marketing meanwhile: it holds for both."""


async def undo(tx: Tx, order: Undo, *, book: Book, at: datetime) -> Parted:
    """Part two leads again, and keep them apart from now on. What each had is theirs again, runs and offers that the
    merge ended go on; what happened since stays with the survivor.

    Raises NotFound; BadInput without a why; Conflict when it was undone before, when the survivor was merged again
    since, or when they were erased.
    """
    if not order.why.strip():
        raise BadInput("why", order.why, "Say why they are two people: it is kept.")
    row = await _undoable(tx, order.merge_id)
    survivor, loser = row["survivor_id"], row["loser_id"]
    both: list[LeadId] = [survivor, loser]
    [held] = await tx.all("lock_leads_to_merge", lead_ids=[survivor])
    if held["erased_at"] is not None:
        raise Conflict("They were erased since: nothing is left that could be parted.")
    said_no: bool = await tx.value("said_no_since", lead_id=survivor, last_no=row["last_no"], kinds=list(NO_MORE))
    await _give_back(tx, row)
    await _own_fields(tx, row)
    await merge_score.give_back_what_counted_twice(tx, await leads.get(tx, survivor), order.merge_id, book=book, at=at)
    await tx.run("lift_carried", survivor=survivor, carried_by=said_by(order.merge_id), by=order.by, at=at)
    await tx.run("drop_carried_withdrawals", survivor=survivor, carried_by=said_by(order.merge_id))
    if said_no:
        no = {"purpose": permissions.MARKETING, "reason": permissions.UNSUBSCRIBED, "by": "lead", "at": at}
        silences = [Silence.model_validate({"scope": "person", "value": str(each), **no}) for each in both]
        withdrawals = [Withdrawal(lead_id=each, source=said_by(order.merge_id), at=at) for each in both]
        await permissions.take_back(tx, withdrawals, silences)
    await tx.run("mark_undone", merge_id=order.merge_id, at=at, by=order.by, why=order.why)
    await tx.run("keep_apart", one=survivor, other=loser, at=at, by=order.by, why=order.why)
    await _record(tx, order, both, book=book, at=at)
    return Parted(
        survivor_id=survivor, loser_id=loser, events_since=held["last_event_no"] - row["last_no"], said_no_since=said_no
    )


async def _undoable(tx: Tx, merge_id: UUID) -> Record:
    row = await tx.one("merge_by_id", merge_id=merge_id)
    if row["undone_at"] is not None:
        raise Conflict(f"This merge was undone on {row['undone_at']:%Y-%m-%d} by {row['undone_by']}.")
    newer = await tx.maybe("newer_merge", lead_id=row["lead_id"], seq=row["seq"])
    if newer is not None:
        raise Conflict(f"They were merged with somebody else since: undo {newer['merge_id']} first.")
    return row


async def _give_back(tx: Tx, row: Record) -> None:
    """Rows, then events and stages under their own numbers."""
    survivor, loser, merge_id = row["survivor_id"], row["loser_id"], row["merge_id"]
    mark = f" ({said_by(merge_id)})"
    await tx.run("runs_back", survivor=survivor, merge_id=merge_id, loser_nos=row["loser_nos"])
    await tx.run("make_room_for_stages", survivor=survivor, merge_id=merge_id)
    await tx.run("end_redirect", loser=loser)
    await tx.all("put_rows_back", merge_id=merge_id, loser=loser)
    await tx.run("make_room_for_events", lead_id=survivor)
    await tx.run("events_of_loser_back", survivor=survivor, loser=loser, loser_nos=row["loser_nos"])
    await tx.run("events_of_survivor_back", survivor=survivor)
    await tx.run("number_both", lead_ids=[survivor, loser])
    await tx.run("keys_back", loser=loser, mark=mark)
    await tx.run("run_keys_back", loser=loser, mark=mark)
    await tx.run("stages_behind", survivor=survivor)
    await tx.run("stand_where_the_log_ends", lead_ids=[survivor, loser])


async def _own_fields(tx: Tx, row: Record) -> None:
    """What the merge changed of the survivor is what it was, unless somebody told it anew since."""
    lead = await leads.get(tx, row["survivor_id"])
    changed: dict[str, object] = {}
    for field, told in row["united"].items():
        each = United.model_validate(told)
        if field == "attributes":
            changed[field] = _own_attributes(lead, each)
        elif getattr(lead, field) == each.is_:
            changed[field] = each.was
    was = await tx.one("owner_and_company_before", merge_id=row["merge_id"])
    if lead.account_id == was["account_after"]:
        changed["account_id"] = was["account_before"]
    await tx.run("tell_leads", rows=[row_of(lead.but(**changed))])
    if lead.owner_id == was["owner_after"]:
        await tx.run("own_again", lead_id=lead.lead_id, owner_id=was["owner_before"])


def _own_attributes(lead: Lead, each: United) -> dict[str, Json]:
    was = each.was if isinstance(each.was, dict) else {}
    became = each.is_ if isinstance(each.is_, dict) else {}
    since = {name: value for name, value in lead.attributes.items() if name not in became or became[name] != value}
    return {**was, **since}


async def _record(tx: Tx, order: Undo, both: list[LeadId], *, book: Book, at: datetime) -> None:
    for place, lead_id in enumerate(both):
        draft = EventDraft(
            kind=PARTED, at=at, key=f"parted/{order.merge_id}", actor=order.by,
            data={"merge": str(order.merge_id), "other": str(both[1 - place])},
        )  # fmt: skip
        await events.record(tx, lead_id, [draft], book=book, at=at)
        tx.look_again(lifecycle_looks(lead_id))
    for row in await tx.all("open_runs_of_pair", lead_ids=both):
        tx.look_again(run_looks(row["enrolment_id"], row["workflow"]))
    for row in await tx.all("open_talks_of_pair", lead_ids=both):
        tx.look_again(hand_off_looks(row["hand_off_id"]))
    notes = [
        audit.Note(at=at, actor=order.by, action="parted two leads", subject=f"lead {each}", why=order.why,
                   after={"merge": str(order.merge_id)})
        for each in both
    ]  # fmt: skip
    await audit.note_once(tx, notes)
