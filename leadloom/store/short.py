"""Which connections are for single statements? Few, kept warm, and given out without a pool's questions.

asyncpg's pool asks and resets a connection in a task of its own each time it comes back; for statements that take a
fraction of a millisecond, hundreds of times a second, that is as much as the statement costs us.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NamedTuple, TypeAlias

import asyncpg

Plain: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""Quoted: only the stubs know it as generic."""

_IDLE = timedelta(minutes=4)
"""One that rested longer is replaced: what stands between may have forgotten it."""


class _Rested(NamedTuple):
    connection: Plain
    since: float


class ShortConnections:
    """At most `most` connections, opened when there are statements for them."""

    def __init__(self, connect: Callable[[], Awaitable[Plain]], *, most: int) -> None:
        """`connect` opens one, ready to be used."""
        self._connect, self._most = connect, most
        self._free = asyncio.Semaphore(most)
        self._rested: list[_Rested] = []
        self._is_closed = False

    async def take(self) -> Plain:
        """A connection for one statement; then either `give_back` or `drop` is due.

        Raises what `connect` raises; InterfaceError once they are closed.
        """
        await self._free.acquire()
        try:
            if self._is_closed:
                raise asyncpg.InterfaceError("the connections are closed")
            return self._warm() or await self._connect()
        except BaseException:
            self._free.release()
            raise

    def give_back(self, connection: Plain) -> None:
        """It may be used again."""
        self._rested.append(_Rested(connection, asyncio.get_running_loop().time()))
        self._free.release()

    def drop(self, connection: Plain) -> None:
        """Something failed on it, or was cancelled half-way: nobody uses it again."""
        connection.terminate()
        self._free.release()

    def _warm(self) -> Plain | None:
        now = asyncio.get_running_loop().time()
        while self._rested:
            connection, since = self._rested.pop()  # the warmest first, so that the others may grow cold
            if not connection.is_closed() and now - since <= _IDLE.total_seconds():
                return connection
            connection.terminate()
        return None

    async def close(self) -> None:
        """Close all. Waits for statements that are under way."""
        for _ in range(self._most):
            await self._free.acquire()
        self._is_closed = True
        rested, self._rested = self._rested, []
        for connection, _ in rested:
            await connection.close()
        for _ in range(self._most):
            self._free.release()
