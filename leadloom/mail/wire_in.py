"""What does a client of our SMTP port send? Lines and bodies from the wire, within limits, in the clear or under TLS.

Only CRLF ends a line and only CRLF.CRLF ends a body: whoever takes less for an end lets a mail be smuggled in behind
another one. The buffer is ours, so that nothing said before TLS is ever taken for said under it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine

from leadloom.domain.errors import Permanent

_CRLF = b"\r\n"
_END = b"\r\n.\r\n"
_HIGH = 256 * 1024
"""Bytes that may wait to be read; then the client is left waiting."""
_UNREAD = 64 * 1024
"""Bytes of answers a client may leave unread: who sends without listening is let go."""


class Gone(Permanent):
    """The client hung up, or does not listen."""


class LineTooLong(Permanent):
    """No end of line within the limit."""


class Wire(asyncio.Protocol):
    """One connection."""

    def __init__(self, meet: Callable[[Wire], Coroutine[None, None, None]], *, idle_s: float) -> None:
        """`meet` is who talks to the client; `idle_s` is how long a silence may last, in seconds."""
        self._meet, self._idle_s = meet, idle_s
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._more = asyncio.Event()
        self._over = False
        self.is_secure = False
        self.host = ""
        """The client's address."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's: somebody is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.host = str((transport.get_extra_info("peername") or ("",))[0])
        self._talk = asyncio.create_task(self._meet(self))  # kept: a task nobody holds may be collected

    def data_received(self, data: bytes) -> None:
        """asyncio's: more bytes."""
        self._buffer += data
        if len(self._buffer) > _HIGH and self._transport is not None:
            self._transport.pause_reading()
        self._more.set()

    def eof_received(self) -> None:
        """asyncio's: nothing more will come. What came is still answered."""
        self._over = True
        self._more.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio's: it is gone."""
        self._over = True
        self._more.set()

    async def line(self, *, longest: int) -> bytes:
        """The next line without its CRLF. Raises LineTooLong, Gone; TimeoutError after a silence."""
        while (end := self._buffer.find(_CRLF)) < 0:
            if len(self._buffer) > longest:
                raise LineTooLong
            await self._fill()
        if end > longest:
            raise LineTooLong
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    async def body(self, *, has_room: Callable[[int], bool]) -> bytes | None:
        """All lines up to the one that is a dot, the dots that were put before others taken off (RFC 5321 §4.5.2).

        `has_room` is asked for each further number of bytes. None once it said no; the body is read to its end all the
        same. Raises Gone; TimeoutError after a silence.
        """
        # The line before the first one ended with the command: a body may begin with its end.
        body, is_kept = bytearray(_CRLF), True
        while True:
            looked = max(0, len(body) - len(_END) + 1)
            is_kept = is_kept and has_room(len(self._buffer))
            body += self._buffer
            self._buffer.clear()
            if (end := body.find(_END, looked)) >= 0:
                self._buffer += body[end + len(_END) :]
                return bytes(body[: end + 2]).replace(b"\r\n.", _CRLF)[2:] if is_kept else None
            if not is_kept:
                del body[: -len(_END)]
            await self._fill()

    def say(self, text: str) -> None:
        """Answer with lines. Raises Gone when the client leaves too much unread."""
        if self._transport is None or self._transport.is_closing():
            raise Gone
        self._transport.write(text.encode() + _CRLF)
        if self._transport.get_write_buffer_size() > _UNREAD:
            raise Gone

    @property
    def has_more(self) -> bool:
        """Whether something was sent that isn't read yet."""
        return bool(self._buffer)

    async def secure(self, context: ssl.SSLContext) -> None:
        """Go on under TLS. Raises Gone when the handshake fails."""
        loop = asyncio.get_running_loop()
        if self._transport is None:
            raise Gone
        self._buffer.clear()
        try:
            secured = await loop.start_tls(self._transport, self, context, server_side=True)
        except (OSError, ssl.SSLError) as error:
            raise Gone from error
        if secured is None:
            raise Gone
        self._transport, self.is_secure = secured, True

    def close(self) -> None:
        """Hang up after what was said."""
        if self._transport is not None:
            self._transport.close()

    async def _fill(self) -> None:
        if self._over or self._transport is None:
            raise Gone
        self._more.clear()
        self._transport.resume_reading()
        async with asyncio.timeout(self._idle_s):
            await self._more.wait()
        if self._over and not self._buffer:
            raise Gone
