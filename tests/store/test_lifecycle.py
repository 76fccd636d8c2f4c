"""Does each clock of a lead ring once, late or twice asked, and does the lifecycle know what it waits for?"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from leadloom.domain.errors import NotFound
from leadloom.domain.model import LeadId
from leadloom.store import events, leads, lifecycle
from leadloom.store.advanced import Advanced
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.world import MONDAY, happened

DAY = timedelta(days=1)


async def capture(db: Db, book: Book, *drafts) -> LeadId:
    async with db.transaction() as tx:
        return (await leads.capture(tx, world.draft("ana.torres", *drafts), book=book, at=MONDAY, actor="lead")).lead_id


async def advance(db: Db, book: Book, lead_id: LeadId, at) -> Advanced:
    async with db.transaction() as tx:
        return await lifecycle.advance(tx, lead_id, book=book, at=at)


async def kinds(db: Db, lead_id: LeadId) -> list[str]:
    async with db.read() as tx:
        return [event.kind for event in reversed(await events.of_lead(tx, lead_id))]


async def test_it_waits_for_the_nearest_clock_and_answers_the_same_again(db: Db, book: Book) -> None:
    lead_id = await capture(db, book, happened("calculator_finished"))
    wait = await advance(db, book, lead_id, MONDAY + timedelta(hours=1))
    assert (wait.kind, wait.waiting_for) == ("wait", "engagement to cool")
    # 20 points fall to 15 after h * log2(20 / 15).
    assert wait.until is not None
    assert wait.until - MONDAY == pytest.approx(timedelta(days=30 * 0.4150374993), abs=timedelta(seconds=1))
    assert await advance(db, book, lead_id, MONDAY + timedelta(hours=2)) == wait


async def test_a_clock_that_is_due_rings_once_by_whomever_it_is_asked(db: Db, book: Book) -> None:
    lead_id = await capture(db, book, happened("calculator_finished"))
    late = MONDAY + 20 * DAY
    answers = await asyncio.gather(*(advance(db, book, lead_id, late) for _ in range(4)))
    assert len({(each.kind, each.until, each.waiting_for) for each in answers}) == 1
    assert answers[0].waiting_for == "a response"
    assert await kinds(db, lead_id) == ["calculator_finished", "warmed", "cooled"]


async def test_long_silence_makes_the_lead_inactive_and_the_lifecycle_completes(db: Db, book: Book) -> None:
    lead_id = await capture(db, book, happened("article_read"))
    done = await advance(db, book, lead_id, MONDAY + 181 * DAY)
    assert done.kind == "done"
    assert (await kinds(db, lead_id))[-1] == "went_inactive"
    async with db.read() as tx:
        assert (await events.stage_changes(tx, lead_id))[-1].to_stage == "inactive"


async def test_a_stage_waits_as_long_as_its_promise_also_after_it_was_missed(db: Db, book: Book, dsn: str) -> None:
    lead_id = await capture(db, book, happened("demo_requested"))
    async with db.transaction() as tx:
        taken = happened("hand_off_accepted", actor="marcus-oyelaran", data={"kind": "hand-raise"})
        await events.record(tx, lead_id, [taken], book=book, at=MONDAY)
    missed_at = MONDAY + 16 * DAY
    await advance(db, book, lead_id, missed_at)
    connection = await asyncpg.connect(dsn)
    row = await connection.fetchrow("SELECT stage, waiting_for, waits_until FROM lead_stage")
    due = await connection.fetchval("SELECT due_at FROM lead_clock WHERE kind LIKE 'promise:%'")
    await connection.close()
    assert "promise_missed" in await kinds(db, lead_id)
    assert (row["stage"], row["waiting_for"], row["waits_until"]) == ("sal", "the promise sal-to-sql", due)
    assert due > missed_at


async def test_the_sweep_tells_only_lifecycles_whose_clock_has_passed(db: Db, book: Book) -> None:
    lead_id = await capture(db, book, happened("calculator_finished"))
    heard: list[str] = []

    async def relay(rows) -> None:
        heard.extend(row.wake.workflow_id for row in rows)

    db.relay = relay
    for day in (10, 20):
        async with db.transaction() as tx:
            await lifecycle.wake_overdue(tx, overdue_since=MONDAY + day * DAY)
    assert heard == [f"lead/{lead_id}"]


async def test_a_lead_that_is_not_there_is_named(db: Db, book: Book) -> None:
    nobody = LeadId(UUID(int=7))
    with pytest.raises(NotFound, match=str(nobody)):
        await advance(db, book, nobody, MONDAY)
