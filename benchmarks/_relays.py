"""Which relays does a lane send to in a benchmark? Debian's smtp-sink where it is, and one far away."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta

from benchmarks._stand import Stand
from leadloom.runtime.local.children import free_port

_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


@dataclass(frozen=True)
class Relay:
    """Where mail ends, and what took it."""

    port: int
    what: str

    @property
    def url(self) -> str:
        """For SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}?starttls=never"


@contextlib.asynccontextmanager
async def sink(stand: Stand, *, pipelining: bool = True) -> AsyncGenerator[Relay]:
    """Debian's smtp-sink (package postfix), in C; without it our own, which is half as fast and always pipelines."""
    if (program := shutil.which("smtp-sink", path=_PATH)) is None:
        async with stand.sink() as ours:
            yield Relay(ours.port, "our own sink (no smtp-sink here: install Debian's postfix)")
        return
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to be root
    command = [program, *user, *([] if pipelining else ["-p"]), f"127.0.0.1:{port}", "256"]
    async with stand.process("sink", command):
        await _listening(port)
        yield Relay(port, "Debian's smtp-sink")


@contextlib.asynccontextmanager
async def far(stand: Stand, relay: Relay, *, round_trip: timedelta) -> AsyncGenerator[Relay]:
    """The same relay, that far away: a process of ours passes bytes on, each way late by half of it."""
    port = free_port()
    half = str(round_trip.total_seconds() / 2)
    async with stand.process("way", [sys.executable, "-m", "benchmarks._far", str(port), str(relay.port), half]):
        await _listening(port)
        yield Relay(port, f"{relay.what}, {round_trip.total_seconds() * 1000:.0f} ms away")


async def _listening(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.05)
    raise RuntimeError(f"nobody listens on port {port} of a benchmark")
