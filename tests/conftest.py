"""What every test may ask for: a fresh database, and the published example world to decide with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import settings

from leadloom.runtime.local.temporal import LocalTemporal
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import services, world

# Nothing is timed in tests: an example that is slow on a busy machine is no fault.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
async def databases() -> AsyncIterator[services.Databases]:
    """The test process's Postgres."""
    async with services.postgres() as found:
        yield found


@pytest.fixture(scope="session")
async def template(databases: services.Databases) -> AsyncIterator[str]:
    """Name of a migrated, empty database that fresh ones are copied from."""
    async with services.migrated(databases) as name:
        yield name


@pytest.fixture
async def dsn(databases: services.Databases, template: str) -> AsyncIterator[str]:
    """URL of a fresh, migrated database of this test alone."""
    async with databases.fresh(template) as url:
        yield url


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[Db]:
    """An open `Db` on the fresh database, without a relay."""
    opened = await Db.open(dsn, size=24)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """host:port of a development server of this test process, for tests that need one and nothing of its own."""
    server = LocalTemporal(tmp_path_factory.mktemp("temporal"))
    await server.start()
    yield server.address
    await server.stop()


@pytest.fixture
async def book(db: Db) -> Book:
    """The real definition, a small journey and its templates, published."""
    return await world.publish(db)
