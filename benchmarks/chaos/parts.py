"""What can be killed? Each part is a process of its own, started again by the harness as a supervisor would."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from benchmarks.chaos.relay_log import Order, tell
from leadloom.domain.errors import Unreachable
from leadloom.runtime.local.children import die_with_parent, free_port
from leadloom.runtime.local.postgres import LocalPostgres
from leadloom.runtime.local.temporal import LocalTemporal

ROOT = Path(__file__).resolve().parents[2]
_AGAIN_AFTER = 0.5
"""Seconds until a worker that ended by itself (a service was away when it started) is started again."""


class Part(Protocol):
    """Something that runs, dies and comes back."""

    name: str
    deaths: int
    """How often the harness has killed it."""

    async def start(self) -> None: ...

    async def die(self) -> None:
        """SIGKILL; returns when it is gone."""
        ...

    async def stop(self) -> None: ...


class Server:
    """Postgres or Temporal, as the local stack starts them."""

    def __init__(self, name: str, server: LocalPostgres | LocalTemporal) -> None:
        self.name, self.server, self.deaths = name, server, 0

    async def start(self) -> None:
        """Serve; on the same port as before."""
        await self.server.start()

    async def die(self) -> None:
        """SIGKILL."""
        self.deaths += 1
        self.server.kill()
        await self.server.ended()

    async def stop(self) -> None:
        """End it politely."""
        await self.server.stop()

    def url(self) -> str:
        """Where a client of Postgres connects."""
        assert isinstance(self.server, LocalPostgres), f"{self.name} is no database"
        return self.server.url()


class SmallDisk:
    """A Postgres on a small disk. It dies when the disk fills up, and comes back when there is room."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.name, self.deaths = "disk", 0
        self._folder, self._megabytes = folder / "small-disk", megabytes
        self._process: asyncio.subprocess.Process | None = None
        self._url = ""

    async def start(self) -> None:
        """Serve, or give the room back. Raises Unreachable where no file system of ours may be made."""
        if self._process is not None:
            self._process.send_signal(signal.SIGUSR2)
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.chaos.small_disk", str(self._folder), str(self._megabytes), cwd=ROOT,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        if not (line := await self._process.stdout.readline()):
            said = (await self._process.stderr.read()).decode(errors="replace")[-600:]
            raise Unreachable("A small disk", str(self._folder), said or "it ended without a word")
        self._url = line.decode().strip()

    async def die(self) -> None:
        """Fill the disk."""
        self.deaths += 1
        assert self._process is not None
        self._process.send_signal(signal.SIGUSR1)

    async def stop(self) -> None:
        """End it, with all that is on it."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        self._process = None

    def url(self) -> str:
        """Where a client of Postgres connects."""
        return self._url


class Command:
    """A command of ours that runs until it is killed, and is started again when it ends by itself."""

    def __init__(self, name: str, command: list[str], *, env: dict[str, str], log: Path) -> None:
        self.name, self._command, self._env, self._log = name, command, env, log
        self.deaths = 0
        self.ended_itself = 0
        """How often it gave up: a worker does when a service is away while it starts."""
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._ready: Callable[[], Awaitable[None]] | None = None

    async def start(self) -> None:
        """Start it, and again whenever it ends unasked."""
        await self._spawn()
        self._watch = asyncio.create_task(self._keep())

    async def _spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self._command, cwd=ROOT, env={**os.environ, **self._env},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent(signal.SIGKILL),
            )  # fmt: skip

    async def _keep(self) -> None:
        while self._process is not None:
            await self._process.wait()
            self.ended_itself += 1
            await asyncio.sleep(_AGAIN_AFTER)
            await self._spawn()

    async def die(self) -> None:
        """SIGKILL."""
        self.deaths += 1
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to end; a worker finishes what it has in hand."""
        await self._end(signal.SIGTERM)

    async def _end(self, sign: signal.Signals) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        process, self._process, self._watch = self._process, None, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(sign)
        try:
            await asyncio.wait_for(process.wait(), 40)
        except TimeoutError:
            process.kill()
            await process.wait()


class RelayPart(Command):
    """The relay's process, with the files it is told by and tells."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.log_file, self._orders = folder / "relay.ndjson", folder / "relay-orders.ndjson"
        command = ["-m", "benchmarks.chaos.relay", str(self.port), str(self.log_file), str(self._orders)]
        super().__init__("smtp", command, env={}, log=folder / "relay.log")

    @property
    def url(self) -> str:
        """For SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}?starttls=never"

    async def start(self) -> None:
        """Serve, and return when it does."""
        await super().start()
        for _ in range(400):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            await asyncio.sleep(0.05)
        raise RuntimeError(f"the relay did not start; its log: {self._log.read_text(errors='replace')[-600:]}")

    def order(self, order: Order) -> None:
        """Tell it how to fail from now on, until it dies."""
        tell(self._orders, order)
