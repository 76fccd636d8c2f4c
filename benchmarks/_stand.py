"""What does a benchmark stand on? Real servers and worker processes of its own, and the CPU seconds of each.

Postgres runs with its normal durable settings (fsync and synchronous_commit on); Temporal's development server in
memory unless a question asks for its file; mails end in a lean sink. Every process is ours and ends with the stand.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks._measured import Cpu, Size
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.runtime import catalog
from leadloom.runtime.local.children import die_with_parent
from leadloom.runtime.local.postgres import LocalPostgres
from leadloom.runtime.local.temporal import LocalTemporal
from leadloom.runtime.publishing import publish_all, read_drafts
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import House, opened
from leadloom.store import published, server
from leadloom.store.migrate import migrate

ROOT = Path(__file__).resolve().parents[1]
PUBLISHER = "samira-haddad"
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Sink:
    """The SMTP sink as the client sees it."""

    def __init__(self, smtp_port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.url = f"smtp://127.0.0.1:{smtp_port}"
        self.port = smtp_port
        self._reader, self._writer = reader, writer

    async def wait(self, count: int) -> float:
        """Return when so many mails have come; Unix time of the last dot."""
        return (await self._ask(f"wait {count}"))["last"]

    async def count(self) -> int:
        """How many mails have come."""
        return int((await self._ask("stats"))["count"])

    async def mails(self) -> list[tuple[str, float]]:
        """Recipient and Unix time of the dot, in order of arrival."""
        return [(recipient, at) for recipient, at in await self._ask("mails")]

    async def forget(self) -> None:
        """Begin counting anew."""
        await self._ask("forget")

    async def _ask(self, line: str):  # type: ignore[no-untyped-def]  JSON: each asker knows its shape
        self._writer.write(line.encode() + b"\n")
        return json.loads(await self._reader.readline())


class Stand:
    """Servers and processes for one question. Names of processes: server, worker, postgres, sink, client."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.folder, self.size = folder, size
        self._trees: list[tuple[str, int]] = []
        self._ended: Cpu = {}
        self._postgres: LocalPostgres | None = None
        self._databases = 0

    # --- what has been spent -------------------------------------------------------------------------------------

    def watch(self, name: str, pid: int) -> None:
        """Count the CPU of this process and its descendants from now on."""
        self._trees.append((name, pid))

    def unwatch(self, name: str, pid: int) -> None:
        """Keep what it has used; call before it ends."""
        self._trees.remove((name, pid))
        self._ended[name] = self._ended.get(name, 0.0) + cpu_seconds(pid)

    def cpu(self) -> Cpu:
        """CPU seconds so far by name, all processes of a name together; `client` is this process."""
        used = dict(self._ended)
        for name, pid in self._trees:
            used[name] = used.get(name, 0.0) + cpu_seconds(pid)
        mine = os.times()
        return {**used, "client": mine.user + mine.system}

    def cpu_since(self, before: Cpu) -> Cpu:
        """CPU seconds by name since `before`, an earlier answer of `cpu`."""
        return {name: used - before.get(name, 0.0) for name, used in self.cpu().items()}

    def memory(self, name: str) -> int:
        """Resident bytes of the processes of a name."""
        return sum(_resident(each) for known, pid in self._trees if known == name for each in _tree(pid))

    # --- what runs -----------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncGenerator[str]:
        """The URL of a fresh, migrated database. All databases of a stand share one server."""
        if self._postgres is None:
            self._postgres = LocalPostgres(self.folder / "postgres")
            await self._postgres.start()
            self.watch("postgres", _must(self._postgres.pid))
        self._databases += 1
        url = self._postgres.url(f"bench_{self._databases}")
        await server.ensure_database(url)
        await migrate(url)
        yield url

    @contextlib.asynccontextmanager
    async def temporal(self, *, in_memory: bool = True, timer_shift_ms: int = 10) -> AsyncGenerator[LocalTemporal]:
        """A Temporal development server that nobody has used."""
        folder = Path(tempfile.mkdtemp(dir=self.folder, prefix="temporal-"))
        temporal = LocalTemporal(folder, in_memory=in_memory, timer_shift_ms=timer_shift_ms)
        await temporal.start()
        pid = _must(temporal.pid)
        self.watch("server", pid)
        try:
            yield temporal
        finally:
            self.unwatch("server", pid)
            await temporal.stop()

    @contextlib.asynccontextmanager
    async def sink(self, *, delay: timedelta = timedelta()) -> AsyncGenerator[Sink]:
        """A lean SMTP server; each dot is answered after `delay`."""
        command = [sys.executable, "-m", "benchmarks._sink", "--delay", str(delay.total_seconds())]
        async with self.process("sink", command) as process:
            assert process.stdout is not None
            smtp_port, control = map(int, (await process.stdout.readline()).split())
            reader, writer = await asyncio.open_connection("127.0.0.1", control, limit=2**26)
            yield Sink(smtp_port, reader, writer)
            writer.close()

    @contextlib.asynccontextmanager
    async def worker(
        self, settings: Settings, *, env: dict[str, str] | None = None, run: Sequence[str] = ("worker.py",)
    ) -> AsyncGenerator[int]:
        """A worker as production runs it; its process id. Maintenance rests unless `settings` says otherwise.

        `run` is what Python is to run, where a question needs a worker that differs in one thing.
        """
        told = {
            "DATABASE_URL": settings.database_url or "",
            "TEMPORAL_ADDRESS": settings.temporal_address or "",
            "TEMPORAL_NAMESPACE": settings.temporal_namespace,
            "SMTP_URL": settings.smtp_url or "",
            "LEADLOOM_STATE": str(settings.state),
            "LEADLOOM_SMTP_CONNECTIONS": str(settings.smtp_connections),
            "LEADLOOM_DATABASE_CONNECTIONS": str(settings.database_connections),
            "LEADLOOM_MAINTENANCE_EVERY_S": str(settings.maintenance_every_s),
        }
        async with self.process("worker", [sys.executable, *run], env={**told, **(env or {})}) as process:
            await _said(process, "working")
            yield process.pid

    @contextlib.asynccontextmanager
    async def bare_worker(
        self, address: str, *workflows: str, env: dict[str, str] | None = None
    ) -> AsyncGenerator[int]:
        """A worker of a floor: `workflows` are `module:Class`; the activities are the module's ACTIVITIES."""
        command = [sys.executable, "-m", "benchmarks._bare_worker", address, *workflows]
        async with self.process("worker", command, env=env) as process:
            await _said(process, "working")
            yield process.pid

    @contextlib.asynccontextmanager
    async def process(
        self, name: str, command: Sequence[str], *, env: dict[str, str] | None = None
    ) -> AsyncGenerator[asyncio.subprocess.Process]:
        """Any process, counted under `name`; ended at the end of the block, killed when it won't."""
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env={**os.environ, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            limit=2**20, preexec_fn=die_with_parent(signal.SIGKILL),
        )  # fmt: skip
        self.watch(name, process.pid)
        try:
            yield process
        finally:
            self.unwatch(name, process.pid)
            await _end(process)

    @contextlib.asynccontextmanager
    async def house(
        self, database_url: str, *, temporal: LocalTemporal | None, sink: Sink | None, **settings: object
    ) -> AsyncGenerator[House]:
        """A house whose drafts are published, with this process as its client. No worker: see `worker`."""
        known = {
            "database_url": database_url,
            "temporal_address": temporal.address if temporal else "127.0.0.1:1",
            "smtp_url": sink.url if sink else None,
            "state": self.folder / "state",
            "maintenance_every_s": 3600.0,
            **settings,
        }
        async with opened(Settings.model_validate(known)) as house:
            await publish_all(house.db, at=house.now() - timedelta(days=1), by=PUBLISHER, drafts=read_drafts())
            yield house

    async def stop(self) -> None:
        """Stop Postgres; everything else ended with its block."""
        if self._postgres is not None:
            await self._postgres.stop()


@contextlib.asynccontextmanager
async def standing(size: Size) -> AsyncGenerator[Stand]:
    """A stand in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="leadloom-bench-", ignore_cleanup_errors=True) as folder:
        stand = Stand(Path(folder), size)
        try:
            yield stand
        finally:
            await stand.stop()


async def publish_journey(house: House, draft: str, *, mails_like: str) -> str:
    """Put a journey of a benchmark in force, each of its mails worded like `journey/mail` of ours; its hash."""
    journey = Journey.model_validate(DraftText("benchmark.yaml", draft).data)
    folder, _, name = mails_like.partition("/")
    words = read_drafts().templates[folder, name]
    at = house.now() - timedelta(days=1)
    async with house.db.transaction() as tx:
        for mail in {step.mail for step in journey.steps if step.do == "send"}:
            await published.publish_template(tx, journey.name, mail, words, at=at, by=PUBLISHER)
        return await published.publish_journey(tx, journey, at=at, by=PUBLISHER)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, its living descendants, and its dead children that were waited for."""
    return sum(_ticks(each) for each in _tree(pid)) / _TICK


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _ticks(pid: int) -> int:
    with contextlib.suppress(OSError):
        # The name in parentheses may hold spaces: count from its end. utime, stime, cutime, cstime (proc(5)).
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return 0


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    return 0


async def _said(process: asyncio.subprocess.Process, word: str) -> None:
    """Wait until the process says so on stderr, then keep reading so that it never blocks. Raises when it ends."""
    assert process.stderr is not None
    heard: list[bytes] = []
    async with asyncio.timeout(60):
        while line := await process.stderr.readline():
            heard.append(line)
            if word in line.decode(errors="replace"):
                break
        else:
            raise RuntimeError(f"a process of the stand ended: {b''.join(heard[-20:]).decode(errors='replace')}")
    asyncio.get_running_loop().create_task(_echo(process.stderr)).add_done_callback(_ECHOES.discard)


_ECHOES: set[asyncio.Task[None]] = set()


async def _echo(stream: asyncio.StreamReader) -> None:
    while line := await stream.readline():
        sys.stderr.write("  " + line.decode(errors="replace"))


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 40)
    except TimeoutError:
        process.kill()
        await process.wait()


def _must(pid: int | None) -> int:
    if pid is None:
        raise RuntimeError("a server that was just started has no process id")
    return pid


assert catalog.ROOT == ROOT, "a benchmark runs from a checkout"
