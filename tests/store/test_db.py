"""Does a transaction keep its promises: all or nothing, wake-ups told after the commit, troubles named?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from leadloom.domain.errors import Transient, Unreachable
from leadloom.domain.wake import LookAgain
from leadloom.store import outbox
from leadloom.store.db import Db, OutboxRow
from leadloom.store.names import queries
from leadloom.store.tx import translated

NO_AGE = timedelta(0)


def wake(name: str) -> LookAgain:
    return LookAgain(workflow="Nurture", workflow_id=f"run/{name}", input=name)


class Ear:
    """A relay that remembers what it was told, and can be deaf to some names or to all."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.deaf_to: set[str] = set()

    async def __call__(self, rows: list[OutboxRow]) -> None:
        if self.deaf_to & {row.wake.input for row in rows}:
            raise ConnectionError("Temporal is down")
        self.heard += [row.wake.input for row in rows]


async def waiting(db: Db) -> int:
    async with db.read() as tx:
        return await tx.value("outbox_waiting")


async def test_wake_ups_are_told_at_commit_once_each_and_in_order(db: Db) -> None:
    db.relay = ear = Ear()
    async with db.transaction() as tx:
        for name in ("b", "a", "b"):
            tx.look_again(wake(name))
        assert ear.heard == []
    assert ear.heard == ["b", "a"]
    assert await waiting(db) == 0


async def test_who_begins_and_is_then_told_to_look_is_told_to_look(db: Db) -> None:
    begins = wake("a").model_copy(update={"begins": True, "after_s": 60})
    for words in ((begins, wake("a")), (wake("a"), begins)):
        async with db.transaction() as tx:
            for word in words:
                tx.look_again(word)
            assert tx.wakes() == (wake("a"),)


async def test_a_rolled_back_transaction_tells_nobody(db: Db) -> None:
    db.relay = ear = Ear()
    with pytest.raises(RuntimeError):
        async with db.transaction() as tx:
            tx.look_again(wake("a"))
            raise RuntimeError("the block failed")
    assert (ear.heard, await waiting(db)) == ([], 0)


async def test_with_temporal_down_the_caller_succeeds_and_the_sweep_tells_later(db: Db) -> None:
    db.relay = ear = Ear()
    ear.deaf_to = {"a"}
    async with db.transaction() as tx:
        tx.look_again(wake("a"))
    assert await waiting(db) == 1
    ear.deaf_to = set()
    async with db.transaction() as tx:
        assert await outbox.sweep(tx, ear, wall_age=NO_AGE) == outbox.Swept(relayed=1, failed=0)
    assert (ear.heard, await waiting(db)) == (["a"], 0)


async def test_of_a_page_that_was_heard_in_part_only_the_rest_is_told_again(db: Db) -> None:
    heard: list[str] = []

    async def half_deaf(rows: list[OutboxRow]) -> None:
        told = [row for row in rows if row.wake.input != "late" or heard]
        heard.extend(row.wake.input for row in told)
        if len(told) < len(rows):
            raise outbox.Untold(told, TimeoutError())

    db.relay = half_deaf
    async with db.transaction() as tx:
        for name in ("a", "late", "b"):
            tx.look_again(wake(name))
    assert (heard, await waiting(db)) == (["a", "b"], 1)
    async with db.transaction() as tx:
        assert await outbox.sweep(tx, half_deaf, wall_age=NO_AGE) == outbox.Swept(relayed=1, failed=0)
    assert (heard, await waiting(db)) == (["a", "b", "late"], 0)


async def test_facts_are_committed_and_told_also_when_the_note_of_it_gets_lost(db: Db, dsn: str) -> None:
    async def tell_and_lose_the_pool(rows: list[OutboxRow]) -> None:
        await db.close()

    db.relay = tell_and_lose_the_pool
    async with db.transaction() as tx:
        tx.look_again(wake("a"))
    other = await Db.open(dsn, size=1)
    assert await waiting(other) == 1  # told once more by the sweep: twice is once
    await other.close()


async def test_the_sweep_leaves_rows_alone_that_are_younger_than_its_age(db: Db) -> None:
    ear = Ear()
    async with db.transaction() as tx:
        tx.look_again(wake("a"))
    async with db.transaction() as tx:
        swept = await outbox.sweep(tx, ear, wall_age=timedelta(minutes=1))
    assert swept == outbox.Swept(relayed=0, failed=0)
    assert await waiting(db) == 1


async def test_a_wake_up_that_always_fails_does_not_hold_up_the_others(db: Db) -> None:
    ear = Ear()
    ear.deaf_to = {"poison"}
    async with db.transaction() as tx:
        for name in ("poison", "a", "b"):
            tx.look_again(wake(name))
    async with db.transaction() as tx:
        assert await outbox.sweep(tx, ear, wall_age=NO_AGE) == outbox.Swept(relayed=2, failed=1)
    async with db.transaction() as tx:
        tx.look_again(wake("c"))
    async with db.transaction() as tx:
        await outbox.sweep(tx, ear, wall_age=NO_AGE, limit=1)
    assert ear.heard == ["a", "b", "c"]


async def test_two_sweeps_at_once_never_tell_the_same_row(db: Db) -> None:
    async with db.transaction() as tx:
        for number in range(6):
            tx.look_again(wake(str(number)))
    first, second, holding, both_read = Ear(), Ear(), asyncio.Event(), asyncio.Event()

    async def patient(rows: list[OutboxRow]) -> None:
        holding.set()
        await both_read.wait()
        await first(rows)

    async def sweep_four() -> None:
        async with db.transaction() as tx:
            await outbox.sweep(tx, patient, wall_age=NO_AGE, limit=4)

    async def sweep_the_rest() -> None:
        async with db.transaction() as tx:
            await outbox.sweep(tx, second, wall_age=NO_AGE)
        both_read.set()

    task = asyncio.create_task(sweep_four())
    await holding.wait()
    await sweep_the_rest()
    await task
    assert sorted(first.heard + second.heard) == ["0", "1", "2", "3", "4", "5"]
    assert len(first.heard) == 4


async def test_read_sees_one_moment_and_writes_nothing(db: Db) -> None:
    async with db.read() as reader:
        before = await reader.value("outbox_waiting")
        async with db.transaction() as tx:
            tx.look_again(wake("a"))
        assert await reader.value("outbox_waiting") == before
    with pytest.raises(Exception, match="read-only"):
        async with db.read() as reader:
            await reader.run("mark_relayed", outbox_ids=[1])


async def test_a_deadlock_is_transient_and_one_of_the_two_gets_through(db: Db) -> None:
    async with db.transaction() as tx:
        tx.look_again(wake("a"))
        tx.look_again(wake("b"))
    one, two = 1, 2  # a fresh database counts from 1
    met = asyncio.Barrier(2)

    async def touch(first: int, then: int) -> None:
        async with db.transaction() as tx:
            await tx.run("relay_failed", outbox_id=first, error="x")
            await met.wait()
            await tx.run("relay_failed", outbox_id=then, error="x")

    ends = await asyncio.gather(touch(one, two), touch(two, one), return_exceptions=True)
    assert sorted(type(end) for end in ends if end is not None) == [Transient]


async def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1/leads") as caught:
        await Db.open("postgresql://leadloom:s3cret@127.0.0.1:1/leads")
    assert "s3cret" not in str(caught.value)


async def test_a_connection_that_is_cut_in_mid_transaction_is_transient_and_leaves_nothing(db: Db, dsn: str) -> None:
    admin = await asyncpg.connect(dsn)
    with pytest.raises(Unreachable):
        async with db.transaction() as tx:
            tx.look_again(wake("a"))
            await tx.value("outbox_waiting")
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle in transaction'"
            )
    await admin.close()
    assert await waiting(db) == 0


async def test_an_error_of_the_block_that_looks_like_the_networks_stays_what_it_is(db: Db) -> None:
    with pytest.raises(ConnectionError, match="SMTP hung up"):
        async with db.transaction():
            raise ConnectionError("SMTP hung up")


async def test_every_named_query_is_one_postgres_can_prepare(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    faults: list[str] = []
    for query in queries().values():
        try:
            statement = await connection.prepare(query.sql)
        except asyncpg.PostgresError as error:
            faults.append(f"{query.name}: {error}")
        else:
            if len(statement.get_parameters()) != len(query.parameters):
                faults.append(f"{query.name}: takes {len(statement.get_parameters())} parameters")
    await connection.close()
    assert faults == []


async def test_a_postgres_whose_disk_is_full_may_be_asked_again(db: Db) -> None:
    full = "DO $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
    with pytest.raises(Unreachable, match="No space left"):
        async with db.transaction() as tx:
            with translated(db.where):
                await tx._connection.execute(full)
    assert await waiting(db) == 0
