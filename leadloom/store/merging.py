"""How do two leads become one? In one transaction, recorded so that they can be parted again (decision 0033)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.journeys.runs import ExitRun
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import Json, LeadId, Value
from leadloom.domain.people.merging import (
    Run,
    Side,
    Talk,
    United,
    goes_ahead,
    moved_no,
    owner_of,
    places_among,
    survives,
    to_close,
    too_many,
    unite,
)  # fmt: skip
from leadloom.domain.wake import hand_off_looks, lifecycle_looks
from leadloom.store import audit, events, listeners, merges, permissions, runs
from leadloom.store.merges import Rule
from leadloom.store.permissions import Silence, Withdrawal
from leadloom.store.published import Book
from leadloom.store.standing import lead_of
from leadloom.store.tx import Record, Tx, new_id, row_of

MERGED, PARTED = "leads_merged", "leads_parted"
OUTCOME = "merged"
"""Of runs that end because the person is in the journey already."""


class MergeOrder(Value):
    """Two leads that somebody, or a rule, says are one person."""

    one: LeadId
    other: LeadId
    by: str
    why: str
    rule: Rule = "by hand"


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


class Preview(Value):
    """What a merge would make of them, field by field."""

    survivor: Side
    loser: Side
    united: dict[str, United]


@dataclass
class _Merge:
    """One merge under way."""

    tx: Tx
    book: Book
    at: datetime
    merge_id: UUID
    survivor: Side
    loser: Side

    @property
    def mine(self) -> LeadId:
        return self.survivor.lead.lead_id

    @property
    def theirs(self) -> LeadId:
        return self.loser.lead.lead_id

    @property
    def both(self) -> list[LeadId]:
        return [self.mine, self.theirs]


async def preview(tx: Tx, one: LeadId, other: LeadId, *, book: Book) -> Preview:
    """What a merge of the two would make of their fields. Changes nothing. Raises NotFound, BadInput for one lead."""
    rows = await tx.all("lead_by_ids", lead_ids=[one, other])
    survivor, loser = await _sides(tx, rows, [one, other])
    return Preview(survivor=survivor, loser=loser, united=unite(book.definition.one_person, survivor, loser))


async def merge(tx: Tx, order: MergeOrder, *, book: Book, at: datetime) -> Merged:
    """Make one lead of two: fields by their rules, events in order of time, the further log of each track, all runs but
    those the person would take twice, one conversation with sales, and the stricter word on mail.

    Who names the loser from now on finds the survivor. Twice is once. Two merges of one lead at once wait for one
    another; a kill leaves all or nothing.

    Raises NotFound; BadInput for a lead and itself, or without a why; Conflict when either was erased.
    """
    if not order.why.strip():
        raise BadInput("why", order.why, "Say why they are one person: it is kept.")
    if (done := await tx.maybe("merge_of_pair", lead_ids=[order.one, order.other])) is not None:
        return await _again(tx, done["merge_id"])
    lead_ids = [await merges.now(tx, order.one), await merges.now(tx, order.other)]
    rows = await tx.all("lock_leads_to_merge", lead_ids=sorted(lead_ids))
    if any(row["erased_at"] for row in rows):
        raise Conflict("One of them was erased: nothing is left that could be merged.")
    survivor, loser = await _sides(tx, rows, lead_ids)
    this = _Merge(tx, book, at, new_id(), survivor, loser)
    united = unite(book.definition.one_person, survivor, loser)
    numbers = await _numbers(this)
    await tx.run(
        "begin_merge", merge_id=this.merge_id, survivor=this.mine, loser=this.theirs, at=at, by=order.by, why=order.why,
        rule=order.rule, united={field: each.model_dump(mode="json") for field, each in united.items()},
        loser_nos=list(numbers.theirs), last_no=len(numbers.mine) + len(numbers.theirs),
    )  # fmt: skip
    ended = await _reconcile_runs(this, numbers)
    closed, owner = await _reconcile_talks(this)
    await _reconcile_stages(this)
    await _silence(this)
    await _move(this, numbers)
    await _tell(this, united, owner)
    await tx.run("own_united", lead_id=this.mine, owner_id=owner, last_no=len(numbers.mine) + len(numbers.theirs))
    await _record(this, order)
    return Merged(
        merge_id=this.merge_id, lead_id=this.mine, loser_id=this.theirs, united=united, ended_runs=ended,
        closed_hand_offs=closed,
    )  # fmt: skip


async def _again(tx: Tx, merge_id: UUID) -> Merged:
    row = await tx.one("merge_by_id", merge_id=merge_id)
    return Merged(
        merge_id=merge_id, lead_id=row["lead_id"], loser_id=row["loser_id"],
        united={field: United.model_validate(told) for field, told in row["united"].items()},
        ended_runs=0, closed_hand_offs=0, is_new=False,
    )  # fmt: skip


async def _sides(tx: Tx, rows: Sequence[Record], lead_ids: Sequence[LeadId]) -> tuple[Side, Side]:
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


@dataclass(frozen=True)
class _Numbers:
    """The new numbers of both leads' events 1, 2, 3 …, and when each happened."""

    mine: tuple[int, ...]
    theirs: tuple[int, ...]
    at_of: Mapping[int, datetime]
    """By the new number."""


async def _numbers(this: _Merge) -> _Numbers:
    instants: dict[LeadId, list[datetime]] = {this.mine: [], this.theirs: []}
    for row in await this.tx.all("instants_of_events", lead_ids=this.both):
        instants[row["lead_id"]].append(row["at"])
    theirs = places_among(instants[this.mine], instants[this.theirs])
    taken = set(theirs)
    mine = tuple(no for no in range(1, len(instants[this.mine]) + len(theirs) + 1) if no not in taken)
    at_of = dict(zip((*mine, *theirs), (*instants[this.mine], *instants[this.theirs]), strict=True))
    return _Numbers(mine, theirs, at_of)


async def _reconcile_runs(this: _Merge, numbers: _Numbers) -> int:
    rows = await this.tx.all("runs_to_reconcile", lead_ids=this.both)
    known = [
        Run(row["enrolment_id"], row["lead_id"] == this.mine, row["journey"], row["place"], row["status"] == "active",
            row["mails"], row["entered_at"])
        for row in rows
    ]  # fmt: skip
    ending = too_many(known)
    if ending:
        for kept in ("runs", "mail_of_runs", "tasks_of_runs"):
            await this.tx.run(f"keep_{kept}", merge_id=this.merge_id, enrolment_ids=list(ending))
        await runs.leave(this.tx, [ExitRun(enrolment_id=each, outcome=OUTCOME) for each in ending], at=this.at)
    going_on = [row for row in rows if row["status"] == "active" and row["enrolment_id"] not in ending]
    await this.tx.run(
        "renumber_runs",
        enrolment_ids=[row["enrolment_id"] for row in going_on],
        nos=[_heard(this, numbers, row) for row in going_on],
    )
    return len(ending)


def _heard(this: _Merge, numbers: _Numbers, row: Record) -> int:
    own, others = (numbers.mine, numbers.theirs) if row["lead_id"] == this.mine else (numbers.theirs, numbers.mine)
    until = datetime.fromisoformat(row["progress"]["arrived_at"])
    return moved_no(row["progress"]["arrived_no"], own, {no: numbers.at_of[no] for no in others}, until)


async def _reconcile_talks(this: _Merge) -> tuple[int, UUID | None]:
    talks = [
        Talk(
            row["hand_off_id"], row["kind"], row["track"], row["state"] == "accepted", row["opened_at"], row["owner_id"]
        )
        for row in await this.tx.all("talks_of_leads", lead_ids=this.both)
    ]  # fmt: skip
    closing = list(to_close(this.book.definition, talks))
    if closing:
        await this.tx.run("keep_hand_offs", merge_id=this.merge_id, hand_off_ids=closing)
        await this.tx.run("close_talks", hand_off_ids=closing, at=this.at)
        for hand_off_id in closing:
            this.tx.look_again(hand_off_looks(hand_off_id))
    left = [talk for talk in talks if talk.hand_off_id not in closing]
    return len(closing), owner_of(this.survivor.lead, this.loser.lead, left)


async def _reconcile_stages(this: _Merge) -> None:
    stands: dict[tuple[LeadId, str], str] = {}
    for row in await this.tx.all("stages_to_reconcile", lead_ids=this.both):
        stands[row["lead_id"], row["track"]] = row["stage"]
    await this.tx.run("keep_standing", merge_id=this.merge_id, lead_ids=this.both)
    for track in sorted({track for _, track in stands}):
        mine, theirs = stands.get((this.mine, track)), stands.get((this.theirs, track))
        if mine is not None and theirs is not None:
            ahead = goes_ahead(this.book.definition, mine, theirs)
            behind = this.theirs if ahead == "survivor" else this.mine
            await this.tx.all("set_track_aside", merge_id=this.merge_id, lead_id=behind, track=track)


async def _silence(this: _Merge) -> None:
    """The stricter word: a no of either is a no of the person, whatever address they gave it with."""
    carried = await this.tx.all("silences_to_carry", lead_ids=this.both)
    by = said_by(this.merge_id)
    silences = [
        Silence(
            scope="person", value=str(this.mine), purpose=row["purpose"], topic=row["topic"], reason=row["reason"],
            by=by, at=this.at,
        )
        for row in carried
    ]  # fmt: skip
    said = {(row["purpose"], row["channel"]) for row in await this.tx.all("permissions_taken_back", lead_ids=this.both)}
    if any(one.topic is None and one.purpose in (None, permissions.MARKETING) for one in silences):
        said.add((permissions.MARKETING, "mail"))
    withdrawals = [
        Withdrawal(lead_id=this.mine, purpose=purpose, channel=channel, source=by, at=this.at)
        for purpose, channel in sorted(said)
    ]
    await permissions.take_back(this.tx, withdrawals, silences)


def said_by(merge_id: UUID) -> str:
    """Who carried a no over from one lead to the other."""
    return f"merge {merge_id}"


async def _move(this: _Merge, numbers: _Numbers) -> None:
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


async def _tell(this: _Merge, united: Mapping[str, United], owner: UUID | None) -> None:
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


async def _record(this: _Merge, order: MergeOrder) -> None:
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
