"""How does the relay of `make chaos` fail on request, and yet tell the truth? It keeps on disk what it accepted, first.

`python -m benchmarks.chaos.relay PORT LOG ORDERS`
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import sys
import time
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import cast

from benchmarks.chaos.relay_log import FOR_A_TIME, Accepted, Fault, Hit, Order, RelayLog

_ADDRESS = re.compile(r"<([^>]*)>")
_END = b"\r\n.\r\n"
_LOOKS_EVERY = 0.01
"""Seconds between two looks at the file of orders."""
_LATER = "451 4.3.2 try again later"
_GO_ON = "354 end with a dot on its own line"
_THINKS = 1.5
"""Seconds before a held 354."""


class _InForce:
    """An order under way."""

    def __init__(self, order: Order) -> None:
        self.order, self._left, self._until = order, order.mails, float("inf")
        if order.fault is Fault.REFUSE:
            self.hit()

    def hit(self) -> None:
        """A mail has met it: it counts down, or begins to last."""
        if self.order.fault not in FOR_A_TIME:
            self._left -= 1
        elif self.order.seconds is not None:
            self._until = min(self._until, time.monotonic() + self.order.seconds)

    @property
    def is_over(self) -> bool:
        """Whether it hits nobody any more."""
        return time.monotonic() >= self._until if self.order.fault in FOR_A_TIME else self._left <= 0


class ChaosRelay:
    """An SMTP server that accepts every mail, once it is on disk, unless it was told to fail."""

    def __init__(self, port: int, log: Path, orders: Path) -> None:
        self.port, self._log = port, RelayLog(log)
        self._orders = orders
        # Orders that are older than this process died with the one before.
        self._read_to = orders.stat().st_size if orders.exists() else 0
        self._in_force: list[_InForce] = []
        self._server: asyncio.Server | None = None
        self._sessions: set[_Session] = set()

    async def serve(self) -> None:
        """Listen until killed or cancelled."""
        await self._listen()
        try:
            while True:
                await asyncio.sleep(_LOOKS_EVERY)
                await self._obey()
        finally:
            self._hang_up(everybody=True)

    async def _obey(self) -> None:
        for order in self._new_orders():
            if order.fault is None:
                self._in_force.clear()
                continue
            self._in_force.append(_InForce(order))
            if order.fault is Fault.REFUSE:
                self._log.write(Hit(fault=Fault.REFUSE, at=time.time()))
                self._hang_up(everybody=False)
        self._in_force = [each for each in self._in_force if not each.is_over]
        if self._server is None and not self.refuses:
            await self._listen()

    def _new_orders(self) -> list[Order]:
        if not self._orders.exists():
            return []
        with self._orders.open("rb") as file:
            file.seek(self._read_to)
            whole, _, _ = file.read().rpartition(b"\n")
        if not whole:
            return []
        self._read_to += len(whole) + 1
        return [Order.model_validate_json(line) for line in whole.splitlines()]

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Session(self), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _hang_up(self, *, everybody: bool) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for session in tuple(self._sessions):
            if everybody or not session.carries_mail:
                session.drop()

    @property
    def has_read_all(self) -> bool:
        """Whether every order so far is obeyed."""
        return not self._orders.exists() or self._read_to >= self._orders.stat().st_size

    @property
    def refuses(self) -> bool:
        """Whether nobody may connect now."""
        return any(each.order.fault is Fault.REFUSE and not each.is_over for each in self._in_force)

    def fails(self, fault: Fault, at: str = "") -> bool:
        """Whether this very mail meets the fault; notes it and counts it down."""
        for each in self._in_force:
            if each.order.fault is fault and not each.is_over and (fault is not Fault.LATER or at == each.order.at):
                each.hit()
                self._log.write(Hit(fault=fault, at=time.time()))
                return True
        return False

    def accept(self, recipient: str, raw: bytes) -> None:
        """Put a mail on record; on disk when this returns."""
        head = BytesHeaderParser().parsebytes(raw)
        step, journey, *_ = *str(head["Feedback-ID"] or "").split(":"), "", ""
        self._log.write(
            Accepted(
                wire_id=str(head["Message-ID"] or "").strip(" <>"),
                recipient=recipient,
                step=f"{journey}/{step}",
                sha256=hashlib.sha256(raw).hexdigest(),
                at=time.time(),
            )
        )

    def enter(self, session: _Session) -> None:
        """A connection was made."""
        self._sessions.add(session)

    def leave(self, session: _Session) -> None:
        """A connection ended."""
        self._sessions.discard(session)


class _Session(asyncio.Protocol):
    """One connection, one mail after the other."""

    def __init__(self, relay: ChaosRelay) -> None:
        self._relay = relay
        self._buffer = bytearray()
        self._in_body = False
        self._recipient: str | None = None
        self.carries_mail = False
        """Between MAIL and the answer to the dot."""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._relay.enter(self)
        self._say("220 relay.chaos.example ESMTP")

    def connection_lost(self, exc: Exception | None) -> None:
        self._relay.leave(self)
        self._transport = None

    def drop(self) -> None:
        """Hang up without a word."""
        if self._transport is not None:
            self._transport.abort()
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._transport is not None and (self._take_body() if self._in_body else self._take_command()):
            pass

    def _take_command(self) -> bool:
        line, found, rest = bytes(self._buffer).partition(b"\r\n")
        if found:
            self._buffer = bytearray(rest)
            verb, _, argument = line.decode("utf-8", "replace").partition(" ")
            self._answer(verb.upper(), argument)
        return bool(found)

    def _take_body(self) -> bool:
        if self._buffer and self._relay.fails(Fault.IN_BODY):
            self.drop()
            return False
        end = self._buffer.find(_END)
        if end < 0:
            return False
        raw = bytes(self._buffer[: end + 2]).removeprefix(b".").replace(b"\r\n.", b"\r\n")
        del self._buffer[: end + len(_END)]
        self._in_body = False
        self._end_mail(raw)
        return True

    def _end_mail(self, raw: bytes) -> None:
        if self._relay.fails(Fault.LATER, "dot"):
            self._say(_LATER)
        else:
            self._relay.accept(self._recipient or "", raw)
            if self._relay.fails(Fault.AFTER_DOT):
                self.drop()
            elif not self._relay.fails(Fault.SILENCE):
                self._say("250 2.0.0 kept")
        self.carries_mail, self._recipient = False, None
        # Whoever is refused is refused from now on: this connection was let finish its mail.
        if self._relay.refuses and self._transport is not None:
            self._transport.close()

    def _answer(self, verb: str, argument: str) -> None:
        match verb:
            case "EHLO":
                offers = ("8BITMIME", "PIPELINING", "SMTPUTF8")
                self._say("250-relay.chaos.example", *(f"250-{each}" for each in offers), "250 ENHANCEDSTATUSCODES")
            case "MAIL":
                self._mail()
            case "RCPT":
                self._rcpt(argument)
            case "DATA":
                self._data()
            case "RSET":
                self.carries_mail, self._recipient = False, None
                self._say("250 2.0.0 forgotten")
            case "QUIT":
                self._say("221 2.0.0 bye")
                if self._transport is not None:
                    self._transport.close()
            case "HELO" | "NOOP":
                self._say("250 2.0.0 ok")
            case _:
                self._say("502 5.5.1 not here")

    def _mail(self) -> None:
        if self._relay.fails(Fault.LATER, "mail"):
            self._say(_LATER)
            return
        self.carries_mail = True
        self._say("250 2.1.0 ok")

    def _rcpt(self, argument: str) -> None:
        found = _ADDRESS.search(argument)
        if self._relay.fails(Fault.LATER, "rcpt"):
            self._say(_LATER)
        elif found is None:
            self._say("501 5.5.4 an address in angle brackets")
        else:
            self._recipient = found[1]
            self._say("250 2.1.5 ok")

    def _data(self) -> None:
        if self._recipient is None:
            self._say("503 5.5.1 RCPT first")
        elif self._relay.fails(Fault.BEFORE_354):
            self.drop()
        elif self._relay.fails(Fault.HOLD_354):
            self._in_body = True
            asyncio.get_running_loop().call_later(_THINKS, self._say, _GO_ON)
        else:
            self._in_body = True
            self._say(_GO_ON)

    def _say(self, *lines: str) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write("".join(f"{line}\r\n" for line in lines).encode())


if __name__ == "__main__":
    port, log, orders = sys.argv[1:4]
    asyncio.run(ChaosRelay(int(port), Path(log), Path(orders)).serve())
