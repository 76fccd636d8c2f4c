"""How many mails does nobody know about when a worker dies amid a page? One for each open connection at most."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.domain.wake import lane_looks
from leadloom.runtime.local.temporal import LocalTemporal
from leadloom.runtime.local.trapped_mail import TrappedMail
from leadloom.runtime.wiring import wall_now
from leadloom.store import asking, lanes, messages, published
from tests.acts_in_house import comes, rows
from tests.live_house import LiveHouse, a_live_house

PAGE = 24
LANE = "default/0"
FIRST_OF_SECOND_HALF = 13


@pytest.fixture
async def temporal(tmp_path: Path) -> AsyncIterator[LocalTemporal]:
    """A development server of this test alone."""
    own = LocalTemporal(tmp_path / "temporal")
    await own.start()
    yield own
    await own.stop()


@pytest.fixture
async def house(dsn: str, temporal: LocalTemporal, tmp_path: Path) -> AsyncIterator[LiveHouse]:
    """A live house without a worker, and one page of mail due in one lane."""
    async with a_live_house(dsn, temporal, tmp_path / "state", namespace="default") as house:
        async with house.db.transaction() as tx:
            await lanes.ensure(tx, LANE)
        for no in range(PAGE):
            await due_mail(house, await comes(house, f"reader{no}.torres"))
        yield house


async def due_mail(house: LiveHouse, lead_id: LeadId) -> None:
    """A service mail that is due at once, in the one lane whichever the lead's id says."""
    run = EnrolmentId(uuid4())
    at = await house.now() - timedelta(seconds=1)
    await rows(
        house,
        """INSERT INTO enrolment (enrolment_id, lead_id, journey, journey_hash, key, entered_at, entered_by, status,
                                  progress, prospect)
           VALUES ($1, $2, 'two-letters', 'of no matter', 'once', $3, 'test', 'active', '{}', false)""",
        run, lead_id, at,
    )  # fmt: skip
    order = asking.MessageOrder(
        lead_id=lead_id, enrolment_id=run, step="first", visit=1, journey="two-letters", mail="guide",
        mail_class="service", sender="ines-carvalho", worth=timedelta(days=7),
    )  # fmt: skip
    async with house.db.transaction() as tx:
        message_id = (await asking.ask(tx, order, book=await published.book(tx), at=at)).message_id
    await rows(house, "UPDATE message SET lane = $1 WHERE message_id = $2", LANE, message_id)


async def wake(house: LiveHouse) -> None:
    async with house.db.transaction() as tx:
        tx.look_again(lane_looks(LANE))


async def ledger(house: LiveHouse) -> dict[str, int]:
    """How many mails are in each state."""
    found = await rows(house, "SELECT status, count(*) AS mails FROM message GROUP BY status")
    return {row["status"]: row["mails"] for row in found}


async def test_a_worker_killed_amid_a_page_leaves_one_mail_for_each_connection_uncertain(house: LiveHouse) -> None:
    worker = house.worker_process()
    killed = asyncio.Event()

    async def on_mail(mail: TrappedMail) -> None:
        if mail.no == FIRST_OF_SECOND_HALF:
            worker.kill()
            killed.set()

    house.trap.on_mail = on_mail
    await wake(house)
    async with asyncio.timeout(60):
        await killed.wait()
    worker.wait()
    later = wall_now() + timedelta(minutes=30)
    async with house.db.transaction() as tx:
        await messages.mark_lost_uncertain(tx, wall_before=later)
        await messages.release_stale_claims(tx, wall_before=later, at=await house.now())
    count = await ledger(house)
    connections = house.house.settings.smtp_connections
    assert 1 <= count["uncertain"] <= connections
    # Whatever the relay has is settled or listed; nothing else is either.
    assert count["sent"] + count["uncertain"] >= FIRST_OF_SECOND_HALF
    assert count["sent"] + count["reserved"] + count["uncertain"] == PAGE
    async with house.worker():
        await all_settled(house)
    assert house.trap.duplicates() == {}
    after = await ledger(house)
    assert after == {"sent": PAGE - count["uncertain"], "uncertain": count["uncertain"]}
    assert after["sent"] <= len(house.trap.mails) <= PAGE


async def test_a_worker_told_to_stop_settles_what_it_has(house: LiveHouse) -> None:
    worker = house.worker_process()
    told = asyncio.Event()

    async def on_mail(mail: TrappedMail) -> None:
        if mail.no == FIRST_OF_SECOND_HALF:
            worker.terminate()
            told.set()

    house.trap.on_mail = on_mail
    await wake(house)
    async with asyncio.timeout(60):
        await told.wait()
        await asyncio.to_thread(worker.wait)
    assert set(await ledger(house)) <= {"sent", "reserved"}
    assert (await ledger(house))["sent"] == len(house.trap.mails)


async def all_settled(house: LiveHouse) -> None:
    async with asyncio.timeout(60):
        while {"reserved", "deferred", "claimed", "at_dot"} & (await ledger(house)).keys():  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.1)
