"""Which connections to a relay are open? Kept ones, a few at once, each given to whoever has mail."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from leadloom.mail.connection import Connection
from leadloom.mail.relay import Relay

IDLE_SECONDS = 30.0
DOT_SECONDS = 600.0
"""RFC 5321 §4.5.3.2.6: 10 minutes. Giving up earlier makes uncertain mails of slow ones."""


class SmtpPool:
    """Kept connections to one relay, at most `size` at once."""

    def __init__(
        self,
        relay: Relay,
        *,
        size: int,
        tls_context: ssl.SSLContext | None = None,
        dot_seconds: float = DOT_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """Connects nothing yet. `tls_context` is for relays with a certificate of their own authority."""
        self.relay = relay
        self._tls_context, self._dot_seconds, self._idle_seconds = tls_context, dot_seconds, idle_seconds
        self.size = size
        self._slots = asyncio.Semaphore(size)
        self._wanting = 0
        self._idle: dict[Connection, asyncio.TimerHandle] = {}

    @classmethod
    def from_url(cls, url: str, *, size: int, dot_seconds: float = DOT_SECONDS) -> SmtpPool:
        """A pool for SMTP_URL (see Relay.from_url). mail.md §0.6: begin with 4, at most 50."""
        return cls(Relay.from_url(url), size=size, dot_seconds=dot_seconds)

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection]:
        """A connection for any number of mails, one after the other. A body left without its dot is aborted.

        Raises Unreachable.
        """
        self._wanting += 1
        try:
            await self._slots.acquire()
        finally:
            self._wanting -= 1
        try:
            connection = await self._take()
            try:
                yield connection
            except asyncio.CancelledError:
                connection.close()
                raise
            finally:
                self._give_back(connection)
        finally:
            self._slots.release()

    @property
    def is_wanted(self) -> bool:
        """True when somebody waits for a connection: whoever holds one gives it back after its mail."""
        return self._wanting > 0

    async def ping(self) -> str:
        """The relay's greeting, over a new connection with security and login. Raises Unreachable."""
        connection = self._new()
        greeting = await connection.open()
        connection.leave()
        return greeting

    async def close(self) -> None:
        """Leave the relay. Connections in use are closed when they are given back."""
        for connection, timer in self._idle.items():
            timer.cancel()
            connection.leave()
        self._idle.clear()
        self._idle_seconds = 0

    async def _take(self) -> Connection:
        while self._idle:
            connection, timer = self._idle.popitem()  # the warmest first, so that the others may grow cold and close
            timer.cancel()
            if connection.is_open:
                return connection
            connection.close()
        connection = self._new()
        await connection.open()
        return connection

    def _new(self) -> Connection:
        return Connection(self.relay, tls_context=self._tls_context, dot_seconds=self._dot_seconds)

    def _give_back(self, connection: Connection) -> None:
        connection.abort()
        if connection.is_spent or self._idle_seconds <= 0:
            connection.leave()
            return
        loop = asyncio.get_running_loop()
        self._idle[connection] = loop.call_later(self._idle_seconds, self._grow_cold, connection)

    def _grow_cold(self, connection: Connection) -> None:
        self._idle.pop(connection, None)
        connection.leave()
