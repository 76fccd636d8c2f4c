"""What does the relay answer, to which of our commands? Replies in the order of what was said, several on their way.

aiosmtplib awaits one reply for each write and drops what comes meanwhile; a pipelined group (RFC 2920) has several.
So it greets, secures and logs in, and this protocol takes the open connection over.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import NamedTuple, TypeVar

from leadloom.mail.answer import Answer

_LONGEST_LINE = 8_192
_LONGEST_REPLY = 65_536
_CODES = {b"%03d" % code: code for code in range(1000)}
"""Of three digits each."""
_MARKS = frozenset((b" ", b"-", b"\r", b"\n"))
"""What may follow a code; `-` where more lines do."""

F = TypeVar("F", bound="asyncio.Future[None]")


class Said(NamedTuple):
    """A reply as it came."""

    code: int
    lines: bytes
    """With the code before each."""

    @property
    def text(self) -> str:
        """Its words, without the code: few replies are ever read."""
        words = b"\n".join(line[4:].strip() for line in self.lines.split(b"\n")[:-1])
        return words.decode("utf-8", "surrogateescape")


class WireLost(ConnectionError):
    """The connection ended, was silent for too long, or no longer speaks SMTP."""


class Wire(asyncio.Protocol):
    """An open connection: bytes go out, replies come in. Whatever nobody asked for ends it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        """Take the connection over; nothing of the greeting may be under way."""
        self._transport = transport
        self._rest = b""
        """What came of a reply that isn't whole …"""
        self._line_from = 0
        """… and where in it the last line begins."""
        self._owed = 0
        """Replies the relay owes us."""
        self._said: deque[Said] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._awaited = 0
        self._patience: asyncio.TimerHandle | None = None
        self._patient_until = 0.0
        self._lost: str | None = None
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """True when the relay hasn't hung up, as far as we can see."""
        return self._lost is None and not self._transport.is_closing()

    def write(self, data: bytes, *, replies: int) -> None:
        """Send bytes that will be answered by so many replies. Raises WireLost."""
        if not self.is_open:
            raise WireLost(self._lost or "the relay hung up")
        self._owed += replies
        self._transport.write(data)

    def has(self, replies: int) -> bool:
        """Whether so many replies are there to be taken, or none will come any more."""
        return len(self._said) >= replies or self._lost is not None

    def arrived(self, replies: int, seconds: float) -> asyncio.Future[None]:
        """Done when it `has` so many."""
        return self._awaiting(asyncio.get_running_loop().create_future(), replies, seconds)

    def decided(self, seconds: float) -> Answer[None]:
        """The same for the one reply that says what became of a mail."""
        decided: Answer[None] = Answer()
        return self._awaiting(decided, 1, seconds)

    def _awaiting(self, waiter: F, replies: int, seconds: float) -> F:
        self._waiter, self._awaited = waiter, replies
        if self.has(replies):
            waiter.set_result(None)
        else:
            self._be_patient(waiter.get_loop(), seconds)
        return waiter

    def take(self) -> Said:
        """The next reply. Raises WireLost when it didn't arrive."""
        if not self._said:
            raise WireLost(self._lost or "the relay said nothing")
        self._owed -= 1
        return self._said.popleft()

    def abort(self) -> None:
        """End the connection at once; what the socket hasn't taken is thrown away, so no dot can follow."""
        self._end("we closed the connection")
        self._transport.abort()

    def close(self) -> None:
        """End the connection once what was written is gone."""
        self._transport.close()

    def _be_patient(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        """One timer for all answers that are waited for one after the other: nearly all come long before it rings."""
        self._patient_until = loop.time() + seconds
        if self._patience is not None and self._patience.when() > self._patient_until:
            self._patience.cancel()
            self._patience = None
        if self._patience is None:
            self._patience = loop.call_at(self._patient_until, self._look_at_the_clock, loop)

    def _look_at_the_clock(self, loop: asyncio.AbstractEventLoop) -> None:
        self._patience = None
        if self._lost is not None or self._waiter is None or self._waiter.done():
            return
        if loop.time() < self._patient_until:
            self._patience = loop.call_at(self._patient_until, self._look_at_the_clock, loop)
        else:
            self._end("the relay said nothing for too long")

    def _end(self, why: str) -> None:
        self._lost = self._lost or why
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        self._tell()

    def data_received(self, data: bytes) -> None:
        """Part the bytes into replies; the last line of one has a space after its code (RFC 5321 §4.2.1)."""
        came = self._rest + data if self._rest else data
        first, start = 0, self._line_from
        while (end := came.find(b"\n", start)) >= 0:
            code, mark = _CODES.get(came[start : start + 3]), came[start + 3 : start + 4]
            if code is None or mark not in _MARKS or end - start > _LONGEST_LINE:
                self._is_no_smtp()
                return
            start = end + 1
            if mark != b"-":
                self._take(Said(code, came[first:start]))
                first = start
        self._rest, self._line_from = came[first:], start - first
        if len(self._rest) > _LONGEST_REPLY:
            self._is_no_smtp()

    def _take(self, said: Said) -> None:
        if len(self._said) >= self._owed:
            # Nobody asked: "421 idle for too long" before it hangs up. Kept, it would be taken for an answer.
            self._end(f"the relay said {said.code} unasked")
            self._transport.abort()
            return
        self._said.append(said)
        if len(self._said) >= self._awaited:
            self._tell()

    def _tell(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _is_no_smtp(self) -> None:
        self._end("an answer that is no SMTP")
        self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The relay, or the way to it, is gone; replies that came before still count."""
        self._end(str(exc) if exc is not None else "the relay hung up")

    def eof_received(self) -> bool:
        """Nothing more will come; the transport closes."""
        self._end("the relay hung up")
        return False
