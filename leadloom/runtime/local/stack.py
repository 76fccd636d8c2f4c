"""The local stack: Postgres, Temporal and a mail trap, started together, found by others, stopped together (design §5).

Each part that the environment names is not started but asked whether it answers, so that a wrong address is said at
the start and not at the first lead.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from temporalio.testing import WorkflowEnvironment

from leadloom.domain.errors import Unreachable
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime.local.kept import announced, locked, port_of
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.runtime.local.postgres import LocalPostgres
from leadloom.runtime.local.temporal import LocalTemporal
from leadloom.runtime.local.temporal import skipping as time_skipping
from leadloom.runtime.settings import Settings
from leadloom.runtime.temporal import connect
from leadloom.store import server

DATABASE = "leadloom"
WEB_PORT = 8321
"""Where the console is found unless somebody else sits there at the very first start."""


class Server(Protocol):
    """A child process of ours that can end when it shouldn't."""

    async def ended(self) -> str:
        """Return when the process has ended, with words that say which and how."""
        ...


@dataclass(frozen=True)
class Running:
    """A stack that answers."""

    settings: Settings
    """The settings given, with the addresses of what was started."""
    folder: Path
    web_port: int
    """Free now, and the one that `public_url` names unless the environment names another."""
    postgres: LocalPostgres | None = None
    """None when DATABASE_URL names another server; likewise below."""
    temporal: LocalTemporal | None = None
    trap: MailTrap | None = None
    skipping: WorkflowEnvironment | None = None
    """The time-skipping server, when that was asked for in place of the development server."""

    @property
    def temporal_page(self) -> str | None:
        """Temporal's own console, when the server is ours."""
        return f"http://127.0.0.1:{self.temporal.ui_port}" if self.temporal else None

    async def lost(self) -> str:
        """Return when a part ended that shouldn't have, with what it was in words. Never returns otherwise."""
        servers: list[Server] = [server for server in (self.postgres, self.temporal) if server is not None]
        waits = [asyncio.ensure_future(server.ended()) for server in servers]
        if not waits:
            await asyncio.Event().wait()
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for wait in waits:
                wait.cancel()


@contextlib.asynccontextmanager
async def stack(settings: Settings, *, folder: Path | None = None, skipping: bool = False) -> AsyncGenerator[Running]:
    """Start what the environment doesn't name, in parallel; stop all of it when the block ends, however it ends.

    Args:
        settings: What they name is used as it is.
        folder: Where its files are kept; `up/` in the state folder unless told otherwise.
        skipping: Use the time-skipping server instead of one with a file on disk, for worlds that are played. It
            forgets all when it ends, so the Postgres beside it needn't outlive a crash either, and waits for no disk.

    Raises:
        Conflict: Another stack holds the folder.
        Unreachable: A part doesn't answer or start; the message says what to do.
    """
    folder = (folder or settings.state / "up").resolve()
    with locked(folder):
        async with contextlib.AsyncExitStack() as stopping:
            running = await _started(settings, folder, stopping, skipping=skipping)
            with announced(folder, running.settings):
                yield running


async def _started(settings: Settings, folder: Path, stopping: contextlib.AsyncExitStack, *, skipping: bool) -> Running:
    web_port = port_of(folder, "web", first=WEB_PORT)
    temporal_part = _skipping(stopping) if skipping else _temporal(settings, folder, stopping)
    try:
        async with asyncio.TaskGroup() as parts:
            postgres = parts.create_task(_postgres(settings, folder, stopping, durable=not skipping))
            temporal = parts.create_task(temporal_part)
            trap = parts.create_task(_trap(settings, folder, stopping))
    except BaseExceptionGroup as failed:
        # One sentence about what failed first; the others were told to stop because of it.
        raise failed.exceptions[0] from None
    parts_found = _Parts(postgres.result(), temporal.result(), trap.result())
    return Running(
        settings=_found(settings, parts_found, web_port),
        folder=folder,
        web_port=web_port,
        postgres=parts_found.postgres,
        temporal=parts_found.temporal if isinstance(parts_found.temporal, LocalTemporal) else None,
        trap=parts_found.trap,
        skipping=parts_found.temporal if isinstance(parts_found.temporal, WorkflowEnvironment) else None,
    )


class _Parts(NamedTuple):
    """What was started; None for what the environment names."""

    postgres: LocalPostgres | None
    temporal: LocalTemporal | WorkflowEnvironment | None
    trap: MailTrap | None


def _found(settings: Settings, parts: _Parts, web_port: int) -> Settings:
    """The settings with everything in it that another process needs to work beside us."""
    found: dict[str, object] = {"state": settings.state.resolve()}
    if "public_url" not in settings.model_fields_set:
        found["public_url"] = f"http://127.0.0.1:{web_port}"
    if parts.postgres is not None:
        found["database_url"] = parts.postgres.url(DATABASE)
    if isinstance(parts.temporal, LocalTemporal):
        found["temporal_address"] = parts.temporal.address
    elif parts.temporal is not None:
        found["temporal_address"] = parts.temporal.client.service_client.config.target_host
    if parts.trap is not None:
        found["smtp_url"] = parts.trap.url
    return settings.model_copy(update=found)


async def _postgres(
    settings: Settings, folder: Path, stopping: contextlib.AsyncExitStack, *, durable: bool
) -> LocalPostgres | None:
    if settings.database_url is not None:
        with _or_ours("DATABASE_URL"):
            await server.reach(settings.database_url)
        return None
    postgres = LocalPostgres(folder / "postgres", durable=durable)
    stopping.push_async_callback(postgres.stop)  # before the start: half of one must be stopped, too
    await postgres.start()
    await server.ensure_database(postgres.url(DATABASE))
    return postgres


async def _temporal(settings: Settings, folder: Path, stopping: contextlib.AsyncExitStack) -> LocalTemporal | None:
    if settings.temporal_address is not None:
        with _or_ours("TEMPORAL_ADDRESS"):
            await connect(settings)
        return None
    port, page = port_of(folder, "temporal"), port_of(folder, "temporal-page")
    temporal = LocalTemporal(folder / "temporal", port=port, ui_port=page)
    stopping.push_async_callback(temporal.stop)
    await temporal.start("--namespace", settings.temporal_namespace)
    return temporal


async def _skipping(stopping: contextlib.AsyncExitStack) -> WorkflowEnvironment:
    return await stopping.enter_async_context(time_skipping())


async def _trap(settings: Settings, folder: Path, stopping: contextlib.AsyncExitStack) -> MailTrap | None:
    if settings.smtp_url is not None:
        with _or_ours("SMTP_URL"):
            await SmtpPool.from_url(settings.smtp_url, size=1).ping()
        return None
    trap = MailTrap(port=port_of(folder, "smtp"), folder=_next_folder(folder / "mail"))
    await trap.start()
    stopping.push_async_callback(trap.stop)
    return trap


def _next_folder(mail: Path) -> Path:
    """A trap counts its mails from 1, so each start has a folder of its own: 0001, 0002 …"""
    taken = [int(path.name) for path in mail.glob("[0-9][0-9][0-9][0-9]")]
    return mail / f"{max(taken, default=0) + 1:04d}"


@contextlib.contextmanager
def _or_ours(variable: str) -> Generator[None]:
    """Say the way out beside what is wrong with an address the environment names."""
    try:
        yield
    except Unreachable as error:
        why = f"{error.why.rstrip('.')}. Start it or correct {variable}; without {variable} a local one is started."
        raise Unreachable(error.service, error.where, why) from error
