"""Does a pause stop the very next mail, and does a resume wake everybody once, whoever is killed in between?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.journeys.catch_up import Turn
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.store import lanes, messages, pauses
from leadloom.store.db import Db
from leadloom.store.pauses import JourneyPause, PauseOrder
from leadloom.store.published import Book
from tests.store import acts
from tests.store.acts import TUESDAY

REVIEW = TUESDAY + timedelta(days=30)
RESUMED = TUESDAY + timedelta(days=14)


def order(**said: object) -> PauseOrder:
    return PauseOrder.model_validate({"journey": "small", "review_at": REVIEW, **said})


async def paused(db: Db, book: Book, **said: object) -> JourneyPause:
    async with db.transaction() as tx:
        return await pauses.pause(tx, order(**said), book=book, at=TUESDAY, by="priya-nair")


async def resumed(db: Db, book: Book, found: JourneyPause, *runs: tuple[LeadId, EnrolmentId]) -> JourneyPause:
    turns = [Turn(enrolment_id=run, lead_id=lead, turn_at=RESUMED) for lead, run in runs]
    async with db.transaction() as tx:
        return await pauses.resume(tx, found, turns, book=book, per_day=None, at=RESUMED, by="priya-nair")


async def woken(db: Db, book: Book, found: JourneyPause, *, limit: int = 100) -> int:
    async with db.transaction() as tx:
        return await pauses.wake_page(tx, found.pause_id, book=book, at=RESUMED, limit=limit)


async def test_a_mail_that_a_lane_holds_already_is_stopped_before_its_dot(db: Db, dsn: str, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    [mail] = await acts.claim(db, book, lanes.lane_of(lead_id))
    await paused(db, book)
    async with db.transaction() as tx:
        assert await messages.mark_at_dot(tx, [(mail.message_id, mail.claim)], at=TUESDAY) == set()


async def test_what_falls_due_in_a_pause_is_held_and_goes_after_the_runs_turn(db: Db, dsn: str, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    found = await paused(db, book)
    assert await acts.claim(db, book, lanes.lane_of(lead_id)) == []
    assert (await acts.rows(dsn, "SELECT status FROM message"))[0]["status"] == "held"
    await acts.rows(dsn, "UPDATE message SET deadline = deadline + interval '30 days'")
    found = await resumed(db, book, found, (lead_id, run))
    assert await woken(db, book, found) == 1
    [row] = await acts.rows(dsn, "SELECT status, slot_at FROM message")
    assert (row["status"], row["slot_at"]) == ("reserved", RESUMED)


async def test_a_run_that_looks_amid_a_pause_waits_for_the_review_by_name(db: Db, book: Book) -> None:
    _, run = await acts.in_journey(db, book)
    await paused(db, book)
    answer = await acts.advance(db, book, run, TUESDAY + timedelta(days=1))
    assert (answer.kind, answer.until) == ("wait", REVIEW)
    assert "review of the pause" in answer.waiting_for


async def test_who_is_killed_between_two_pages_is_gone_on_for(db: Db, dsn: str, book: Book) -> None:
    runs = [await acts.in_journey(db, book, name) for name in ("ana.torres", "ben.ito", "cara.moss")]
    found = await resumed(db, book, await paused(db, book), *runs)
    assert await woken(db, book, found, limit=2) == 2
    async with db.read() as tx:
        assert await pauses.under_way(tx) == (found.pause_id,)
    assert [await woken(db, book, found, limit=2) for _ in range(3)] == [1, 0, 0]
    async with db.read() as tx:
        assert await pauses.under_way(tx) == ()


async def test_who_came_in_while_the_resume_was_planned_is_woken_too(db: Db, book: Book) -> None:
    first = await acts.in_journey(db, book)
    found = await paused(db, book)
    await acts.in_journey(db, book, "ben.ito")
    found = await resumed(db, book, found, first)
    assert [await woken(db, book, found) for _ in range(3)] == [1, 1, 0]


async def test_a_second_pause_moves_the_review_and_no_clock(db: Db, book: Book) -> None:
    first = await paused(db, book, clock="active only")
    later = REVIEW + timedelta(days=9)
    assert (await paused(db, book, review_at=later)).review_at == later
    with pytest.raises(Conflict, match="active only"):
        await paused(db, book, clock="restart")
    async with db.read() as tx:
        assert [one.pause_id for one in await pauses.every_open(tx)] == [first.pause_id]


async def test_a_pause_by_nobody_of_nothing_or_until_yesterday_is_refused(db: Db, book: Book) -> None:
    with pytest.raises(BadInput):
        await paused(db, book, review_at=TUESDAY)
    with pytest.raises(NotFound):
        await paused(db, book, journey="nowhere")
    async with db.transaction() as tx:
        with pytest.raises(NotFound):
            await pauses.pause(tx, order(), book=book, at=TUESDAY, by="nobody")
        with pytest.raises(Conflict, match="isn't paused"):
            await pauses.is_open(tx, "small")
