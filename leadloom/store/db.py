"""How does our code reach Postgres? A pool whose transactions relay their wake-ups as soon as they have committed."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg

from leadloom.domain.errors import Transient
from leadloom.store import account_news, outbox
from leadloom.store.outbox import OutboxRow, Relay
from leadloom.store.short import Plain, ShortConnections
from leadloom.store.tx import Connection, Record, Tx, connecting, speak_json, translated

__all__ = ["Db", "OutboxRow", "Record", "Relay", "Tx"]

log = logging.getLogger(__name__)

SHORT = 4
"""Connections for single statements, and transactions about a few rows, opened when there are such (`_plan_once`)."""
COMMAND_TIMEOUT = timedelta(seconds=60)
"""Wall time one statement may take; a migration has its own connection without this."""


class Db:
    """The database. One per process."""

    def __init__(self, pool: asyncpg.Pool[Record], short: ShortConnections, where: str, relay: Relay | None) -> None:
        """Use `Db.open`."""
        self._pool, self._short = pool, short
        self.where = where
        """Host, port and name, for messages: never the password."""
        self.relay = relay
        """Who is told of wake-ups at commit. None leaves them all to the sweep."""

    @classmethod
    async def open(cls, dsn: str, *, size: int = 10, relay: Relay | None = None) -> Db:
        """Open a pool of `size` connections, and `SHORT` others as needed. Raises Unreachable when nobody answers."""
        where, timeout_s, called = place(dsn), COMMAND_TIMEOUT.total_seconds(), {"application_name": "leadloom"}

        async def short() -> Plain:
            connection = await asyncpg.connect(dsn, command_timeout=timeout_s, server_settings=called)
            await _plan_once(connection)
            return connection

        with connecting(where):
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=size,
                command_timeout=timeout_s,
                init=speak_json,
                reset=_nothing_to_reset,
                server_settings=called,
            )
        return cls(pool, ShortConnections(short, most=SHORT), where, relay)

    async def close(self) -> None:
        """Give all connections back. Waits for transactions that are open."""
        await self._pool.close()
        await self._short.close()

    @asynccontextmanager
    async def transaction(
        self, *, committed: Callable[[], None] | None = None, by_keys: bool = False
    ) -> AsyncGenerator[Tx, None]:
        """One transaction: commits when the block ends, rolls back when it raises, then relays what it queued.

        `committed` is called between the two, for whoever needn't wait for Temporal. `by_keys` says that it is about
        a few rows and asked again and again: its statements are planned once.
        """
        async with self._kept() if by_keys else self._connection() as connection:
            tx = Tx(connection, self.where)
            async with self._begun(connection, readonly=False):
                yield tx
                await account_news.of_commit(tx)
                rows = await outbox.write(tx)
        if committed is not None:
            committed()
        await self._hand_over(rows)

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Tx, None]:
        """A transaction that sees one moment and can write nothing."""
        async with self._connection() as connection, self._begun(connection, readonly=True):
            yield Tx(connection, self.where)

    @asynccontextmanager
    async def at_once(self) -> AsyncGenerator[Tx, None]:
        """For one statement, which is its own transaction: begun and ended by hand it would take three round trips.

        It queues no wake-ups.
        """
        async with self._kept() as connection:
            yield Tx(connection, self.where)

    @asynccontextmanager
    async def _kept(self) -> AsyncGenerator[Connection, None]:
        """One whose statements are planned once. Left half-way, or lost, nobody uses it again."""
        with translated(self.where):
            connection = await self._short.take()
        try:
            yield connection
        except BaseException as error:
            # A statement that was cut short may still be running there; one that was refused has ended.
            is_cut_short = isinstance(error, Transient) or not isinstance(error, Exception)
            is_unfit = is_cut_short or connection.is_in_transaction()
            (self._short.drop if is_unfit else self._short.give_back)(connection)
            raise
        self._short.give_back(connection)

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Connection, None]:
        with translated(self.where):
            connection = await self._pool.acquire()
        try:
            yield connection
        finally:
            with translated(self.where):
                await self._pool.release(connection)

    @asynccontextmanager
    async def _begun(self, connection: Connection, *, readonly: bool) -> AsyncGenerator[None, None]:
        """Begin and end by hand: the block's own OSError must not be taken for Postgres's."""
        transaction = connection.transaction(isolation="repeatable_read" if readonly else None, readonly=readonly)
        with translated(self.where):
            await transaction.start()
        try:
            yield
        except BaseException:
            # A connection that is gone has rolled back already, and the block's own error says more.
            with suppress(Transient), translated(self.where):
                await transaction.rollback()
            raise
        with translated(self.where):
            await transaction.commit()

    async def _hand_over(self, rows: list[OutboxRow]) -> None:
        # The facts are committed here: whatever fails from now on is late, never lost.
        told = await outbox.relay_now(self.relay, rows) if self.relay is not None and rows else []
        if not told:
            return
        try:
            async with self.at_once() as tx:
                await outbox.mark_relayed(tx, told)
        except Transient as error:
            log.warning("outbox relayed but not marked", extra={"rows": len(told)}, exc_info=error)


async def _plan_once(connection: Connection) -> None:
    """For statements about a few rows by their keys, asked hundreds of times a second: planned by keys, and once.

    Else Postgres plans a short list anew each time, which for what asks all vetoes takes longer than the asking; and a
    plan made while a table was young would read all of it.
    """
    await speak_json(connection)
    await connection.execute(
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;"
        " SET enable_mergejoin = off; SET jit = off"
    )


async def _nothing_to_reset(_: Connection) -> None:
    """Give a connection back without asyncpg's four statements: a round trip for each of our transactions.

    What they undo (listeners, session settings, session locks, cursors) we never leave behind: ours end with their
    transaction, which asyncpg ends in any case.
    """


def place(dsn: str) -> str:
    """Where a DSN points, without its secret."""
    parts = urlsplit(dsn)
    try:
        port = parts.port or 5432
    except ValueError:
        # A password with a character that must be written as %23 or %2F: what follows it looks like a port.
        return "an address that can't be read"
    return f"{parts.hostname or 'the local socket'}:{port}{parts.path}"
