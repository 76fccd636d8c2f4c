"""Which real services do tests run on? One Postgres per test process, and a fresh database per test from a template."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg

from leadloom.runtime.local.postgres import running
from leadloom.store.migrate import migrate


class Databases:
    """Makes and drops databases on one server."""

    def __init__(self, admin_url: str) -> None:
        """`admin_url` points at a database that stays and whose user may create others."""
        self._admin_url = admin_url

    def url(self, name: str) -> str:
        """The same server, another database."""
        return self._admin_url.rsplit("/", 1)[0] + f"/{name}"

    @contextlib.asynccontextmanager
    async def fresh(self, template: str = "template1") -> AsyncIterator[str]:
        """The URL of a new database, copied from `template`; dropped afterwards, whoever is still connected."""
        name = f"leadloom_test_{uuid.uuid4().hex[:12]}"
        await self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            await self._run(f"DROP DATABASE {name} WITH (FORCE)")

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self._admin_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def answer(self) -> None:
        """Wait until the server takes connections: it listens a moment before it does."""
        for _ in range(200):
            with contextlib.suppress(asyncpg.CannotConnectNowError, OSError):
                return await self._run("SELECT 1")
            await asyncio.sleep(0.05)
        return await self._run("SELECT 1")


@contextlib.asynccontextmanager
async def postgres() -> AsyncIterator[Databases]:
    """The server of DATABASE_URL, or our own without fsync in a folder that goes away."""
    if given := os.environ.get("DATABASE_URL"):
        yield Databases(given)
        return
    with tempfile.TemporaryDirectory(prefix="leadloom-test-") as folder:
        async with running(Path(folder) / "postgres", durable=False) as server:
            databases = Databases(server.url("postgres"))
            await databases.answer()
            yield databases


@contextlib.asynccontextmanager
async def migrated(databases: Databases) -> AsyncIterator[str]:
    """The name of a database with all migrations, to copy from. Nobody may stay connected to a template."""
    async with databases.fresh() as url:
        await migrate(url)
        yield url.rsplit("/", 1)[1]
