"""A worker process: which task queues, with which limits. Scale out by starting more of them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import opened, settings_of_running_stack, tools_of
from leadloom.runtime.workers import working


async def main(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C, then finish what is in hand."""
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with opened(settings) as house, tools_of(house) as tools, working(house, tools):
        print("working; Ctrl-C stops", file=sys.stderr)  # noqa: T201  talk goes to stderr
        await stop.wait()


if __name__ == "__main__":
    code = 0
    try:
        asyncio.run(main(settings_of_running_stack()))
    except Exception as error:
        print(error, file=sys.stderr)  # noqa: T201  talk goes to stderr
        code = 5
    sys.stdout.flush()
    # The SDK can abort the interpreter at exit (temporalio/sdk-python issue 300): leave before it does.
    os._exit(code)
