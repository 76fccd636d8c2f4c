"""How does a database fill up fast? Copies of leads that have lived through something, rows and all."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from leadloom.domain.model import LeadId

_IDS = ("lead_id", "account_id", "enrolment_id", "message_id", "basis_id")
"""Ids that a copy has of its own."""
_TEXTS = ("email", "domain", "value")
"""Words that a copy can't share."""
_OF_LEADS = ("lead", "identity_key", "event", "score_entry", "lead_stage", "stage_change", "basis", "lead_clock")
_SOURCES = {
    "account": "account_id IN (SELECT account_id FROM lead WHERE lead_id = ANY ($2::uuid[]))",
    **dict.fromkeys(_OF_LEADS, "lead_id = ANY ($2::uuid[])"),
    "enrolment": "lead_id = ANY ($2::uuid[])",
    "message": "lead_id = ANY ($2::uuid[]) AND enrolment_id IS NOT NULL",
    "step_log": "enrolment_id IN (SELECT enrolment_id FROM enrolment WHERE lead_id = ANY ($2::uuid[]))",
}


async def copy(db_url: str, of: Sequence[LeadId], times: int, *, first: int) -> None:
    """So many copies of these leads, numbered from `first`: the same story, ids and addresses of their own."""
    connection = await asyncpg.connect(db_url)
    try:
        async with connection.transaction():
            # Copies refer to copies, in whatever order they come.
            await connection.execute("SET LOCAL session_replication_role = replica")
            for table, where in _SOURCES.items():
                await connection.execute(await _statement(connection, table, where), (first, times), list(of))
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _statement(connection: asyncpg.Connection[asyncpg.Record], table: str, where: str) -> str:
    columns = [
        row["column_name"]
        for row in await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position", table
        )
    ]
    values = ", ".join(_value(name) for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    numbers = "generate_series(($1::int[])[1], ($1::int[])[1] + ($1::int[])[2] - 1)"
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} AS t, {numbers} AS copy WHERE {where}"


def _value(column: str) -> str:
    if column in _IDS:
        return f"md5(t.{column}::text || copy)::uuid"
    if column in _TEXTS:
        return f"copy || '.' || t.{column}"
    return f't."{column}"'


async def size_bytes(db_url: str) -> int:
    """What all tables and indexes take on disk."""
    connection = await asyncpg.connect(db_url)
    try:
        return int(await connection.fetchval("SELECT pg_database_size(current_database())"))
    finally:
        await connection.close()
