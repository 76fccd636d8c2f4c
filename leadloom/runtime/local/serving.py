"""How is the console served inside another program? uvicorn in this process, whose signals are left alone."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator

import uvicorn
from fastapi import FastAPI

from leadloom.domain.errors import Conflict


class _Server(uvicorn.Server):
    """uvicorn would take Ctrl-C for itself; here whoever started everything stops everything."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: FastAPI, port: int) -> AsyncGenerator[asyncio.Task[None]]:
    """Serve on the loopback for the length of a block; the task ends only if serving does. Raises Conflict."""
    config = uvicorn.Config(
        app,
        # An address in an access log may hold a token, and a token is a person.
        access_log=False,
        log_level="warning",
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    with _listening(port) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield task
        finally:
            server.should_exit = True
            await asyncio.gather(task, return_exceptions=True)


@contextlib.contextmanager
def _listening(port: int) -> Generator[socket.socket]:
    """Bound here, because uvicorn ends the process when it can't bind."""
    # asyncio spares answers the wait for an acknowledgement (TCP_NODELAY) only on sockets that name their protocol;
    # without it each answer on a connection that is used again takes 40 ms more.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            raise Conflict(f"Port {port} was taken by somebody else just now. Start again.") from None
        listener.listen()  # at once: whoever comes before uvicorn has started waits and isn't refused
        yield listener
