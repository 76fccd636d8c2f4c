"""How is something posted to another system: how long do we wait, which answers are worth another try?"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

import h11
from temporalio.exceptions import ApplicationError

from activities.answers import TRANSIENT

_LONGEST_S = 10.0
"""Wall time for a whole post, from the name's look-up to the answer's first line."""
_LATER = frozenset({408, 429})
"""Refusals that say "later", not "never": too slow, too many."""
_READ = 4096
"""Bytes at a time: an answer's head is shorter."""


class Poster:
    """Posts, each time over a connection of its own, with keys it finds. Nobody is followed, and no body is read."""

    def __init__(self, keys: Callable[[str], str | None] = os.environ.get) -> None:
        """`keys` answers what an environment variable holds: keys stand in no file and no definition of ours."""
        self._keys = keys
        self._trust: ssl.SSLContext | None = None
        """Made by the first post that needs it: reading the machine's certificates takes a while."""

    def secret(self, name: str) -> str:
        """What the variable of that name holds. Raises a failure that no second try mends."""
        if not (found := self._keys(name)):
            words = f"The environment variable {name} is not set where the worker runs. Set it, then retry."
            raise ApplicationError(words, type="NoKey", non_retryable=True)
        return found

    async def post(self, name: str, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post JSON to the endpoint called `name`; returns when it took it (2xx).

        Raises ApplicationError: Transient for silence, 408, 429, 5xx and what else may pass; Refused for other
        answers, a redirect among them: what a lead did goes where the definition says and nowhere else.
        """
        try:
            async with asyncio.timeout(_LONGEST_S):
                status = await self._status(urlsplit(url), body, headers)
        except (OSError, TimeoutError, h11.RemoteProtocolError) as error:
            # Its own words may quote what was sent; the kind says enough.
            words = f"the endpoint {name} did not answer: {type(error).__name__}"
            raise ApplicationError(words, type=TRANSIENT) from None
        if 200 <= status < 300:
            return
        if 300 <= status < 500 and status not in _LATER:
            raise ApplicationError(f"the endpoint {name} answered {status}", type="Refused", non_retryable=True)
        raise ApplicationError(f"the endpoint {name} answered {status}", type=TRANSIENT)

    async def _status(self, url: SplitResult, body: bytes, headers: Mapping[str, str]) -> int:
        secure = url.scheme == "https"
        trust = self._trusted() if secure else None
        reader, writer = await asyncio.open_connection(url.hostname, url.port or (443 if secure else 80), ssl=trust)
        try:
            connection = h11.Connection(h11.CLIENT)
            for event in (_request(url, body, headers), h11.Data(data=body), h11.EndOfMessage()):
                writer.write(connection.send(event) or b"")
            await writer.drain()
            return await _answer(connection, reader)
        finally:
            writer.transport.abort()  # whatever else it says isn't kept, and nobody waits for its good-bye

    def _trusted(self) -> ssl.SSLContext:
        self._trust = self._trust or ssl.create_default_context()
        return self._trust


def _request(url: SplitResult, body: bytes, headers: Mapping[str, str]) -> h11.Request:
    told = {
        "host": url.netloc.rpartition("@")[2],
        "user-agent": "Leadloom",
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "close",
        **headers,
    }
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return h11.Request(method="POST", target=target, headers=list(told.items()))


async def _answer(connection: h11.Connection, reader: asyncio.StreamReader) -> int:
    """The status of the final answer. Raises RemoteProtocolError when the other side speaks no HTTP, or hangs up."""
    while not isinstance(event := connection.next_event(), h11.Response):
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ))
        elif isinstance(event, h11.ConnectionClosed):
            raise h11.RemoteProtocolError("hung up without an answer")
    return event.status_code
