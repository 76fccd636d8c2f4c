"""How do tests use the command line? Through its door, with its exit codes, on the test's own database."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from leadloom.cli._door import run as run_command
from leadloom.runtime.wiring import wall_now
from tests.store.acts import TUESDAY


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote to stdout, parsed."""
        return json.loads(self.out)


Command = Callable[..., Awaitable[Ran]]


@pytest.fixture
def command(dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Run a command as `python starter.py …` would. It is Tuesday; no Temporal answers unless a test names one."""
    for name in ("SMTP_URL", "LEADLOOM_PUBLIC_URL", "LEADLOOM_SECRET", "LEADLOOM_MESSAGE_SECRET", "LEADLOOM_BY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("LEADLOOM_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("LEADLOOM_CLOCK_AHEAD_S", str((TUESDAY - wall_now()).total_seconds()))

    async def run(*arguments: object) -> Ran:
        out, err = io.StringIO(), io.StringIO()

        def within() -> int:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                return run_command([str(argument) for argument in arguments])

        # A command brings its own event loop, so it runs in a thread of its own.
        code = await asyncio.to_thread(within)
        return Ran(code, out.getvalue(), err.getvalue())

    return run
