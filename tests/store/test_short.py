"""Are connections for single statements kept warm, few, and never used again after something failed on them?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from leadloom.store.short import Plain, ShortConnections


@asynccontextmanager
async def two(dsn: str) -> AsyncGenerator[ShortConnections]:
    """At most two connections to a real Postgres."""
    short = ShortConnections(lambda: asyncpg.connect(dsn), most=2)
    yield short
    await short.close()


async def served_by(short: ShortConnections) -> int:
    connection: Plain = await short.take()
    pid = await connection.fetchval("SELECT pg_backend_pid()")
    short.give_back(connection)
    return pid


async def test_the_same_connection_serves_one_statement_after_the_other_until_something_fails_on_it(dsn: str) -> None:
    async with two(dsn) as short:
        first = await served_by(short)
        assert await served_by(short) == first
        short.drop(await short.take())
        assert await served_by(short) != first


async def test_a_connection_that_postgres_ended_is_replaced(dsn: str) -> None:
    async with two(dsn) as short:
        first = await served_by(short)
        killer = await asyncpg.connect(dsn)
        await killer.execute("SELECT pg_terminate_backend($1, 5000)", first)
        await killer.close()
        await asyncio.sleep(0.05)  # the socket tells it
        assert await served_by(short) != first


async def test_who_comes_when_all_are_in_use_waits_for_one_and_closing_waits_for_all(dsn: str) -> None:
    async with two(dsn) as short:
        held = [await short.take() for _ in range(2)]
        third = asyncio.create_task(short.take())
        await asyncio.sleep(0.02)
        assert not third.done()
        short.give_back(held[0])
        assert await third is held[0]
        closing = asyncio.create_task(short.close())
        await asyncio.sleep(0.02)
        assert not closing.done()
        for connection in held:
            short.give_back(connection)
        await closing
        assert all(connection.is_closed() for connection in held)
        with pytest.raises(asyncpg.InterfaceError, match="closed"):
            await short.take()


async def test_a_connection_that_cannot_be_opened_leaves_room_for_the_next() -> None:
    async def away() -> Plain:
        raise OSError("nobody answers")

    short = ShortConnections(away, most=1)
    for _ in range(2):
        with pytest.raises(OSError, match="nobody"):
            await asyncio.wait_for(short.take(), 1)
