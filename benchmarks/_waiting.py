"""How does a benchmark wait? With a deadline, saying for what and how far it is, and never for what has stopped."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

import asyncpg

UNDECIDED = "SELECT count(*) FROM campaign_member WHERE decided_at IS NULL"
"""Members whom enrolment has not come by."""
UNHEARD = "SELECT count(*) FROM outbox WHERE wall_relayed_at IS NULL"
"""Wake-ups that Temporal has not heard."""
BEFORE_FIRST_STEP = "SELECT count(*) FROM enrolment WHERE status = 'active' AND waiting_for = 'its first step'"
"""Runs that nobody has looked at yet."""

_SAYS_EVERY_S = 10.0
_STANDS_STILL_S = 60.0
"""How long nothing may move at all: whatever repairs by itself in this house has done so by then."""


class Late(Exception):
    """A wait was over before what it waited for was there: the benchmark has no figure, and says why."""


async def none_left(what: str, left: Callable[[], Awaitable[int]], *, within_s: float, every_s: float = 0.2) -> None:
    """Return when nothing is left; `what` is counted, in words. Raises Late when time is up, or nothing moves."""
    began = moved = said = time.monotonic()
    before: int | None = None
    while (count := await left()) > 0:
        now = time.monotonic()
        if count != before:
            before, moved = count, now
        if now - began > within_s:
            raise Late(f"{count:,} {what} left after {within_s:.0f} s")
        if now - moved > _STANDS_STILL_S:
            raise Late(f"{count:,} {what} left, and nothing moved for {_STANDS_STILL_S:.0f} s")
        if now - said > _SAYS_EVERY_S:
            said = now
            print(f"  {count:,} {what} left, {now - began:.0f} s", file=sys.stderr, flush=True)
        await asyncio.sleep(every_s)


class Rows:
    """Counts over the rows of a house, cheap enough to be asked several times a second while it is measured."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection

    async def count(self, *queries: str) -> int:
        """The counts of these queries together."""
        return sum([int(await self._connection.fetchval(query)) for query in queries])

    async def none_left(self, what: str, *queries: str, within_s: float) -> None:
        """Return when these queries count nothing together; see `none_left`."""
        await none_left(what, lambda: self.count(*queries), within_s=within_s)


@contextlib.asynccontextmanager
async def rows_of(db_url: str) -> AsyncGenerator[Rows]:
    """A connection of its own, so that a busy pool makes nobody wait for a count."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(db_url)
    try:
        yield Rows(connection)
    finally:
        await connection.close()
