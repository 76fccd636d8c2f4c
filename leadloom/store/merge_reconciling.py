"""What of both goes on when two leads become one, what ends, and which no holds for the person?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.consent.from_events import SAID_BY_THE_PERSON
from leadloom.domain.definitions.consent_policy import Channel
from leadloom.domain.journeys.runs import ExitRun
from leadloom.domain.model import LeadId, OwnerId
from leadloom.domain.people.merging import (
    Run,
    Talk,
    goes_ahead,
    moved_no,
    owner_of,
    to_close,
    too_many,
)  # fmt: skip
from leadloom.domain.wake import hand_off_looks
from leadloom.store import permissions, runs
from leadloom.store.merge_under_way import Merging, Numbers, said_by
from leadloom.store.permissions import Silence, Withdrawal
from leadloom.store.tx import Record, Tx

OUTCOME = "merged"
"""Of runs that end because the person is in the journey already."""


async def end_double_runs(this: Merging, numbers: Numbers) -> int:
    """Of two runs in one journey the further one goes on; how many ended. What goes on knows what it heard last."""
    rows = await this.tx.all("runs_to_reconcile", lead_ids=this.both)
    ending = too_many(runs_of(rows, this.mine))
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


def runs_of(rows: Sequence[Record], mine: LeadId) -> list[Run]:
    """Rows of `runs_to_reconcile` as the rule of merging looks at them; `mine` is the survivor."""
    return [
        Run(row["enrolment_id"], row["lead_id"] == mine, row["journey"], row["place"], row["status"] == "active",
            row["mails"], row["entered_at"])
        for row in rows
    ]  # fmt: skip


def _heard(this: Merging, numbers: Numbers, row: Record) -> int:
    own, others = (numbers.mine, numbers.theirs) if row["lead_id"] == this.mine else (numbers.theirs, numbers.mine)
    until = datetime.fromisoformat(row["progress"]["arrived_at"])
    return moved_no(row["progress"]["arrived_no"], own, {no: numbers.at_of[no] for no in others}, until)


async def close_double_talks(this: Merging) -> tuple[int, OwnerId | None]:
    """One conversation with sales, one owner: how many hand-offs were closed, and who has the person now."""
    await this.tx.all("hold_talks", lead_ids=this.both)
    talks = await talks_of(this.tx, this.both)
    closing = list(to_close(this.book.definition, talks))
    if closing:
        await this.tx.run("keep_hand_offs", merge_id=this.merge_id, hand_off_ids=closing)
        await this.tx.run("close_talks", hand_off_ids=closing, at=this.at)
        for hand_off_id in closing:
            this.tx.look_again(hand_off_looks(hand_off_id))
    left = [talk for talk in talks if talk.hand_off_id not in closing]
    return len(closing), owner_of(this.survivor.lead, this.loser.lead, left)


async def talks_of(tx: Tx, lead_ids: Sequence[LeadId]) -> list[Talk]:
    """Open conversations of sales with some leads."""
    return [
        Talk(
            row["hand_off_id"], row["kind"], row["track"], row["state"] == "accepted", row["opened_at"], row["owner_id"]
        )
        for row in await tx.all("talks_of_leads", lead_ids=list(lead_ids))
    ]  # fmt: skip


async def set_stages_behind_aside(this: Merging) -> None:
    """Of each track the log of the lead who came further stands."""
    stands = await stages_of(this.tx, this.both)
    await this.tx.run("keep_standing", merge_id=this.merge_id, lead_ids=this.both)
    for track in sorted({track for _, track in stands}):
        mine, theirs = stands.get((this.mine, track)), stands.get((this.theirs, track))
        if mine is not None and theirs is not None:
            ahead = goes_ahead(this.book.definition, mine, theirs)
            behind = this.theirs if ahead == "survivor" else this.mine
            await this.tx.all("set_track_aside", merge_id=this.merge_id, lead_id=behind, track=track)


async def stages_of(tx: Tx, lead_ids: Sequence[LeadId]) -> dict[tuple[LeadId, str], str]:
    """Where some leads stand: (lead, track) → stage."""
    rows = await tx.all("stages_to_reconcile", lead_ids=list(lead_ids))
    return {(row["lead_id"], row["track"]): row["stage"] for row in rows}


async def keep_silent(this: Merging) -> None:
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
    said = await noes_of(this.tx, this.both, silences)
    withdrawals = [
        Withdrawal(lead_id=this.mine, purpose=purpose, channel=channel, source=by, at=this.at)
        for purpose, channel in sorted(said)
    ]
    await permissions.take_back(this.tx, withdrawals, silences)


async def noes_of(tx: Tx, lead_ids: Sequence[LeadId], silences: Sequence[Silence]) -> set[tuple[str, Channel]]:
    """(Purpose, channel) either took back and never allowed again themselves."""
    said = {
        (row["purpose"], row["channel"])
        for row in await tx.all(
            "permissions_taken_back", lead_ids=list(lead_ids), said_by_the_person=list(SAID_BY_THE_PERSON)
        )
    }
    if any(one.topic is None and one.purpose in (None, permissions.MARKETING) for one in silences):
        said.add((permissions.MARKETING, "mail"))
    return said
