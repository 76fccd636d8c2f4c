"""How is a database that a test has used made fresh again? It costs a twentieth of making a new one.

What the test touched is emptied, or filled again with what stood there at first. A database whose tables or settings
were changed, or that has grown, isn't used again: a new copy is no harm, only slow.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from leadloom.store.tx import Connection

MOST_GROWTH = 4_000_000
"""Bytes that dead rows may take: behind them, a query is slower than in a database that is new."""
_CATALOGS = (
    "pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_proc", "pg_type",
    "pg_rewrite", "pg_namespace", "pg_extension", "pg_policy",
)  # fmt: skip
_SHAPE = "SELECT concat_ws(' ', {})".format(
    ", ".join(f"(SELECT count(*) || '/' || COALESCE(sum(xmin::text::bigint), 0) FROM {one})" for one in _CATALOGS)
)
"""Whatever is created, altered or dropped leaves another number of rows, or rows of a younger transaction."""
_TABLES = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1
"""
_SEQUENCES = "SELECT schemaname || '.' || sequencename AS name, last_value FROM pg_sequences ORDER BY 1"


@dataclass(frozen=True)
class Fresh:
    """What a database looks like that nobody has used."""

    shape: str
    size: int
    tables: tuple[str, ...]
    rows: Mapping[str, bytes]
    """Of each table that isn't empty: all its rows, as COPY writes them."""
    sequences: Mapping[str, int | None]


async def seen(url: str) -> Fresh:
    """Look at a database before anybody uses it."""
    connection = await asyncpg.connect(url)
    try:
        tables = tuple(row[0] for row in await connection.fetch(_TABLES))
        return Fresh(
            shape=await _shape(connection),
            size=await _size(connection),
            tables=tables,
            rows={name: await _rows(connection, name) for name in await _filled(connection, tables)},
            sequences={row["name"]: row["last_value"] for row in await connection.fetch(_SEQUENCES)},
        )
    finally:
        await connection.close()


async def cleared(url: str, fresh: Fresh) -> bool:
    """Make the database what it was; False when that can't be, and it must go. Nobody else may be connected."""
    connection = await asyncpg.connect(url)
    try:
        if await _shape(connection) != fresh.shape or await _size(connection) > fresh.size + MOST_GROWTH:
            return False
        filled = await _filled(connection, fresh.tables)
        touched = [
            name
            for name in dict.fromkeys([*filled, *fresh.rows])
            if name not in fresh.rows or await _rows(connection, name) != fresh.rows[name]
        ]
        async with connection.transaction():
            # Neither foreign keys nor triggers: all that refers to a row goes with it.
            await connection.execute("SET LOCAL session_replication_role = replica")
            for name in touched:
                await connection.execute(f"DELETE FROM {name}")
                if name in fresh.rows:
                    rows = io.BytesIO(fresh.rows[name])
                    await connection.copy_to_table(name, source=rows, format="binary")
            await _rewind(connection, fresh.sequences)
        return True
    finally:
        await connection.close()


async def _rewind(connection: Connection, sequences: Mapping[str, int | None]) -> None:
    for name, last in await connection.fetch(_SEQUENCES):
        if (first := sequences[name]) != last:
            await connection.execute("SELECT setval($1::text::regclass, $2, $3)", name, first or 1, first is not None)


async def _filled(connection: Connection, tables: tuple[str, ...]) -> list[str]:
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables)
    return [row[0] for row in await connection.fetch(asked)] if asked else []


async def _rows(connection: Connection, name: str) -> bytes:
    rows = io.BytesIO()
    await connection.copy_from_table(name, output=rows, format="binary")
    return rows.getvalue()


async def _shape(connection: Connection) -> str:
    return await connection.fetchval(_SHAPE)


async def _size(connection: Connection) -> int:
    return await connection.fetchval("SELECT pg_database_size(current_database())")
