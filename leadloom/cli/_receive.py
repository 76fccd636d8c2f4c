"""How does mail get in? The command that keeps our ways in open, beside the workers."""

from __future__ import annotations

import asyncio
import signal

from leadloom.cli._door import talk
from leadloom.domain.errors import Unreachable
from leadloom.runtime.receiving import receiving
from leadloom.runtime.wiring import opened


def receive() -> None:
    """Take mail that comes back, over SMTP (LEADLOOM_INBOUND_LISTEN), from a mailbox (LEADLOOM_IMAP_URL), or both.

    Runs until SIGTERM or Ctrl-C. As many as you like may run: the same mail twice is taken once.
    """
    asyncio.run(_receive())


async def _receive() -> None:
    async with opened() as house:
        try:
            async with receiving(house) as ways:
                stop = asyncio.Event()
                for sign in (signal.SIGTERM, signal.SIGINT):
                    asyncio.get_running_loop().add_signal_handler(sign, stop.set)
                for way in ways:
                    talk.print(f"Taking mail: {way}.", highlight=False)
                talk.print("Ctrl-C stops.", highlight=False)
                await stop.wait()
        except OSError as error:
            where = house.settings.inbound_listen or ""
            raise Unreachable("The port", where, error.strerror or type(error).__name__) from error
