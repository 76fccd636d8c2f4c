"""Which real services do tests run on? One Postgres per test process, and a database per test like a template."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg

from leadloom.runtime.local.postgres import LocalPostgres, running
from leadloom.store.migrate import migrate
from tests import used_again


class Databases:
    """Makes and drops databases on one server, and keeps those that can be used again."""

    def __init__(self, admin_url: str) -> None:
        """`admin_url` points at a database that stays and whose user may create others."""
        self._admin_url = admin_url
        self._fresh: dict[str, used_again.Fresh] = {}
        self._idle: dict[str, list[str]] = {}
        """Names of databases nobody uses, by what they were copied from."""
        self._admin: asyncpg.Connection | None = None
        self._one_by_one = asyncio.Lock()

    def url(self, name: str) -> str:
        """The same server, another database."""
        return self._admin_url.rsplit("/", 1)[0] + f"/{name}"

    @contextlib.asynccontextmanager
    async def fresh(self, template: str = "template1") -> AsyncIterator[str]:
        """The URL of a database like `template`, under a name nobody had; then it's taken from whoever is connected."""
        name = f"leadloom_test_{uuid.uuid4().hex[:12]}"
        idle = self._idle.setdefault(template, [])
        if idle:
            await self.run(f"ALTER DATABASE {idle.pop()} RENAME TO {name}")
        else:
            # A copy by files costs two thirds of one through the log, as nothing is flushed here.
            await self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            if template not in self._fresh:
                self._fresh[template] = await used_again.seen(self.url(name))
            yield self.url(name)
        finally:
            if await self._cleared(name, self._fresh.get(template)):
                idle.append(name)
            else:
                await self.run(f"DROP DATABASE {name} WITH (FORCE)")

    async def _cleared(self, name: str, fresh: used_again.Fresh | None) -> bool:
        """Whether the next test may have it. Whatever stands against that: a new one is made."""
        if fresh is None or not fresh.tables:
            return False
        try:
            await self.run(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
            return await used_again.cleared(self.url(name), fresh)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False

    async def aclose(self) -> None:
        """Drop what is kept; then nothing of ours is on the server."""
        for name in [name for names in self._idle.values() for name in names]:
            await self.run(f"DROP DATABASE {name} WITH (FORCE)")
        self._idle.clear()
        if self._admin is not None:
            await self._admin.close()

    async def run(self, statement: str) -> None:
        """Tell the server something, on one connection that stays."""
        async with self._one_by_one:
            if self._admin is None or self._admin.is_closed():
                self._admin = await asyncpg.connect(self._admin_url)
            await self._admin.execute(statement)

    async def answer(self) -> None:
        """Wait until the server takes us: it listens a moment before it does, and reads its rules a moment later."""
        early = (asyncpg.CannotConnectNowError, asyncpg.InvalidAuthorizationSpecificationError, OSError)
        for _ in range(200):
            with contextlib.suppress(*early):
                return await self.run("SELECT 1")
            await asyncio.sleep(0.05)
        return await self.run("SELECT 1")


@contextlib.asynccontextmanager
async def postgres() -> AsyncIterator[Databases]:
    """The server of DATABASE_URL, or our own without fsync in a folder that goes away."""
    if given := os.environ.get("DATABASE_URL"):
        async with contextlib.aclosing(Databases(given)) as databases:
            yield databases
        return
    with tempfile.TemporaryDirectory(prefix="leadloom-test-") as folder:
        async with (
            running(Path(folder) / "postgres", durable=False) as server,
            contextlib.aclosing(Databases(await _at_home(server, Path(folder) / "postgres"))) as databases,
        ):
            await databases.answer()
            yield databases


async def _at_home(server: LocalPostgres, folder: Path) -> str:
    """The URL of a user who needs no password: proving one takes longer than most of our questions, and tests connect
    thousands of times. Everybody else still needs theirs."""
    async with contextlib.aclosing(Databases(server.url("postgres"))) as databases:
        await databases.answer()
        await databases.run("CREATE ROLE tests SUPERUSER LOGIN")
        rules = folder / "data" / "pg_hba.conf"
        rules.write_text("host all tests 127.0.0.1/32 trust\n" + rules.read_text())
        await databases.run("SELECT pg_reload_conf()")
    return f"postgresql://tests@127.0.0.1:{server.port}/postgres"


@contextlib.asynccontextmanager
async def migrated(databases: Databases) -> AsyncIterator[str]:
    """The name of a database with all migrations, to copy from. Nobody may stay connected to a template."""
    async with databases.fresh() as url:
        await migrate(url)
        yield url.rsplit("/", 1)[1]
