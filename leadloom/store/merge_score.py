"""What do the points of two leads come to when they are one person's? As if they always had been (features C7, X6).

Each ledger was written under its own caps and "once" rules; together they would count what one person may earn once
twice. The difference is one `rescored` event, dated at the merge: the rows stay the only writer of the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadloom.domain.lead import Event, EventDraft, Lead
from leadloom.domain.model import Json, LeadId
from leadloom.domain.people.merged_score import counted_twice, given_back
from leadloom.domain.stages.ledger import RESCORED
from leadloom.domain.stages.scoring import country_of
from leadloom.store import events, rescoring, standing
from leadloom.store.merge_under_way import Merging, Numbers
from leadloom.store.published import Book, Judging
from leadloom.store.tx import Tx


async def take_what_counts_twice(this: Merging, numbers: Numbers) -> None:
    """After the events are one log: before anything is decided by the score they make together."""
    rows = await this.tx.all("events_of_leads", lead_ids=[this.mine])
    happened = [Event.model_validate(dict(row)) for row in rows]
    here = await _judging(this.tx, this.book, this.survivor.lead)
    theirs = frozenset(numbers.theirs)
    too_much = counted_twice(here.definition, happened, theirs, at=this.at)
    await _book(this.tx, this.mine, too_much, _key(this.merge_id), here, this.book, this.at)


async def give_back_what_counted_twice(tx: Tx, lead: Lead, merge_id: UUID, *, book: Book, at: datetime) -> None:
    """After they are two again: what the merge took of the survivor's points counts again from now on."""
    ledger = (await rescoring.entries(tx, [lead.lead_id])).get(lead.lead_id, ())
    no = await tx.value("event_no_by_key", lead_id=lead.lead_id, key=_key(merge_id))
    here = await _judging(tx, book, lead)
    back = given_back(here.definition, [entry for entry in ledger if entry.event_no == no], at=at)
    await _book(tx, lead.lead_id, back, f"{_key(merge_id)}/back", here, book, at)


def _key(merge_id: UUID) -> str:
    return f"merge/{merge_id}/score"


async def _judging(tx: Tx, book: Book, lead: Lead) -> Judging:
    company = (await standing.accounts(tx, [lead.account_id])).get(lead.account_id) if lead.account_id else None
    return book.judging(country_of(lead, company))


async def _book(
    tx: Tx, lead_id: LeadId, rows: Sequence[Json], key: str, here: Judging, book: Book, at: datetime
) -> None:
    if rows:
        data: dict[str, Json] = {"rows": list(rows), "definition_version": here.version}
        draft = EventDraft(kind=RESCORED, at=at, key=key, actor="system", data=data)
        # History: a correction is nothing the person did, so it moves no stage and wakes nobody.
        await events.record(tx, lead_id, [draft], book=book, at=at, history=True)
