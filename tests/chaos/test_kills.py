"""Does every run go on, and is every mail sent once, when a worker, Postgres or Temporal is killed in mid-run?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from leadloom.domain.model import LeadId
from leadloom.runtime.local.postgres import LocalPostgres
from leadloom.runtime.local.temporal import LocalTemporal
from leadloom.runtime.local.trapped_mail import TrappedMail
from leadloom.store import server
from leadloom.store.migrate import migrate
from tests.acts_in_house import comes, letters_to, rows
from tests.live_house import LiveHouse, a_live_house
from tests.services import Databases

READERS = 12
GIVEN_UP = timedelta(minutes=30)
"""Later than any lease: what a dead worker held is settled by the sweeps of one that looks at the clock so late."""


@pytest.fixture
async def temporal(tmp_path: Path) -> AsyncIterator[LocalTemporal]:
    """A development server of this test alone, to be killed."""
    own = LocalTemporal(tmp_path / "temporal")
    await own.start()
    yield own
    await own.stop()


@pytest.fixture
async def house(dsn: str, temporal: LocalTemporal, tmp_path: Path) -> AsyncIterator[LiveHouse]:
    """A live house without a worker."""
    async with a_live_house(dsn, temporal, tmp_path / "state", namespace="default") as house:
        yield house


async def readers(house: LiveHouse) -> list[LeadId]:
    """Twelve people who get two letters each, with two seconds between them."""
    return [await comes(house, f"reader{no}.torres", "exploring_told") for no in range(READERS)]


def at_mail(house: LiveHouse, no: int, strike: Callable[[], None]) -> asyncio.Event:
    """Strike when that mail has been accepted and not yet confirmed; says when it was."""
    struck = asyncio.Event()

    async def on_mail(mail: TrappedMail) -> None:
        if mail.no == no:
            strike()
            struck.set()

    house.trap.on_mail = on_mail
    return struck


async def every_run_finished(house: LiveHouse, within: float) -> None:
    """Return when no run is open and no mail is under way."""
    query = """SELECT (SELECT count(*) FROM enrolment WHERE status = 'active')
                    + (SELECT count(*) FROM message WHERE status IN ('reserved', 'deferred', 'claimed', 'at_dot'))"""
    async with asyncio.timeout(within):
        while (await rows(house, query))[0][0]:  # noqa: ASYNC110  Postgres tells nobody
            await asyncio.sleep(0.2)


async def nothing_lost_or_doubled(house: LiveHouse) -> None:
    """Each mail was accepted once, but for those a killed drain had at their dot: nobody knows, nobody sends again."""
    ledger = await rows(house, "SELECT status, count(*) AS mails FROM message GROUP BY status")
    count = {row["status"]: row["mails"] for row in ledger}
    assert house.trap.duplicates() == {}
    assert set(count) <= {"sent", "uncertain"}
    assert sum(count.values()) == 2 * READERS
    assert count.get("uncertain", 0) <= READERS  # what a drain of each lane may hold
    assert count["sent"] <= len(house.trap.mails) <= 2 * READERS
    for no in range(READERS):
        letters = letters_to(house, f"reader{no}.torres")
        assert len(letters) == len(set(letters))


async def test_a_worker_killed_amid_mails_and_waits_is_followed_by_another(house: LiveHouse) -> None:
    worker = house.worker_process()
    killed = at_mail(house, READERS + 2, worker.kill)
    await readers(house)
    async with asyncio.timeout(60):
        await killed.wait()
    worker.wait()
    house.wall_ahead = GIVEN_UP
    async with house.worker():
        await every_run_finished(house, within=90)
    await nothing_lost_or_doubled(house)


async def test_events_captured_while_temporal_is_down_are_late_and_not_lost(
    house: LiveHouse, temporal: LocalTemporal
) -> None:
    async with house.worker():
        await comes(house, "reader0.torres", "exploring_told")
        async with asyncio.timeout(30):
            await house.trap.arrived(1)
        temporal.kill()
        await temporal.ended()
        async with asyncio.timeout(9):  # nobody who posts a form waits for the whole outage
            await asyncio.gather(*(comes(house, f"reader{no}.torres", "exploring_told") for no in range(1, READERS)))
        [waiting] = await rows(house, "SELECT count(*) FROM outbox WHERE wall_relayed_at IS NULL")
        assert waiting[0] >= READERS - 1
        await temporal.start()
        await every_run_finished(house, within=90)
    await nothing_lost_or_doubled(house)
    assert len(house.trap.mails) == 2 * READERS
    assert await rows(house, "SELECT FROM outbox WHERE wall_relayed_at IS NULL") == []


async def test_postgres_killed_amid_mails_and_restarted_stops_no_run(temporal: LocalTemporal, tmp_path: Path) -> None:
    postgres = LocalPostgres(tmp_path / "postgres")
    await postgres.start()
    try:
        dsn = postgres.url()
        await server.ensure_database(dsn)
        await migrate(dsn)
        async with a_live_house(dsn, temporal, tmp_path / "state", namespace="default") as house:
            await postgres_dies(house, postgres)
            await nothing_lost_or_doubled(house)
    finally:
        await postgres.stop()


async def postgres_dies(house: LiveHouse, postgres: LocalPostgres) -> None:
    async with house.worker():
        killed = at_mail(house, READERS + 3, postgres.kill)
        await readers(house)
        async with asyncio.timeout(60):
            await killed.wait()
        await postgres.ended()
        house.wall_ahead = GIVEN_UP
        await postgres.start()
        await Databases(postgres.url()).answer()
        await every_run_finished(house, within=120)
