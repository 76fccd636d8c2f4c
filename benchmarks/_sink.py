"""Where do mails of a benchmark end? A lean SMTP server as its own process: it takes all, keeps who and when.

`python -m benchmarks._sink --delay 0.05` prints its two ports: SMTP, and a line protocol that answers `stats`, `mails`,
`wait N` and `forget` with a line of JSON each.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time

_END = b"\r\n.\r\n"
_RECIPIENT = re.compile(rb"RCPT TO:<([^>]*)>", re.IGNORECASE)


class Kept:
    """Whom a mail was for and when its dot came (Unix time), in order of arrival."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, float]] = []
        self.grew = asyncio.Event()

    def add(self, recipient: str) -> None:
        """One more mail."""
        self.mails.append((recipient, time.time()))
        self.grew.set()

    async def reach(self, count: int) -> None:
        """Return when there are as many."""
        while len(self.mails) < count:
            self.grew.clear()
            await self.grew.wait()

    def stats(self) -> dict[str, float]:
        """How many, and when the first and the last came."""
        first, last = (self.mails[0][1], self.mails[-1][1]) if self.mails else (0.0, 0.0)
        return {"count": len(self.mails), "first": first, "last": last}


class SmtpSession(asyncio.Protocol):
    """One connection. Answers at once, or `delay` seconds after the dot, as a relay far away does."""

    def __init__(self, kept: Kept, delay: float) -> None:
        self._kept, self._delay = kept, delay
        self._buffer = b""
        self._in_body = False
        self._recipient = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Take whatever commands and bodies are complete."""
        self._buffer += data
        while self._body() if self._in_body else self._line():
            pass

    def _line(self) -> bool:
        line, found, rest = self._buffer.partition(b"\r\n")
        if not found:
            return False
        self._buffer = rest
        verb = line[:4].upper()
        if verb == b"DATA":
            self._in_body = True
            self._say(b"354 go on\r\n")
        elif verb == b"EHLO":
            self._say(b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
        elif verb == b"QUIT":
            self._say(b"221 bye\r\n")
            self._transport.close()
        else:
            if found_recipient := _RECIPIENT.match(line):
                self._recipient = found_recipient.group(1).decode()
            self._say(b"250 ok\r\n")
        return True

    def _body(self) -> bool:
        # An empty body is a dot alone: not sent by us.
        _, found, rest = self._buffer.partition(_END)
        if not found:
            return False
        self._buffer, self._in_body = rest, False
        self._kept.add(self._recipient)
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._say, b"250 taken\r\n")
        else:
            self._say(b"250 taken\r\n")
        return True

    def _say(self, words: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(words)


async def _asked(kept: Kept, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        verb, _, count = line.decode().strip().partition(" ")
        if verb == "wait":
            await kept.reach(int(count))
        elif verb == "forget":
            kept.mails.clear()
        answer = kept.mails if verb == "mails" else kept.stats()
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
    writer.close()


async def _serve(delay: float) -> None:
    kept = Kept()
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(lambda: SmtpSession(kept, delay), "127.0.0.1", 0)
    control = await asyncio.start_server(lambda r, w: _asked(kept, r, w), "127.0.0.1", 0)
    print(smtp.sockets[0].getsockname()[1], control.sockets[0].getsockname()[1], flush=True)
    await smtp.serve_forever()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--delay", type=float, default=0.0, help="seconds between a dot and its answer")
    try:
        asyncio.run(_serve(options.parse_args().delay))
    except KeyboardInterrupt:
        sys.exit(0)
