"""What can be asked of Postgres inside one transaction? Named queries, and wake-ups that leave with the commit."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from time import time_ns
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import asyncpg
from asyncpg.pgproto import pgproto
from asyncpg.pool import PoolConnectionProxy
from pydantic_core import to_json

from leadloom.domain.errors import BadInput, NotFound, Transient, Unreachable
from leadloom.domain.model import AccountId, Value
from leadloom.domain.wake import LookAgain
from leadloom.store.names import Fragment, queries, together

Record = asyncpg.Record
Asked: TypeAlias = tuple[str, Mapping[str, object]]
"""A named query with its parameters."""
Connection: TypeAlias = "asyncpg.Connection[Record] | PoolConnectionProxy[Record]"
"""Quoted: only the stubs know these as generic."""

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server's goodbye came between two statements
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,  # class 53: no connection left, no memory, no room on its disk
    OSError,  # TimeoutError too: connect and command timeouts
)
_SPELLED = frozenset((UUID, pgproto.UUID, datetime))
"""What may stand in a jsonb column beside JSON itself: as Postgres reads it back."""
_RACED = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)


_NO_TEXT = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
"""What Postgres takes for no text, though Python and JSON do: a stranger's value, whatever door it came by."""


@contextmanager
def translated(where: str) -> Generator[None, None, None]:
    """Turn Postgres's passing troubles into Transient; what is wrong with our SQL stays what it is."""
    try:
        yield
    except _RACED as error:
        raise Transient(f"Postgres at {where} let another transaction go first: {error}") from error
    except _LOST as error:
        raise Unreachable("Postgres", where, str(error) or type(error).__name__) from error
    except asyncpg.DataError as error:
        if isinstance(error, _NO_TEXT) or isinstance(error.__cause__, UnicodeEncodeError):
            raise BadInput("body", "", "Send text without NUL and without halves of characters.") from error
        raise


@contextmanager
def connecting(where: str) -> Generator[None, None, None]:
    """The same for the first connection, where an address, too, can be wrong: each way in a sentence of its own."""
    try:
        with translated(where):
            yield
    except asyncpg.InvalidCatalogNameError as error:
        raise Unreachable("Postgres", where, "the server has no database of that name; create it") from error
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise Unreachable("Postgres", where, "it refuses the user or the password") from error
    except (asyncpg.ClientConfigurationError, ValueError) as error:
        # Not its own words: they quote what they couldn't read, which may be half of a password.
        form = "write postgresql://user:password@host:port/name, special characters as %23"
        raise Unreachable("Postgres", where, f"that is no address of a database; {form}") from error


async def speak_json(connection: Connection) -> None:
    """Let json columns go in and out as Python objects; ids and instants may stand in them."""
    for kind in ("jsonb", "json"):
        await connection.set_type_codec(kind, encoder=_written, decoder=json.loads, schema="pg_catalog")


def _plain(value: object) -> str:
    if type(value) in _SPELLED:
        return str(value)
    raise TypeError(f"{type(value).__name__} can't stand in a json column")


def _written(value: object) -> str:
    """As JSON text; a third of what Python's own encoder takes, which asks us about every id and instant."""
    return to_json(value, fallback=_plain).decode()


def new_id() -> UUID:
    """An id nobody has. Of the kind that rows come with: it is compared and written in a fraction of the time of
    Python's own.

    Version 7 of RFC 9562: it begins with the millisecond it was made, so that what comes in together lies together in
    each index, however many rows there are. Nobody reads that time, and 74 bits are chance.
    """
    wall_ms = time_ns() // 1_000_000
    made = bytearray(wall_ms.to_bytes(6, "big") + os.urandom(10))
    made[6], made[8] = made[6] & 0x0F | 0x70, made[8] & 0x3F | 0x80
    return pgproto.UUID(bytes(made))


class _Texts(dict[type, bool]):
    """Which types are written as text. The writer of JSON would ask an id, and a word of a closed list, a dozen times
    what else it might be: half of what a row takes."""

    def __missing__(self, kind: type) -> bool:
        self[kind] = is_text = issubclass(kind, (UUID, pgproto.UUID, StrEnum))
        return is_text


_texts = _Texts()


def row_of(value: Value, **more: object) -> dict[str, object]:
    """A value without values in it as a row for jsonb_to_recordset: its own fields, not a validated copy of them."""
    fields = {**vars(value), **more}
    return {name: str(told) if _texts[type(told)] else told for name, told in fields.items()}


class Engaged(NamedTuple):
    """People of a company earned or lost points."""

    journey_hashes: tuple[str, ...]
    """Versions of journeys whose runs ask for it."""
    at: datetime


class Tx:
    """An open transaction. Whoever gets one never commits: the block that opened it does."""

    def __init__(self, connection: Connection, where: str) -> None:
        self._connection = connection
        self._where = where
        self._wakes: dict[str, LookAgain] = {}
        self.engaged: dict[AccountId, Engaged] = {}
        """Companies that store.account_news has something to note about just before the commit."""

    async def all(self, name: str, /, **params: object) -> list[Record]:
        """All rows of the named query."""
        query = queries()[name]
        with translated(self._where):
            return await self._connection.fetch(query.sql, *query.arguments(params))

    async def all_where(self, name: str, where: Fragment, /, **params: object) -> list[Record]:
        """All rows of the named query for which also the condition holds."""
        query = queries()[name]
        with translated(self._where):
            return await self._connection.fetch(query.narrowed(where), *query.arguments(params), *where.values)

    async def maybe(self, name: str, /, **params: object) -> Record | None:
        """The first row of the named query, or None."""
        query = queries()[name]
        with translated(self._where):
            return await self._connection.fetchrow(query.sql, *query.arguments(params))

    async def one(self, name: str, /, **params: object) -> Record:
        """The first row of the named query. Raises NotFound, naming the query's noun and key, when there is none."""
        row = await self.maybe(name, **params)
        if row is None:
            raise NotFound(queries()[name].noun, ", ".join(str(value) for value in params.values()))
        return row

    async def value(self, name: str, /, **params: object) -> Any:
        """The first column of the first row, or None. The caller states its type."""
        row = await self.maybe(name, **params)
        return None if row is None else row[0]

    async def run(self, name: str, /, **params: object) -> int:
        """Run a statement; how many rows it touched."""
        query = queries()[name]
        with translated(self._where):
            status = await self._connection.execute(query.sql, *query.arguments(params))
        return _touched(status)

    async def run_where(self, name: str, where: Fragment, /, **params: object) -> int:
        """Run a statement on what the condition holds for; how many rows it touched."""
        query = queries()[name]
        with translated(self._where):
            status = await self._connection.execute(query.narrowed(where), *query.arguments(params), *where.values)
        return _touched(status)

    async def together(self, *asked: Asked) -> list[Record]:
        """Run statements that don't look at one another's rows in one round trip; the rows of the last.

        All of them see the rows as they were before: whoever must see what another writes goes after it.
        """
        if not asked:
            return []
        values: list[object] = []
        parts = tuple((name, _placed(queries()[name].arguments(dict(params)), values)) for name, params in asked)
        with translated(self._where):
            return await self._connection.fetch(together(parts), *values)

    async def many(self, name: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Run a statement once for each row of parameters, in one round trip."""
        query = queries()[name]
        arguments = [query.arguments(dict(row)) for row in rows]
        if arguments:
            with translated(self._where):
                await self._connection.executemany(query.sql, arguments)

    def look_again(self, wake: LookAgain) -> None:
        """Let that workflow look again once this commits. Asked twice in one transaction, it is told once.

        Who begins and is then told to look is told to look: the later word never waits for a later first look.
        """
        known = self._wakes.get(wake.workflow_id)
        if known is None or not wake.begins:
            self._wakes[wake.workflow_id] = wake

    def wakes(self) -> tuple[LookAgain, ...]:
        """What will be told at the commit, in the order it was first asked."""
        return tuple(self._wakes.values())


class Ahead:
    """Statements that run while whoever asked for them computes the next: one at a time, in their order.

    Nothing else may be asked of the transaction before `done`, which is due also when something fails in between.
    """

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._running: asyncio.Task[list[Record]] | None = None

    async def together(self, *asked: Asked) -> None:
        """Send `Tx.together` off when the one before has ended. Raises what that one did."""
        await self.done()
        self._running = asyncio.create_task(self._tx.together(*asked))
        await asyncio.sleep(0)  # on its way before the caller computes on

    async def done(self) -> None:
        """Wait for the last. Raises what it did."""
        running, self._running = self._running, None
        if running is not None:
            await running


def _placed(arguments: Iterable[object], values: list[object]) -> tuple[int, ...]:
    """Where each of the arguments is among the values, from 1 on; rows that two statements write are sent once."""
    places: list[int] = []
    for argument in arguments:
        sent = next((no for no, value in enumerate(values, 1) if value is argument), None)
        if sent is None or not isinstance(argument, list):  # another value may be of another type there
            values.append(argument)
            sent = len(values)
        places.append(sent)
    return tuple(places)


def _touched(status: str) -> int:
    """How many rows a command's tag says it touched."""
    return int(status.rsplit(" ", 1)[-1]) if status[-1].isdigit() else 0
