"""Who is there besides? A crowd that came in through the bulk write path; each has a run and a letter in a month."""

from __future__ import annotations

import sys
from datetime import timedelta

import asyncpg

from benchmarks import _leads, _letters
from benchmarks._entered import entered
from leadloom.runtime.wiring import House
from leadloom.store.db import Db

_PART = 5_000
"""Leads between two words about progress."""
_FAR = timedelta(days=30)


async def grown(house: House, db_url: str, *, to: int, there: int) -> None:
    """Let the crowd of leads numbered below `there` grow until it is numbered below `to`.

    Their workflows are not started: the development server takes a quarter of an hour for 50,000, and an open run that
    waits is a row of its own in Temporal's store, which no other run reads.
    """
    db = await Db.open(db_url)
    try:
        for first in range(there, to, _PART):
            at, count = house.now(), min(_PART, to - first)
            leads = await _leads.made(db_url, count, at=at, first=first)
            await entered(db, leads, journey=_letters.NAME, at=at, after=_FAR)
            await _letters.asked(db, leads, [at + _FAR] * count)
            print(f"  a crowd of {first + count:,}", file=sys.stderr, flush=True)
    finally:
        await db.close()
    await _settled(db_url)


async def _settled(db_url: str) -> None:
    """What autovacuum does some time after such an import, done now rather than amid a measurement."""
    connection = await asyncpg.connect(db_url)
    try:
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def size_bytes(db_url: str) -> int:
    """What all tables and indexes take on disk."""
    connection = await asyncpg.connect(db_url)
    try:
        return int(await connection.fetchval("SELECT pg_database_size(current_database())"))
    finally:
        await connection.close()
