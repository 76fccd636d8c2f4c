"""The real app on a port, in a process of its own that can be killed: `python -m tests.served PORT`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from leadloom.runtime.local.children import die_with_parent, free_port
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import opened
from leadloom.web.app import create_app

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Server:
    """A web process as production runs it, which may be killed and started again on its port."""

    dsn: str
    state: Path
    env: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        if not self.port:
            self.port = free_port()
        env = {
            **os.environ, "DATABASE_URL": self.dsn, "TEMPORAL_ADDRESS": "127.0.0.1:1",
            "LEADLOOM_STATE": str(self.state), "LEADLOOM_PUBLIC_URL": self.url, **self.env,
        }  # fmt: skip
        command = [sys.executable, "-m", "tests.served", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, preexec_fn=die_with_parent(signal.SIGKILL))
        for _ in range(300):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=1) as answer:
                if answer.status == 200:
                    return
            with contextlib.suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"the server ended with {self.process.wait(0.1)}")
        raise AssertionError("the server didn't come up")

    def kill(self) -> None:
        """As a crash does: nothing is finished."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def serving(dsn: str, state: Path, **env: str) -> Generator[Server]:
    """A running server for the length of the block."""
    server = Server(dsn, state, env)
    server.start()
    try:
        yield server
    finally:
        server.kill()


async def main(port: int) -> None:
    """Serve until killed."""
    async with opened(Settings()) as house:
        config = uvicorn.Config(
            create_app(house), host="127.0.0.1", port=port, access_log=False, log_level="warning", lifespan="off"
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
