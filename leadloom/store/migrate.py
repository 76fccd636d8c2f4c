"""Which migrations has this database seen, and which are due? Forward only, each once, an edited one refused."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import takewhile
from pathlib import Path
from typing import Literal

import asyncpg

from leadloom.domain.errors import Permanent
from leadloom.domain.model import Value
from leadloom.store.db import place
from leadloom.store.tx import Connection, connecting, translated

MIGRATIONS_FOLDER = Path(__file__).parent / "migrations"

Phase = Literal["pre", "post"]
"""`pre` runs before the new code is deployed and must suit the old; `post` runs when no old code is left."""

_NAME = re.compile(r"^\d{4}_(?P<phase>pre|post)_[a-z0-9_]+$")
_OWN_TRANSACTION = "-- no-transaction"
_LOCK = 0x1EAD_100
"""Key of the session advisory lock, so that two migrators never meet. A lock of a transaction would deadlock with
CREATE INDEX CONCURRENTLY, which waits for every other transaction."""
_ASK_AGAIN = timedelta(milliseconds=100)
_TABLE = """
CREATE TABLE IF NOT EXISTS migration (
    name             text PRIMARY KEY,
    sha256           text NOT NULL,
    wall_applied_at  timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


class WrongSchema(Permanent):
    """The database and the migrations of this code don't fit together."""


class Migration(Value):
    """One file."""

    name: str
    phase: Phase
    sql: str

    @property
    def sha256(self) -> str:
        """What tells an edited file from the one that was applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def in_transaction(self) -> bool:
        """False for files whose first line asks to run outside one (CONCURRENTLY); such a file is one statement."""
        return not self.sql.startswith(_OWN_TRANSACTION)


def read_migrations(folder: Path = MIGRATIONS_FOLDER) -> list[Migration]:
    """All migrations of this code, in order. Raises WrongSchema for a file name out of form."""
    found: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.match(path.stem)
        if match is None:
            raise WrongSchema(f"{path.name}: a migration is named NNNN_pre_what.sql or NNNN_post_what.sql")
        phase: Phase = "pre" if match["phase"] == "pre" else "post"
        found.append(Migration(name=path.stem, phase=phase, sql=path.read_text(encoding="utf-8")))
    return found


async def migrate(dsn: str, *, only: Phase | None = None, folder: Path = MIGRATIONS_FOLDER) -> list[str]:
    """Apply what is due and name it. With `only="pre"` stops before the first `post`.

    `dsn` must be a direct connection: session locks and transaction poolers don't mix.
    """
    where = place(dsn)
    with connecting(where):
        connection = await asyncpg.connect(dsn, server_settings={"application_name": "leadloom-migrate"})
    with translated(where):
        try:
            await _lock(connection)
            await connection.execute(_TABLE)
            due = pending(read_migrations(folder), await _applied(connection))
            chosen = list(takewhile(lambda migration: only is None or migration.phase == only, due))
            for migration in chosen:
                await _apply(connection, migration)
            return [migration.name for migration in chosen]
        finally:
            await connection.close()  # ends the session, and with it the lock


async def check(dsn: str, *, folder: Path = MIGRATIONS_FOLDER) -> None:
    """Refuse to start on a database this code doesn't suit. Applies nothing: replicas that migrate at start race.

    A `post` migration may still be due, and the database may know migrations this code doesn't (a rollback).
    """
    lacking = [name for name in await due(dsn, folder=folder) if "_pre_" in name]
    if lacking:
        raise WrongSchema(
            f"The database at {place(dsn)} lacks {len(lacking)} migration(s), first {lacking[0]}. "
            "Run: python starter.py db migrate"
        )


async def due(dsn: str, *, folder: Path = MIGRATIONS_FOLDER) -> list[str]:
    """Names of the migrations to apply, in order. Applies nothing. Raises WrongSchema as `pending` does."""
    with connecting(place(dsn)):
        connection = await asyncpg.connect(dsn)
    with translated(place(dsn)):
        try:
            known = await connection.fetchval("SELECT to_regclass('migration') IS NOT NULL")
            applied = await _applied(connection) if known else {}
        finally:
            await connection.close()
    return [migration.name for migration in pending(read_migrations(folder), applied)]


def pending(migrations: Sequence[Migration], applied: dict[str, str]) -> list[Migration]:
    """What is due. Raises WrongSchema for a file edited after it was applied, or one that comes too late."""
    edited = [each.name for each in migrations if applied.get(each.name, each.sha256) != each.sha256]
    if edited:
        raise WrongSchema(f"{edited[0]}.sql was edited after it was applied. Undo that, and write a new migration.")
    due = [each for each in migrations if each.name not in applied]
    last = max((each.name for each in migrations if each.name in applied), default="")
    if due and due[0].name < last:
        raise WrongSchema(f"{due[0].name}.sql comes before {last}, which is applied. Give it a higher number.")
    return due


async def _lock(connection: Connection) -> None:
    # Asked again and again: a statement that waits for the lock holds a snapshot, and CREATE INDEX CONCURRENTLY
    # waits for snapshots, so the two would deadlock.
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110  no event to await
        await asyncio.sleep(_ASK_AGAIN.total_seconds())


async def _applied(connection: Connection) -> dict[str, str]:
    rows = await connection.fetch("SELECT name, sha256 FROM migration")
    return {row["name"]: row["sha256"] for row in rows}


async def _apply(connection: Connection, migration: Migration) -> None:
    if migration.in_transaction:
        async with connection.transaction():
            await connection.execute(migration.sql)
            await _note(connection, migration)
    else:
        # Not atomic: if we die between the two, the statement runs again, so it must say IF NOT EXISTS.
        await connection.execute(migration.sql)
        await _note(connection, migration)


async def _note(connection: Connection, migration: Migration) -> None:
    await connection.execute("INSERT INTO migration (name, sha256) VALUES ($1, $2)", migration.name, migration.sha256)
