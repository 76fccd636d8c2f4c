"""Where does mail go in development? Into a trap: an SMTP server in this process that keeps every mail it accepts.

It fails on request, in each phase a real relay can fail in, so that tests and the demo meet every answer of SMTP.
Own protocol and not aiosmtpd: that one is the bottleneck at 600 to 1,900 mails a second (mail.md §2).
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import cast

from leadloom.runtime.local.trapped_mail import TrappedMail

_ADDRESS = re.compile(r"<([^>]*)>")
_LONGEST_COMMAND = 4_096
_END = b"\r\n.\r\n"


class Fault(StrEnum):
    """How the trap fails a mail on request."""

    DEFER = "451 to RCPT"
    REFUSE = "550 to RCPT"
    DROP_BEFORE_354 = "drops the connection at DATA"
    DIE_IN_BODY = "drops the connection when the body begins"
    DEFER_AT_DOT = "451 to the dot: not accepted"
    REFUSE_AT_DOT = "554 to the dot: not accepted"
    DROP_AFTER_DOT = "accepts, then drops the connection without a word"
    SILENCE = "accepts, then says nothing"
    WAIT = "451 to RCPT, and when to come back"
    BLOCK = "550 to RCPT: it is us, not the mail"
    REFUSE_YET_354 = "550 to RCPT, and 354 to DATA all the same"


@dataclass
class _Failing:
    fault: Fault
    left: int | None
    to: str | None

    def hits(self, recipient: str) -> bool:
        return self.left != 0 and self.to in (None, recipient.lower())


@dataclass
class MailTrap:
    """An SMTP server on this machine that keeps what it gets. `async with MailTrap() as trap: … trap.url …`"""

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes a free one; `url` says which."""
    folder: Path | None = None
    """Also write each mail there as 000001.eml, 000002.eml …"""
    on_mail: Callable[[TrappedMail], Awaitable[None]] | None = None
    """Awaited before the mail is confirmed: the confirmation waits until whoever reacts to the mail has reacted."""
    smtputf8: bool = True
    """Whether it offers to take addresses outside of ASCII."""
    pipelining: bool = True
    """Whether it offers to take several commands at once (RFC 2920)."""
    mails: list[TrappedMail] = field(default_factory=list[TrappedMail])
    """In order of acceptance."""
    connections: int = 0
    """How many were ever made."""
    resets: int = 0
    """How many RSET commands came."""
    grouped: int = 0
    """How many commands came together with the one before, or with a mail's end."""
    unfinished: int = 0
    """Mails whose connection ended between DATA and the dot: never accepted."""

    def __post_init__(self) -> None:
        self._faults: list[_Failing] = []
        self._sessions: set[_Session] = set()
        self._server: asyncio.Server | None = None
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    async def __aenter__(self) -> MailTrap:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        self._server = await asyncio.get_running_loop().create_server(lambda: _Session(self), self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop every connection. Mails stay readable."""
        if self._server is None:
            return
        self._server.close()
        for session in tuple(self._sessions):
            session.end()
        await self._server.wait_closed()
        self._server = None

    @property
    def url(self) -> str:
        """For SMTP_URL. STARTTLS is off: what stays in this machine needs none."""
        return f"smtp://{self.host}:{self.port}?starttls=never"

    @property
    def open_connections(self) -> int:
        """How many are open now."""
        return len(self._sessions)

    def fail(self, fault: Fault, *, times: int | None = None, to: str | None = None) -> None:
        """Fail the next `times` mails (None: until `recover`), of this recipient only when `to` is given."""
        self._faults.append(_Failing(fault, times, to.lower() if to else None))

    def recover(self) -> None:
        """Behave again."""
        self._faults.clear()

    def drop_connections(self) -> None:
        """Hang up on everybody, as a relay that restarts does."""
        for session in tuple(self._sessions):
            session.drop()

    async def arrived(self, count: int) -> None:
        """Return when that many mails have been accepted in all."""
        await self.until(lambda: len(self.mails) >= count)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return when `holds` does; it is asked again whenever a mail or a connection comes or goes."""
        if not holds():
            told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((holds, told))
            await told

    def _tell(self) -> None:
        """Something changed: wake whoever waited for it."""
        still: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        for holds, told in self._waiting:
            if not told.done() and holds():
                told.set_result(None)
            elif not told.done():
                still.append((holds, told))
        self._waiting = still

    def duplicates(self) -> dict[str, int]:
        """Message-ID → how often it was accepted, for those accepted more than once."""
        counts = Counter(mail.message_id for mail in self.mails)
        return {message_id: count for message_id, count in counts.items() if count > 1}

    def fault_for(self, recipient: str) -> Fault | None:
        """What goes wrong with a mail to this recipient; counts down."""
        for failing in self._faults:
            if failing.hits(recipient):
                if failing.left is not None:
                    failing.left -= 1
                return failing.fault
        return None

    def enter(self, session: _Session) -> None:
        """A connection was made."""
        self._sessions.add(session)
        self.connections += 1
        self._tell()

    def leave(self, session: _Session, *, unfinished: bool) -> None:
        """A connection ended, perhaps within a body."""
        self._sessions.discard(session)
        self.unfinished += unfinished
        self._tell()

    async def accept(self, sender: str, recipients: tuple[str, ...], raw: bytes) -> TrappedMail:
        """Keep a mail, tell whoever listens, and return when they have reacted."""
        mail = TrappedMail(len(self.mails) + 1, sender, recipients, raw)
        self.mails.append(mail)
        if self.folder is not None:
            # A few kilobytes on the local disk: cheaper than a thread, and the mail is there when it is confirmed.
            (self.folder / f"{mail.no:06d}.eml").write_bytes(raw)
        if self.on_mail is not None:
            await self.on_mail(mail)
        self._tell()
        return mail


class _Session(asyncio.Protocol):
    """One connection: commands until DATA, then a body until the dot."""

    def __init__(self, trap: MailTrap) -> None:
        self._trap = trap
        self._buffer = bytearray()
        self._in_body = False
        self._settling: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._forget()

    def _forget(self) -> None:
        """No mail is under way."""
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._fault: Fault | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._trap.enter(self)
        self._say("220 mail.trap.example ESMTP")

    def connection_lost(self, exc: Exception | None) -> None:
        self._trap.leave(self, unfinished=self._in_body)
        self._in_body = False
        self._transport = None

    def drop(self) -> None:
        """End the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    def end(self) -> None:
        """Drop the connection and whatever its last mail still waits for."""
        self.drop()
        if self._settling is not None:
            self._settling.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._proceed(len(data))

    def _proceed(self, fresh: int) -> None:
        """Handle what is complete; what follows a dot waits until its mail is settled (pipelining)."""
        while self._settling is None and self._transport is not None and not self._transport.is_closing():
            more = self._read_body(fresh) if self._in_body else self._read_command()
            if not more:
                return
            fresh = len(self._buffer)

    def _read_command(self) -> bool:
        line, found, rest = bytes(self._buffer).partition(b"\r\n")
        if not found:
            if len(line) > _LONGEST_COMMAND:
                self.drop()
            return False
        self._buffer = bytearray(rest)
        self._trap.grouped += bool(rest)
        verb, _, argument = line.decode("utf-8", "replace").partition(" ")
        self._answer(verb.upper(), argument)
        return True

    def _read_body(self, fresh: int) -> bool:
        if self._fault is Fault.DIE_IN_BODY and self._buffer:
            self.drop()
            return False
        if self._buffer.startswith(b".\r\n"):
            body, size = b"", 3
        else:
            # Only the fresh bytes can complete the end mark: a large body isn't searched again with each packet.
            end = self._buffer.find(_END, max(0, len(self._buffer) - fresh - len(_END)))
            if end < 0:
                return False
            body, size = bytes(self._buffer[: end + 2]), end + len(_END)
        del self._buffer[:size]
        self._trap.grouped += bool(self._buffer)
        self._in_body = False
        raw = body.removeprefix(b".").replace(b"\r\n.", b"\r\n")
        self._settling = asyncio.get_running_loop().create_task(self._settle(raw))
        return False

    async def _settle(self, raw: bytes) -> None:
        """Accept the mail, or not, and answer the dot."""
        fault, sender, recipients = self._fault, self._sender or "", tuple(self._recipients)
        self._forget()
        try:
            if not recipients:
                self._say("554 5.5.1 no valid recipients")
            elif fault is Fault.DEFER_AT_DOT:
                self._say("451 4.3.0 try again later")
            elif fault is Fault.REFUSE_AT_DOT:
                self._say("554 5.6.0 we do not want this mail")
            else:
                mail = await self._trap.accept(sender, recipients, raw)
                if fault is Fault.DROP_AFTER_DOT:
                    self.drop()
                elif fault is not Fault.SILENCE:
                    self._say(f"250 2.0.0 kept as {mail.no}")
        except BaseException:
            # Whoever reacts to mail failed: let it be seen, and don't leave the sender waiting for an answer.
            self.drop()
            raise
        finally:
            self._settling = None
            self._proceed(len(self._buffer))

    def _answer(self, verb: str, argument: str) -> None:
        match verb:
            case "EHLO":
                offers = ["mail.trap.example", "8BITMIME"]
                offers += ["PIPELINING"] if self._trap.pipelining else []
                offers += ["ENHANCEDSTATUSCODES"]
                offers += ["SMTPUTF8"] if self._trap.smtputf8 else []
                self._say(*[f"250-{offer}" for offer in offers[:-1]], f"250 {offers[-1]}")
            case "HELO" | "NOOP":
                self._say("250 2.0.0 ok")
            case "RSET":
                self._forget()
                self._trap.resets += 1
                self._say("250 2.0.0 forgotten")
            case "MAIL" | "RCPT":
                self._envelope(verb, argument)
            case "DATA":
                self._begin_body()
            case "QUIT":
                self._say("221 2.0.0 bye")
                if self._transport is not None:
                    self._transport.close()
            case _:
                self._say("502 5.5.1 not here")

    def _envelope(self, verb: str, argument: str) -> None:
        found = _ADDRESS.search(argument)
        if found is None:
            self._say("501 5.5.4 an address in angle brackets")
        elif verb == "MAIL" and self._sender is not None:
            self._say("503 5.5.1 a mail is under way already")
        elif not found[1].isascii() and not (self._trap.smtputf8 and ("SMTPUTF8" in argument or verb == "RCPT")):
            self._say("553 5.6.7 addresses outside of ASCII need SMTPUTF8")
        elif verb == "MAIL":
            self._sender = found[1]
            self._say("250 2.1.0 ok")
        elif self._sender is None:
            self._say("503 5.5.1 MAIL first")
        else:
            self._recipient(found[1])

    def _recipient(self, address: str) -> None:
        self._fault = self._trap.fault_for(address)
        if self._fault is Fault.DEFER:
            self._say(f"451 4.2.1 <{address}> try again later")
        elif self._fault is Fault.WAIT:
            self._say("451 4.7.1 greylisted, please try again in 900 seconds")
        elif self._fault is Fault.BLOCK:
            self._say("550 5.7.1 Service unavailable, client host blocked using a block list, ask your provider")
        elif self._fault in (Fault.REFUSE, Fault.REFUSE_YET_354):
            self._say(f"550 5.1.1 <{address}> nobody of that name")
        else:
            self._recipients.append(address)
            self._say("250 2.1.5 ok")

    def _begin_body(self) -> None:
        if not self._recipients and self._fault is not Fault.REFUSE_YET_354:
            self._say("503 5.5.1 RCPT first")
        elif self._fault is Fault.DROP_BEFORE_354:
            self.drop()
        else:
            self._in_body = True
            self._say("354 end with a dot on its own line")

    def _say(self, *lines: str) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write("".join(f"{line}\r\n" for line in lines).encode())
