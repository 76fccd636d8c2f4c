"""How is mail taken in over SMTP? A port for our own mailboxes: it relays nothing, and says 250 when a mail is kept.

RFC 5321 with PIPELINING, SIZE, 8BITMIME, SMTPUTF8, STARTTLS and enhanced codes. Made for the open Internet: whatever a
client may do has a limit, and it learns of our mailboxes only whether the one it names is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import ssl
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Protocol

from leadloom.domain.errors import Transient
from leadloom.domain.model import Value
from leadloom.mail.wire_in import Gone, LineTooLong, Wire

log = logging.getLogger(__name__)

_PATH = re.compile(r"(?:@[^:<>\s]*:)?([^<>\s]*)")
"""A route before the address is understood and left out (RFC 5321 §4.1.1.3)."""
_FROM = re.compile(r"FROM: ?<([^<>]*)>(?: (.*))?", re.IGNORECASE)
_TO = re.compile(r"TO: ?<([^<>]+)>(?: (.*))?", re.IGNORECASE)
_LONGEST_COMMAND = 2048
"""Bytes: the 512 of RFC 5321 §4.5.3.1.4 and what extensions add."""
_LONGEST_ADDRESS = 320


class Limits(Value):
    """What one client, and all of them together, may ask of us."""

    largest: int = 20 * 1024 * 1024
    """Bytes of a mail: answers of people carry attachments."""
    waiting: int = 100 * 1024 * 1024
    """Bytes of mails in hand, all connections together; beyond it clients are asked to come later."""
    connections: int = 100
    per_host: int = 20
    """Connections of one address. A gateway in front of us has only one: give it more."""
    recipients: int = 50
    """Of one mail; beyond it the client sends the rest with another."""
    commands: int = 1000
    """Of one connection."""
    faults: int = 10
    """Wrong commands and unknown mailboxes of one connection: who guesses is sent away."""
    idle_s: float = 300.0
    """Without a byte (RFC 5321 §4.5.3.2.7 asks for five minutes)."""
    whole_s: float = 900.0
    """For one connection: who sends a byte a minute is not waited for."""


class Handed(Value):
    """A mail as it was handed over, the same bytes."""

    raw: bytes
    envelope_from: str
    """Empty for the null sender: reports of machines come from nobody."""
    envelope_to: str


class Inbox(Protocol):
    """Whose mail we take, and who keeps it."""

    def knows(self, address: str) -> bool:
        """Whether there is a mailbox of this address here. Asks nobody: a guesser gets through it fast."""
        ...

    async def take(self, mail: Handed) -> None:
        """Keep the mail for good. The same mail twice is kept once. Raises Transient when it can't be kept now."""
        ...


@dataclass
class Port:
    """The port: how many are connected, and what they may do."""

    inbox: Inbox
    name: str
    """What we call ourselves: the host of the MX record."""
    tls: ssl.SSLContext | None = None
    limits: Limits = field(default_factory=Limits)
    waiting: int = 0
    """Bytes of mails in hand."""
    _hosts: Counter[str] = field(default_factory=Counter[str])

    @contextlib.asynccontextmanager
    async def serving(self, host: str, port: int) -> AsyncGenerator[asyncio.Server]:
        """Listen for the length of the block. Whoever is connected when it ends is hung up on, and sends again."""
        server = await asyncio.get_running_loop().create_server(
            lambda: Wire(self._meet, idle_s=self.limits.idle_s), host, port
        )
        try:
            yield server
        finally:
            server.close()

    async def _meet(self, wire: Wire) -> None:
        try:
            if self._hosts.total() >= self.limits.connections or self._hosts[wire.host] >= self.limits.per_host:
                wire.say("421 4.3.2 Too many connections; come again later")
                return
            self._hosts[wire.host] += 1
            try:
                async with asyncio.timeout(self.limits.whole_s):
                    await _Session(self, wire).talk()
            finally:
                self._hosts[wire.host] -= 1
                self._hosts += Counter()  # forgets hosts with no connection
        except TimeoutError:
            with contextlib.suppress(Gone):
                wire.say("421 4.4.2 This took too long")
        except Gone:
            pass
        except Exception:
            # The client's mail isn't kept, and it is told to come again: nothing of it is in this line.
            log.exception("smtp connection failed unforeseen")
            with contextlib.suppress(Gone):
                wire.say("421 4.3.0 Something is wrong here; come again later")
        finally:
            wire.close()


class _Held:
    """How much of a mail is in hand."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self.size = 0
        self.refusal = ""

    def has_room(self, more: int) -> bool:
        """Whether so many bytes more may be held; then they are counted."""
        if self.size + more > self._port.limits.largest:
            self.refusal = "552 5.3.4 Too large"
        elif self._port.waiting + more > self._port.limits.waiting:
            self.refusal = "452 4.3.1 Too much mail at once; come again later"
        else:
            self.size += more
            self._port.waiting += more
        return not self.refusal


class _Session:
    """One client's talk with us."""

    def __init__(self, port: Port, wire: Wire) -> None:
        self._port, self._wire, self._limits = port, wire, port.limits
        self._greeted = self._extended = False
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._faults = 0

    async def talk(self) -> None:
        self._wire.say(f"220 {self._port.name} ESMTP")
        for _ in range(self._limits.commands):
            try:
                line = await self._wire.line(longest=_LONGEST_COMMAND)
            except LineTooLong:
                self._wire.say("500 5.5.6 Line too long")
                return
            verb, _, rest = line.decode("utf-8", "surrogateescape").partition(" ")
            answer = await self._answer(verb.upper(), rest.strip(" "))
            if answer:
                self._wire.say(answer)
            if answer.startswith(("421", "221")):
                return
        self._wire.say("421 4.7.0 Too many commands")

    async def _answer(self, verb: str, rest: str) -> str:  # noqa: C901  one line for each verb of SMTP
        match verb:
            case "EHLO" | "HELO":
                return self._hello(verb, rest)
            case "MAIL":
                return self._mail(rest)
            case "RCPT":
                return self._rcpt(rest)
            case "DATA":
                return self._fault("501 5.5.4 DATA takes nothing") if rest else await self._data()
            case "STARTTLS" if self._port.tls is not None:
                return await self._starttls(self._port.tls, rest)
            case "RSET":
                self._forget()
                return "250 2.0.0 Forgotten"
            case "NOOP":
                return "250 2.0.0 Yes"
            case "QUIT":
                return "221 2.0.0 Good-bye"
            case "VRFY":
                return "252 2.5.0 Send it, and we shall see"
            case "EXPN" | "HELP" | "AUTH" | "BDAT" | "ETRN" | "TURN" | "STARTTLS":
                return self._fault("502 5.5.1 Not here")
            case _:
                return self._fault("500 5.5.2 No such command")

    def _hello(self, verb: str, name: str) -> str:
        if not name:
            return self._fault(f"501 5.5.4 {verb} takes your name")
        self._forget()
        self._greeted, self._extended = True, verb == "EHLO"
        if not self._extended:
            return f"250 {self._port.name}"
        offers = ["PIPELINING", f"SIZE {self._limits.largest}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        if self._port.tls is not None and not self._wire.is_secure:
            offers.append("STARTTLS")
        lines = [self._port.name, *offers]
        return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    def _mail(self, rest: str) -> str:
        if not self._greeted:
            return self._fault("503 5.5.1 Say EHLO first")
        if self._sender is not None:
            return self._fault("503 5.5.1 One mail after the other")
        found = _FROM.fullmatch(rest)
        if found is None or (sender := _address(found[1])) is None:
            return self._fault("501 5.1.7 Write MAIL FROM:<address>")
        refusal = self._parameters(found[2] or "")
        if refusal is None:
            self._sender = sender
        return refusal or "250 2.1.0 Go on"

    def _parameters(self, text: str) -> str | None:
        for each in text.split():
            name, _, value = each.upper().partition("=")
            if name == "SIZE" and value.isascii() and value.isdecimal():
                if int(value[:18]) > self._limits.largest:
                    return "552 5.3.4 Too large"
            elif (name, value) not in (("BODY", "7BIT"), ("BODY", "8BITMIME"), ("SMTPUTF8", "")):
                return self._fault("555 5.5.4 No such parameter")
        return None

    def _rcpt(self, rest: str) -> str:
        if self._sender is None:
            return self._fault("503 5.5.1 Say MAIL first")
        found = _TO.fullmatch(rest)
        if found is None or not (recipient := _address(found[1])):
            return self._fault("501 5.1.3 Write RCPT TO:<address>")
        if found[2]:
            return self._fault("555 5.5.4 No such parameter")
        if len(self._recipients) >= self._limits.recipients:
            return "452 4.5.3 Too many recipients; send the rest with another mail"
        if not self._port.inbox.knows(recipient):
            return self._fault("550 5.1.1 No such mailbox here, and we pass nothing on")
        self._recipients.append(recipient)
        return "250 2.1.5 Go on"

    async def _data(self) -> str:
        if self._sender is None or not self._recipients:
            return self._fault("503 5.5.1 Say MAIL and RCPT first")
        held = _Held(self._port)
        try:
            self._wire.say("354 End with a line that is a dot")
            raw = await self._wire.body(has_room=held.has_room)
            return held.refusal if raw is None else await self._take(raw)
        finally:
            self._port.waiting -= held.size
            self._forget()

    async def _take(self, raw: bytes) -> str:
        """250 only when every recipient's copy is kept: a client that hears nothing, or 451, sends it again."""
        try:
            for recipient in dict.fromkeys(self._recipients):
                await self._port.inbox.take(Handed(raw=raw, envelope_from=self._sender or "", envelope_to=recipient))
        except Transient:
            log.warning("mail not taken: the house is away")
            return "451 4.3.0 We can't keep it now; come again later"
        return "250 2.0.0 Kept"

    async def _starttls(self, context: ssl.SSLContext, rest: str) -> str:
        if rest or self._wire.is_secure:
            return self._fault("503 5.5.1 Not now")
        if self._wire.has_more:
            # Said in the clear, to be taken for said under TLS (CVE-2011-0411): nobody honest does that.
            return "421 5.5.1 Nothing may follow STARTTLS before TLS does"
        self._wire.say("220 2.0.0 Go on")
        await self._wire.secure(context)
        self._forget()
        self._greeted = self._extended = False
        return ""

    def _forget(self) -> None:
        self._sender, self._recipients = None, []

    def _fault(self, answer: str) -> str:
        self._faults += 1
        return "421 4.7.0 Too many errors" if self._faults > self._limits.faults else answer


def _address(path: str) -> str | None:
    """The address of a path; empty for the null sender, None for what is no address."""
    found = _PATH.fullmatch(path)
    if found is None or len(found[1]) > _LONGEST_ADDRESS or not found[1].isprintable():
        return None
    return found[1]
