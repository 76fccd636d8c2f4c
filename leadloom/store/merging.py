"""How do two leads become one? In one transaction, recorded so that they can be parted again (decision 0033)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import Field

from leadloom.domain.definitions.one_person import MERGED_FIELDS
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import Json, LeadId, Value
from leadloom.domain.people.merging import From, Side, United, survives, unite
from leadloom.domain.wake import lifecycle_looks
from leadloom.store import audit, events, listeners, merge_reconciling, merge_score, merges
from leadloom.store.merge_under_way import Merging, Numbers, numbered, said_by
from leadloom.store.merges import Rule
from leadloom.store.published import Book
from leadloom.store.standing import lead_of
from leadloom.store.tx import Record, Tx, new_id, row_of

MERGED, PARTED = "leads_merged", "leads_parted"


class MergeOrder(Value):
    """Two leads that somebody, or a rule, says are one person."""

    one: LeadId
    other: LeadId
    by: str
    why: str
    rule: Rule = "by hand"
    fields: dict[str, LeadId] = Field(default_factory=dict)
    """Fields whose value somebody chose: field → the lead whose value stands. The others go by their rules."""


class Merged(Value):
    """What became of them."""

    merge_id: UUID
    lead_id: LeadId
    """The survivor."""
    loser_id: LeadId
    united: dict[str, United]
    ended_runs: int
    closed_hand_offs: int
    is_new: bool = True
    """False when they were one already: nothing was done."""


async def merge(tx: Tx, order: MergeOrder, *, book: Book, at: datetime) -> Merged:
    """Make one lead of two: fields by their rules, events in order of time, the further log of each track, all runs but
    those the person would take twice, one conversation with sales, and the stricter word on mail.

    Who names the loser from now on finds the survivor. Twice is once. Two merges of one lead at once wait for one
    another; a kill leaves all or nothing.

    Raises NotFound; BadInput for a lead and itself, without a why, or for a field nobody can choose; Conflict when
    either was erased.
    """
    if not order.why.strip():
        raise BadInput("why", order.why, "Say why they are one person: it is kept.")
    if (done := await tx.maybe("merge_of_pair", lead_ids=[order.one, order.other])) is not None:
        return await _again(tx, done["merge_id"])
    lead_ids = [await merges.now(tx, order.one), await merges.now(tx, order.other)]
    rows = await tx.all("lock_leads_to_merge", lead_ids=sorted(lead_ids))
    if any(row["erased_at"] for row in rows):
        raise Conflict("One of them was erased: nothing is left that could be merged.")
    survivor, loser = await sides(tx, rows, lead_ids)
    this = Merging(tx, book, at, new_id(), survivor, loser)
    united = unite(book.definition.one_person, survivor, loser, chosen=await _chosen(this, order))
    numbers = await numbered(this)
    await _begin(this, order, united, numbers)
    ended = await merge_reconciling.end_double_runs(this, numbers)
    closed, owner = await merge_reconciling.close_double_talks(this)
    await merge_reconciling.set_stages_behind_aside(this)
    await merge_reconciling.keep_silent(this)
    await _move(this, numbers)
    await _tell(this, united, owner)
    await tx.run("own_united", lead_id=this.mine, owner_id=owner, last_no=numbers.last)
    await merge_score.take_what_counts_twice(this, numbers)
    await _record(this, order)
    return Merged(
        merge_id=this.merge_id, lead_id=this.mine, loser_id=this.theirs, united=united, ended_runs=ended,
        closed_hand_offs=closed,
    )  # fmt: skip


async def _begin(this: Merging, order: MergeOrder, united: Mapping[str, United], numbers: Numbers) -> None:
    await this.tx.run(
        "begin_merge", merge_id=this.merge_id, survivor=this.mine, loser=this.theirs, at=this.at, by=order.by,
        why=order.why, rule=order.rule, loser_nos=list(numbers.theirs), last_no=numbers.last,
        united={field: each.model_dump(mode="json") for field, each in united.items()},
    )  # fmt: skip


async def _chosen(this: Merging, order: MergeOrder) -> dict[str, From]:
    """Which side each chosen field is of. Raises BadInput."""
    found: dict[str, From] = {}
    for field, lead_id in order.fields.items():
        if field not in MERGED_FIELDS:
            raise BadInput("fields", field, f"Choose among: {', '.join(MERGED_FIELDS)}.")
        whose = await merges.now(this.tx, lead_id)
        if whose not in this.both:
            raise BadInput(f"fields.{field}", str(lead_id), "Name one of the two leads.")
        found[field] = "survivor" if whose == this.mine else "loser"
    return found


async def _again(tx: Tx, merge_id: UUID) -> Merged:
    row = await tx.one("merge_by_id", merge_id=merge_id)
    return Merged(
        merge_id=merge_id, lead_id=row["lead_id"], loser_id=row["loser_id"],
        united={field: United.model_validate(told) for field, told in row["united"].items()},
        ended_runs=0, closed_hand_offs=0, is_new=False,
    )  # fmt: skip


async def sides(tx: Tx, rows: Sequence[Record], lead_ids: Sequence[LeadId]) -> tuple[Side, Side]:
    """Survivor and loser of two leads, by their rows. Raises NotFound; BadInput for one lead."""
    found = {row["lead_id"]: lead_of(row) for row in rows}
    if len(set(lead_ids)) == 1:
        raise BadInput("other", str(lead_ids[0]), "These are one lead already. Name two.")
    for lead_id in lead_ids:
        if lead_id not in found:
            raise NotFound("lead", lead_id)
    told = {row["lead_id"]: row for row in await tx.all("sides_of_merge", lead_ids=list(lead_ids))}
    one, other = (
        Side(lead=found[each], identified=told[each]["identified"], heard_at=told[each]["heard_at"])
        for each in lead_ids
    )
    return (one, other) if survives(one, other) else (other, one)


async def _move(this: Merging, numbers: Numbers) -> None:
    tx, pair = this.tx, {"loser": this.theirs, "survivor": this.mine}
    mark = f" ({said_by(this.merge_id)})"
    await tx.run("tell_equal_keys_apart", **pair, mark=mark)
    await tx.run("tell_equal_runs_apart", **pair, mark=mark)
    await tx.run("make_room_for_events", lead_id=this.mine)
    old = [1_000_000_000 + no for no in range(1, len(numbers.mine) + 1)]
    await tx.run(
        "renumber_events",
        survivor=this.mine,
        lead_ids=[this.mine] * len(numbers.mine) + [this.theirs] * len(numbers.theirs),
        old_nos=[*old, *range(1, len(numbers.theirs) + 1)],
        new_nos=[*numbers.mine, *numbers.theirs],
    )
    await tx.run("keep_answers", merge_id=this.merge_id, **pair)
    await tx.run("answers_behind", **pair)
    await tx.all("set_their_pair_aside", merge_id=this.merge_id, lead_ids=this.both)
    await tx.run("forget_checked_members", **pair)
    await tx.all("move_rows_of_lead", merge_id=this.merge_id, **pair)
    await tx.run("keep_loser", merge_id=this.merge_id, loser=this.theirs)
    await tx.run("delete_merged", loser=this.theirs)
    await tx.run("redirect_lead", merge_id=this.merge_id, **pair)


async def _tell(this: Merging, united: Mapping[str, United], owner: UUID | None) -> None:
    """The survivor's fields as they are now; the company goes with its name."""
    changed: dict[str, object] = {field: each.is_ for field, each in united.items()}
    company = united.get("company")
    follows_loser = company is not None and company.taken_from == "loser"
    if this.loser.lead.account_id is not None and (follows_loser or this.survivor.lead.account_id is None):
        changed["account_id"] = this.loser.lead.account_id
    if changed:
        await this.tx.run("tell_leads", rows=[row_of(this.survivor.lead.but(**changed))])
    account = this.survivor.lead.account_id
    owners = {
        "owner_before": this.survivor.lead.owner_id, "owner_after": owner,
        "account_before": account, "account_after": changed.get("account_id", account),
    }  # fmt: skip
    await this.tx.run("note_owners", merge_id=this.merge_id, owners=owners)


async def _record(this: Merging, order: MergeOrder) -> None:
    tx = this.tx
    draft = EventDraft(
        kind=MERGED, at=this.at, key=f"merge/{this.merge_id}", actor=order.by,
        data={"merge": str(this.merge_id), "other": str(this.theirs)},
    )  # fmt: skip
    await events.record(tx, this.mine, [draft], book=this.book, at=this.at)
    await listeners.changed(tx, [this.mine])
    for lead_id in this.both:
        tx.look_again(lifecycle_looks(lead_id))
    after: dict[str, Json] = {
        "merge": str(this.merge_id),
        "survivor": str(this.mine),
        "loser": str(this.theirs),
        "rule": order.rule,
    }
    await audit.note_once(
        tx,
        [
            audit.Note(at=this.at, actor=order.by, action="merged two leads", subject=f"lead {lead_id}", after=after,
                       why=order.why)
            for lead_id in this.both
        ],
    )  # fmt: skip
