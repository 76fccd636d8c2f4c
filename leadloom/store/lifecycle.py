"""What does a lead's lifecycle wait for? Rings the clocks that are due, in one transaction, and answers the next."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.model import LeadId
from leadloom.domain.stages.lifecycle import due
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.wake import lifecycle_looks
from leadloom.store import events, merges, standing
from leadloom.store.advanced import Advanced
from leadloom.store.published import Book
from leadloom.store.tx import Tx


async def advance(tx: Tx, lead_id: LeadId, *, book: Book, at: datetime) -> Advanced:
    """Record what the due clocks mean and answer what the lead waits for next; `done` when no clock is left.

    Called twice, late, or by two workers at once it changes nothing twice: each ring has its key, under the lead's
    lock. Raises NotFound.
    """
    if (now_is := await merges.now(tx, lead_id)) != lead_id:
        tx.look_again(lifecycle_looks(now_is))
        return Advanced(kind="done", waiting_for="merged into another lead")
    while True:
        now = (await standing.standings(tx, [lead_id], book=book, at=at))[lead_id]
        definition = book.judging(country_of(now.lead, now.account)).definition
        rung = due(definition, now, clocks=now.clocks, at=at)
        await events.write_clocks(tx, {lead_id: rung.clocks})
        if rung.drafts:
            # What follows may start or stop clocks, one of them due already (a date long past): look again.
            await events.record(tx, lead_id, rung.drafts, book=book, at=at)
        elif rung.wait is not None:
            return Advanced(kind="wait", until=rung.wait.until, waiting_for=rung.wait.waiting_for)
        else:
            return Advanced(kind="done", waiting_for="no clock is left")


async def wake_overdue(tx: Tx, *, overdue_since: datetime, limit: int = 500) -> int:
    """Repair: tell lifecycles whose clock passed unnoticed to look again. Answers how many."""
    rows = await tx.all("leads_with_overdue_clocks", overdue_since=overdue_since, page_limit=limit)
    for row in rows:
        tx.look_again(lifecycle_looks(row["lead_id"]))
    return len(rows)
