"""Is everything that nothing moves seen as stuck, and nothing else?"""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from leadloom.domain.handoffs.answers import Decision
from leadloom.store import answering, enrolments, inbox, lanes, stuck
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.store.stuck import GRACE
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY


async def found(db: Db, book: Book, at=TUESDAY) -> list[tuple[str, str]]:
    async with db.read() as tx:
        return [(each.noun, each.why) for each in await stuck.stuck(tx, at, book=book)]


async def unowned(db: Db, book: Book) -> list[str]:
    async with db.read() as tx:
        return [each.stage for each in await stuck.unowned(tx, book=book)]


async def plant(dsn: str, statement: str, *values: object) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        assert (await connection.execute(statement, *values)).endswith(" 1")
    finally:
        await connection.close()


@pytest.fixture
async def busy(db: Db, book: Book) -> None:
    """A healthy world: one lead in a journey, one accepted by sales, one offered."""
    _, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    for name in ("ben", "carla"):
        draft = world.draft(
            f"{name}.weiss",
            world.happened("demo_requested", TUESDAY),
            email=f"{name}@{name}-logistik.example",
            company=f"{name} Logistik",
        )
        await acts.capture(db, book, draft)
    async with db.transaction() as tx:
        row = (await inbox.list_open(tx))[0]
        accept = Decision(kind="accept", by="marcus-oyelaran", via="page")
        await answering.decide(tx, row.hand_off_id, 1, accept, book=book, at=TUESDAY)


async def test_a_healthy_world_has_nothing_stuck_and_nobody_unowned(db: Db, book: Book, busy: None) -> None:
    assert await found(db, book) == []
    assert await unowned(db, book) == []


PLANTED = {
    "a blocked run": (
        "UPDATE enrolment SET blocked_at = entered_at, error = 'KeyError in step'",
        ("run", "blocked: KeyError in step"),
    ),
    "a run that waits for nothing": (
        "UPDATE enrolment SET waiting_for = NULL",
        ("run", "waits for nothing with a name and a deadline"),
    ),
    "a run without a deadline": (
        "UPDATE enrolment SET waits_until = NULL",
        ("run", "waits for nothing with a name and a deadline"),
    ),
    "a run past its deadline": (
        "UPDATE enrolment SET waits_until = entered_at - interval '1 day'",
        ("run", "its deadline passed and nothing happened"),
    ),
    "an offer without a clock": (
        "UPDATE hand_off SET waits_until = NULL WHERE state = 'offered'",
        ("hand-off", "waits for nothing with a name and a deadline"),
    ),
    "an offer past its clock": (
        "UPDATE hand_off SET waits_until = opened_at - interval '1 day' WHERE state = 'offered'",
        ("hand-off", "its clock passed and nothing happened"),
    ),
    "a blocked offer": (
        "UPDATE hand_off SET blocked_at = opened_at, error = 'boom' WHERE state = 'offered'",
        ("hand-off", "blocked: boom"),
    ),
    "a first try nobody asks about": (
        "UPDATE hand_off SET waits_until = opened_at - interval '1 day' WHERE state = 'accepted'",
        ("hand-off", "its clock passed and nothing happened"),
    ),
    "a promise without a deadline": (
        "UPDATE lead_stage SET waits_until = NULL WHERE stage = 'sal'",
        ("stage", "waits for nothing with a name and a deadline"),
    ),
}


@pytest.mark.parametrize("what", PLANTED)
async def test_what_nothing_moves_is_seen(what: str, db: Db, dsn: str, book: Book, busy: None) -> None:
    statement, expected = PLANTED[what]
    await plant(dsn, statement)
    assert await found(db, book) == [expected]


async def test_a_promise_that_ran_out_unheard_is_seen_with_its_clock(db: Db, dsn: str, book: Book, busy: None) -> None:
    past = TUESDAY - timedelta(days=1)
    await plant(dsn, "UPDATE lead_stage SET waits_until = $1 WHERE stage = 'sal'", past)
    await plant(dsn, "UPDATE lead_clock SET due_at = $1 WHERE kind LIKE 'promise:%'", past)
    assert {noun for noun, _ in await found(db, book)} == {"stage", "clock"}


async def test_mail_its_lane_does_not_take_is_seen_unless_somebody_paused_the_lane(
    db: Db, dsn: str, book: Book, busy: None
) -> None:
    later = TUESDAY + GRACE + timedelta(minutes=1)
    mails = [noun for noun, _ in await found(db, book, later) if noun == "mail"]
    assert mails
    async with db.transaction() as tx:
        for lane in await lanes.every(tx):
            await lanes.pause(tx, lane.lane, why="maintenance")
    assert "mail" not in [noun for noun, _ in await found(db, book, later)]


async def test_a_deadline_counts_only_after_its_grace(db: Db, dsn: str, book: Book, busy: None) -> None:
    await plant(dsn, "UPDATE enrolment SET waits_until = $1", TUESDAY - GRACE + timedelta(seconds=1))
    assert await found(db, book) == []


async def test_a_retry_takes_a_run_off_the_list(db: Db, dsn: str, book: Book, busy: None) -> None:
    [row] = await acts.rows(dsn, "SELECT enrolment_id FROM enrolment")
    async with db.transaction() as tx:
        await enrolments.block(tx, row["enrolment_id"], "boom", at=TUESDAY)
    assert len(await found(db, book)) == 1
    async with db.transaction() as tx:
        await enrolments.unblock(tx, row["enrolment_id"], at=TUESDAY)
    assert await found(db, book) == []


async def test_a_lead_past_the_gate_whom_nobody_has_is_unowned(db: Db, dsn: str, book: Book, busy: None) -> None:
    await plant(dsn, "UPDATE lead SET owner_id = NULL WHERE owner_id IS NOT NULL")
    assert await unowned(db, book) == ["sal"]


async def test_a_ready_lead_without_an_offer_is_unowned(db: Db, dsn: str, book: Book, busy: None) -> None:
    close = """UPDATE hand_off SET state = 'rejected', decided_at = opened_at, decided_by = 'nobody'
                WHERE state = 'offered'"""
    await plant(dsn, close)
    assert await unowned(db, book) == ["mql"]
