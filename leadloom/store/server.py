"""What server is this? Its version, the restore epoch it holds, and the database itself when it must be made first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from leadloom.domain.errors import BadInput
from leadloom.store.db import place
from leadloom.store.tx import Connection, Tx, connecting, translated

OLDEST_MAJOR = 15
"""The oldest Postgres our SQL is written for."""

_ASK_AGAIN = timedelta(milliseconds=50)
_MAINTENANCE = "postgres"


async def reach(dsn: str) -> None:
    """Connect once and go. Raises Unreachable."""
    with connecting(place(dsn)):
        connection = await asyncpg.connect(dsn)
    await connection.close()


async def ensure_database(dsn: str, *, patience: timedelta = timedelta(seconds=20)) -> bool:
    """Make the database that the DSN names if it isn't there; whether it is new. Waits while the server still starts.

    Raises Unreachable when it doesn't take connections within `patience`.
    """
    async with _beside(dsn, patience) as (connection, name):
        if await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            return False
        await connection.execute(f"CREATE DATABASE {_quoted(name)}")
        return True


async def drop_database(dsn: str) -> None:
    """Drop the database that the DSN names, whoever is connected. Twice is fine."""
    async with _beside(dsn, timedelta(seconds=5)) as (connection, name):
        await connection.execute(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")


@asynccontextmanager
async def _beside(dsn: str, patience: timedelta) -> AsyncGenerator[tuple[Connection, str]]:
    """A connection to another database of the same server, and the name of the one that is meant."""
    parts = urlsplit(dsn)
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise BadInput("DATABASE_URL", place(dsn), "Name the database at its end: postgresql://…/leadloom.")
    with translated(place(dsn)):
        connection = await _patiently(urlunsplit(parts._replace(path=f"/{_MAINTENANCE}")), patience)
        try:
            yield connection, name
        finally:
            await connection.close()


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


async def major_version(tx: Tx) -> int:
    """15, 16 …"""
    number: int = await tx.value("server_version")
    return number // 10_000


async def restore_epoch(tx: Tx) -> int:
    """The fence's epoch: workers of another one send nothing."""
    return await tx.value("fence_epoch")


async def _patiently(dsn: str, patience: timedelta) -> Connection:
    """A connection, as soon as a server that listens already also takes them."""
    deadline = asyncio.get_running_loop().time() + patience.total_seconds()
    while True:
        try:
            return await asyncpg.connect(dsn)
        except (asyncpg.CannotConnectNowError, OSError):
            if asyncio.get_running_loop().time() >= deadline:
                raise
        await asyncio.sleep(_ASK_AGAIN.total_seconds())
