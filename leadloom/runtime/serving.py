"""How is the web served inside another program? uvicorn in this process, whose signals are left alone."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator
from ipaddress import ip_address
from typing import NamedTuple

import uvicorn
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from leadloom.domain.errors import BadInput, Conflict
from leadloom.runtime.settings import Settings

HERE = ("127.0.0.1", "localhost")
"""Names under which this machine calls itself."""
_ENDS_WITHIN_S = 5
"""How long requests under way may take when it is told to stop; a client that saw no answer sends again."""


class Door(NamedTuple):
    """Where the web is served, and what stands before it."""

    host: str = "127.0.0.1"
    port: int = 8321
    proxies: str = ""
    """Addresses of proxies whose X-Forwarded-For and -Proto are believed, comma separated; none: nobody's are."""

    @property
    def is_near(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host == "localhost" or (_is_address(self.host) and ip_address(self.host).is_loopback)


def read_door(text: str, proxies: str = "") -> Door:
    """The door that `0.0.0.0:8321` names, or `8321` alone: then only this machine reaches it. Raises BadInput."""
    host, _, port = text.strip().rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdecimal() or not 0 <= int(port) < 65536 or not (host == "localhost" or _is_address(host)):
        raise BadInput("listen", text, "Write an address of this machine and a port, such as 0.0.0.0:8321.")
    return Door(host, int(port), proxies)


@contextlib.asynccontextmanager
async def serving(app: FastAPI, door: Door, settings: Settings) -> AsyncGenerator[asyncio.Task[None]]:
    """Serve for the length of a block; the task ends only if serving does. Raises Conflict when the port is taken.

    Raises BadInput where anybody could come and choose a seat: seats are for this machine alone.
    """
    config = uvicorn.Config(
        _guarded(app, door, settings),
        # An address in an access log may hold a token, and a token is a person.
        access_log=False,
        log_level="warning",
        lifespan="off",
        server_header=False,
        proxy_headers=bool(door.proxies),
        forwarded_allow_ips=door.proxies or None,
        timeout_graceful_shutdown=_ENDS_WITHIN_S,
    )
    server = _Server(config)
    with listening(door) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield task
        finally:
            server.should_exit = True
            await asyncio.gather(task, return_exceptions=True)


def _guarded(app: FastAPI, door: Door, settings: Settings) -> ASGIApp:
    """Where a seat is enough, a page of a stranger must not reach us under a name it made to mean this machine."""
    if settings.sign_in != "seats":
        return app
    if not door.is_near:
        remedy = "Seats are for this machine alone: listen on 127.0.0.1, or take LEADLOOM_SIGN_IN=password or oidc."
        raise BadInput("listen", f"{door.host}:{door.port}", remedy)
    return TrustedHostMiddleware(app, allowed_hosts=HERE, www_redirect=False)


class _Server(uvicorn.Server):
    """uvicorn would take Ctrl-C for itself; here whoever started everything stops everything."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@contextlib.contextmanager
def listening(door: Door) -> Generator[socket.socket]:
    """Bound here, because uvicorn ends the process when it can't bind. Raises Conflict."""
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    # asyncio spares answers the wait for an acknowledgement (TCP_NODELAY) only on sockets that name their protocol;
    # without it each answer on a connection that is used again takes 40 ms more.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((door.host, door.port))
        except OSError as error:
            words = f"{door.host}:{door.port} can't be taken ({error.strerror}): name another, or stop who has it."
            raise Conflict(words) from None
        listener.listen()  # at once: whoever comes before uvicorn has started waits and isn't refused
        yield listener


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
