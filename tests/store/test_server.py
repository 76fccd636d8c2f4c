"""Is a database made when it isn't there, dropped when that is meant, and its server asked what it is?"""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from leadloom.domain.errors import BadInput, Unreachable
from leadloom.store import server
from leadloom.store.db import Db
from tests.services import Databases


@pytest.fixture
def nowhere(databases: Databases) -> str:
    """The URL of a database that doesn't exist, with a name that must be quoted."""
    return databases.url(f'leadloom "{uuid4().hex[:8]}').replace(" ", "%20").replace('"', "%22")


async def test_a_database_is_made_once_and_dropped_whoever_is_connected(nowhere: str) -> None:
    assert await server.ensure_database(nowhere) is True
    try:
        assert await server.ensure_database(nowhere) is False
        somebody = await asyncpg.connect(nowhere)
    finally:
        await server.drop_database(nowhere)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await somebody.fetchval("SELECT 1")
    with pytest.raises(Unreachable, match="no database of that name"):
        await server.reach(nowhere)
    await server.drop_database(nowhere)


async def test_a_dsn_without_a_name_is_refused(databases: Databases) -> None:
    with pytest.raises(BadInput, match="Name the database"):
        await server.ensure_database(databases.url("").rstrip("/"))


async def test_something_that_is_no_address_is_said_without_being_repeated() -> None:
    with pytest.raises(Unreachable, match="no address of a database") as said:
        await server.reach("postgresql://leadloom:hu#sh@127.0.0.1:5432/x")
    assert "hu" not in str(said.value).replace("such", "")


async def test_the_server_says_its_version_and_the_fence_its_epoch(db: Db) -> None:
    async with db.read() as tx:
        assert await server.major_version(tx) >= server.OLDEST_MAJOR
        assert await server.restore_epoch(tx) == 1
