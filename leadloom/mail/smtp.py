"""How is one mail handed to the relay? Kept connections, each step of SMTP on its own, so that a failure has a phase.

Before the final dot a lost connection means "not accepted, try again"; after it, "nobody knows" (mail.md §0.2 and §4).
The library reports both alike, so MAIL, RCPT, DATA, the body and the dot are own steps here.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeVar, cast

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from leadloom.domain.errors import Unreachable
from leadloom.mail.envelope import envelope_commands
from leadloom.mail.phases import (
    Deferred,
    LostAfterDot,
    LostBeforeDot,
    Phase,
    Reply,
    judge,
    read_reply,
    without_addresses,
)
from leadloom.mail.relay import Relay

MAILS_PER_CONNECTION = 100
IDLE_SECONDS = 30.0
COMMAND_SECONDS = 60.0
"""Giving up before the dot is safe, so this may be shorter than the 5 minutes of RFC 5321 §4.5.3.2."""
DOT_SECONDS = 600.0
"""RFC 5321 §4.5.3.2.6: 10 minutes. Giving up earlier makes uncertain mails of slow ones."""

_DOTS = re.compile(rb"^\.", re.MULTILINE)


T = TypeVar("T")


async def though_cancelled(answer: asyncio.Future[T]) -> T:
    """What the future says, also when the task is cancelled meanwhile: then its next await is cancelled instead.

    For answers that decide what became of a mail. They must come by themselves: each has its own deadline.
    """
    try:
        return await asyncio.shield(answer)
    except asyncio.CancelledError:
        if answer.cancelled():
            raise
    try:
        while not answer.done():
            try:
                await asyncio.wait([answer])
            except asyncio.CancelledError:
                continue  # asked twice to stop: the answer is still worth more
        return answer.result()
    finally:
        if (task := asyncio.current_task()) is not None:
            # The cancel we took counts once: hand it back, so that asyncio.timeout() above still knows its own.
            task.uncancel()
            task.cancel()


class Connection:
    """One kept connection. For each mail: `envelope`, `body`, then `dot` or `abort`."""

    def __init__(self, relay: Relay, *, tls_context: ssl.SSLContext | None, dot_seconds: float) -> None:
        self._relay, self._tls_context, self._dot_seconds = relay, tls_context, dot_seconds
        self._client: aiosmtplib.SMTP | None = None
        self._protocol: SMTPProtocol | None = None
        self._mails = 0
        self._needs_reset = False
        self._in_body = False

    @property
    def is_open(self) -> bool:
        """True when the relay hasn't hung up, as far as we can see."""
        return self._protocol is not None and self._protocol.is_connected

    @property
    def is_spent(self) -> bool:
        """True when it has carried as many mails as one connection should, or can carry none any more."""
        return self._mails >= MAILS_PER_CONNECTION or self._in_body or not self.is_open

    async def open(self) -> str:
        """Connect, greet, secure and log in; returns the relay's greeting. Raises Unreachable."""
        relay = self._relay
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.user,
            password=relay.password,
            local_hostname=relay.hello or socket.gethostname(),
            timeout=COMMAND_SECONDS,
            use_tls=relay.tls == "smtps",
            start_tls={"always": True, "auto": None}.get(relay.tls, False),
            tls_context=self._tls_context,
        )
        try:
            greeting = await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            why = without_addresses(str(error)) or type(error).__name__
            raise Unreachable("The mail relay", f"{relay.host}:{relay.port}", why) from error
        except BaseException:
            client.close()
            raise
        self._client, self._protocol = client, client.protocol
        self._mails, self._needs_reset, self._in_body = 0, False, False
        return greeting.message

    async def envelope(self, sender: str, recipient: str, *, envelope_id: str = "") -> None:
        """Say from whom and to whom. After it, `abort` still keeps the connection.

        A relay that makes reports is asked for them, by `envelope_id` (see envelope_commands).

        A relay may have hung up on an idle connection at any time: then this connects anew, once.
        Raises Refused, Deferred, LostBeforeDot, Unreachable, BadInput.
        """
        kept = self._mails > 0
        if self.is_spent:
            await self._reopen()
            kept = False
        self._mails += 1
        commands = envelope_commands(sender, recipient, offers=self._offers, envelope_id=envelope_id)
        try:
            await self._start(commands[0])
        except (LostBeforeDot, Deferred):
            if not kept or self.is_open:
                raise
            await self._reopen()
            self._mails = 1
            await self._start(commands[0])
        await self._command("rcpt", commands[1])

    async def body(self, wire: bytes) -> None:
        """Hand over the whole mail but its dot. From here on only `dot` or closing the connection is legal SMTP.

        Raises Refused, Deferred, LostBeforeDot.
        """
        protocol = self._connected("data")
        await self._command("data", b"DATA")
        self._in_body = True
        whole = wire if wire.endswith(b"\r\n") else wire + b"\r\n"
        try:
            protocol.write(_DOTS.sub(b"..", whole))
        except aiosmtplib.SMTPServerDisconnected as error:
            self.close()
            raise LostBeforeDot("body", str(error)) from error

    async def dot(self) -> Reply:
        """End the mail and wait for the answer, also when cancelled: the answer decides what became of the mail.

        A cancel during the wait is delivered after it: this returns (or raises) what the relay said, and the next
        await of the task is cancelled. So record the outcome before awaiting anything unshielded.
        Raises Refused, Deferred, LostBeforeDot, LostAfterDot.
        """
        answer = asyncio.ensure_future(self._finish())
        try:
            return await though_cancelled(answer)
        finally:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                self.close()

    def abort(self) -> None:
        """Give up the mail under way: nothing is sent. Within a body only closing says so (decision 0006)."""
        if self._in_body:
            self.close()

    def close(self) -> None:
        """End the connection at once; what the socket hasn't taken is thrown away, so no dot can follow."""
        if self._client is not None:
            if self._client.transport is not None:
                cast("asyncio.WriteTransport", self._client.transport).abort()
            self._client.close()
        self._client = self._protocol = None
        self._in_body = False

    def leave(self) -> None:
        """End the connection politely, without waiting for the answer."""
        if self._protocol is not None and self.is_open and not self._in_body and self._client is not None:
            self._protocol.write(b"QUIT\r\n")
            self._client.close()
        self.close()

    async def _reopen(self) -> None:
        self.leave()
        await self.open()

    async def _start(self, mail_from: bytes) -> None:
        if self._needs_reset:
            await self._command("mail", b"RSET")
            self._needs_reset = False
        # Before the answer: a MAIL that was refused needs no reset, but one too many does no harm.
        self._needs_reset = True
        await self._command("mail", mail_from)

    def _offers(self, extension: str) -> bool:
        return self._client is not None and self._client.supports_extension(extension)

    async def _command(self, phase: Phase, line: bytes) -> Reply:
        protocol = self._connected(phase)
        try:
            code, text = await protocol.execute_command(line, timeout=COMMAND_SECONDS)
        except (aiosmtplib.SMTPException, OSError) as error:
            self.close()
            raise LostBeforeDot(phase, without_addresses(str(error))) from error
        except BaseException:
            # Cancelled while an answer is on its way: the connection would pair it with the next command.
            self.close()
            raise
        return self._judge(phase, read_reply(code, text))

    def _connected(self, phase: Phase) -> SMTPProtocol:
        if self._protocol is None or not self._protocol.is_connected:
            self.close()
            raise LostBeforeDot(phase, "the relay hung up")
        return self._protocol

    def _judge(self, phase: Phase, reply: Reply) -> Reply:
        try:
            return judge(phase, reply)
        except (LostBeforeDot, LostAfterDot):
            self.close()
            raise
        finally:
            if reply.code == 421:
                self.close()  # RFC 5321 §3.8: the relay is closing, whatever else it says

    async def _finish(self) -> Reply:
        protocol = self._connected("body")
        try:
            protocol.write(b".\r\n")
        except aiosmtplib.SMTPServerDisconnected as error:
            self.close()
            raise LostBeforeDot("body", str(error)) from error
        try:
            code, text = await protocol.read_response(timeout=self._dot_seconds)
        except (aiosmtplib.SMTPException, OSError) as error:
            self.close()
            raise LostAfterDot(without_addresses(str(error))) from error
        except BaseException:
            self.close()
            raise
        self._in_body = self._needs_reset = False
        return self._judge("dot", read_reply(code, text))


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
