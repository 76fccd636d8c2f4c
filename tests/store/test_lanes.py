"""Does a lane sleep exactly until its next mail, miss no wake-up, and never spin?"""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from leadloom.domain.errors import NotFound
from leadloom.domain.model import LeadId, MessageId
from leadloom.store import asking, lanes
from leadloom.store.asking import MessageOrder
from leadloom.store.db import Db, OutboxRow
from leadloom.store.published import Book
from tests.store import acts
from tests.store.acts import TUESDAY

LANE = "default/0"


async def ask(
    db: Db, book: Book, run: tuple[LeadId, object], step: str, at: datetime = TUESDAY
) -> tuple[MessageId, bool]:
    """Ask for service mail; its id, and whether a lane was nudged."""
    order = MessageOrder.model_validate(
        {
            "lead_id": run[0],
            "enrolment_id": run[1],
            "step": step,
            "visit": 1,
            "journey": "small",
            "mail": "guide",
            "mail_class": "service",
            "sender": "ines-carvalho",
            "worth": timedelta(days=7),
        }
    )
    async with db.transaction() as tx:
        planned = await asking.ask(tx, order, book=book, at=at)
        return planned.message_id, any(wake.workflow == "MailLane" for wake in tx.wakes())


async def park(db: Db, lane: str, at: datetime = TUESDAY) -> lanes.Parked:
    async with db.transaction() as tx:
        return await lanes.park(tx, lane, at=at)


async def test_a_persons_mail_keeps_its_lane_and_people_are_spread() -> None:
    people = [uuid4() for _ in range(200)]
    assert all(lanes.lane_of(person) == lanes.lane_of(person) for person in people)
    assert len({lanes.lane_of(person) for person in people}) == lanes.SHARDS


async def test_an_empty_lane_sleeps_until_it_is_nudged_and_the_first_mail_nudges_it(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    lane = lanes.lane_of(run[0])
    assert await park(db, lane) == lanes.Parked(due_now=False, until=None)
    _, nudged = await ask(db, book, run, "a")
    assert nudged


async def test_a_lane_does_not_sleep_over_due_mail_and_sleeps_until_the_next(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    lane, later = lanes.lane_of(run[0]), TUESDAY + timedelta(hours=1)
    await ask(db, book, run, "a", later)
    assert await park(db, lane, later) == lanes.Parked(due_now=True)
    assert await park(db, lane, TUESDAY) == lanes.Parked(due_now=False, until=later)


async def test_only_an_earlier_mail_wakes_a_sleeping_lane(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    other = await acts.in_journey(db, book, "ben.same")
    while lanes.lane_of(other[0]) != lanes.lane_of(run[0]):
        other = await acts.in_journey(db, book, f"ben.x{uuid4().hex[:6]}")
    lane, later = lanes.lane_of(run[0]), TUESDAY + timedelta(hours=1)
    await ask(db, book, run, "a", later)
    await park(db, lane)
    assert (await ask(db, book, other, "b", later + timedelta(hours=1)))[1] is False
    assert (await ask(db, book, other, "c", later - timedelta(minutes=1)))[1] is True


async def test_a_lane_that_drains_needs_no_nudge(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    lane = lanes.lane_of(run[0])
    await park(db, lane)
    await acts.claim(db, book, lane)
    assert (await ask(db, book, run, "a"))[1] is False
    assert (await park(db, lane)).due_now


async def test_a_paused_lane_parks_over_due_mail_and_resuming_wakes_it(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    lane = lanes.lane_of(run[0])
    await ask(db, book, run, "a")
    async with db.transaction() as tx:
        await lanes.pause(tx, lane, why="the relay complains")
    assert await acts.claim(db, book, lane) == []
    assert await park(db, lane) == lanes.Parked(due_now=False, until=None)
    async with db.transaction() as tx:
        await lanes.resume(tx, lane)
        assert [wake.input for wake in tx.wakes()] == [lane]
    assert len(await acts.claim(db, book, lane)) == 1


async def test_a_lane_nobody_knows_cannot_be_paused(db: Db) -> None:
    async with db.transaction() as tx:
        with pytest.raises(NotFound):
            await lanes.pause(tx, "default/99", why="none")


async def test_parking_waits_for_a_planner_that_has_not_committed(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    lane = lanes.lane_of(run[0])
    await park(db, lane)
    async with db.transaction() as tx:
        await tx.run("unpark_lane", lane=lane, at=TUESDAY)
    order = MessageOrder(
        lead_id=run[0],
        enrolment_id=run[1],
        step="a",
        visit=1,
        journey="small",
        mail="guide",
        mail_class="service",
        sender="ines-carvalho",
        worth=timedelta(days=1),
    )
    async with db.transaction() as tx:
        await asking.ask(tx, order, book=book, at=TUESDAY)
        parking = asyncio.create_task(park(db, lane))
        parked_early, _ = await asyncio.wait({parking}, timeout=0.3)
    assert not parked_early
    assert (await parking).due_now


class LanesThatListen:
    """The lane workflow's loop without timers: a lane looks only when it is nudged, so a lost wake-up loses mail."""

    def __init__(self, db: Db, book: Book, expected: int) -> None:
        self.db, self.book, self.expected = db, book, expected
        self.nudged = {f"default/{no}": asyncio.Event() for no in range(lanes.SHARDS)}
        self.got: list[MessageId] = []
        self.got_all = asyncio.Event()
        self.looks = 0

    async def relay(self, rows: list[OutboxRow]) -> None:
        for row in rows:
            if row.wake.workflow == "MailLane":
                self.nudged[row.wake.input].set()

    async def run(self, lane: str) -> None:
        while True:
            self.nudged[lane].clear()
            while await self.drain(lane):
                pass
            await self.nudged[lane].wait()

    async def drain(self, lane: str) -> bool:
        self.looks += 1
        self.got += [mail.message_id for mail in await acts.claim(self.db, self.book, lane, limit=3)]
        if len(self.got) >= self.expected:
            self.got_all.set()
        return (await park(self.db, lane)).due_now


async def plan_six(db: Db, book: Book, run: tuple[LeadId, object], dice: random.Random) -> list[MessageId]:
    asked: list[MessageId] = []
    for no in range(6):
        await asyncio.sleep(dice.random() / 50)  # shakes the order of planners; nothing is waited for
        asked.append((await ask(db, book, run, f"s{no}"))[0])
    return asked


async def test_no_wake_up_is_lost_and_no_lane_spins_while_many_plan(dsn: str, db: Db, book: Book) -> None:
    runs = [await acts.in_journey(db, book, f"lead{no}.torres") for no in range(10)]
    told = await Db.open(dsn, size=16)
    listening = LanesThatListen(told, book, expected=6 * len(runs))
    told.relay = listening.relay
    workers = [asyncio.create_task(listening.run(lane)) for lane in listening.nudged]
    try:
        pages = await asyncio.gather(*(plan_six(told, book, run, random.Random(no)) for no, run in enumerate(runs)))
        await asyncio.wait_for(listening.got_all.wait(), 20)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await told.close()
    asked = [mail for page in pages for mail in page]
    assert sorted(map(str, listening.got)) == sorted(map(str, asked))
    assert listening.looks <= 2 * len(asked) + 2 * lanes.SHARDS
