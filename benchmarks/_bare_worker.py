"""What does a worker cost that does nothing of ours? A floor's workflows on our sandbox's setting and our converter.

`python -m benchmarks._bare_worker ADDRESS benchmarks.runs:Bare` takes the activities from the module's `ACTIVITIES`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence

from temporalio.worker import Worker

from leadloom.runtime.sandbox import sandbox
from leadloom.runtime.settings import Settings
from leadloom.runtime.temporal import connect

BARE_QUEUE = "bare"


async def main(address: str, names: Sequence[str]) -> None:
    """Work until SIGTERM."""
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    client = await connect(Settings(temporal_address=address, temporal_namespace="default"))
    pairs = [name.split(":") for name in names]
    activities: dict[str, Callable[..., object]] = {}
    for module, _ in pairs:
        activities |= {each.__name__: each for each in getattr(importlib.import_module(module), "ACTIVITIES", ())}
    worker = Worker(
        client,
        task_queue=BARE_QUEUE,
        workflows=[getattr(importlib.import_module(module), name) for module, name in pairs],
        activities=list(activities.values()),
        # Its workflows pass through as ours do: what is compared is the work, not the sandbox.
        workflow_runner=sandbox(also=[module for module, _ in pairs]),
    )
    async with worker:
        print("working", file=sys.stderr, flush=True)
        await stop.wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], sys.argv[2:]))
    # As worker.py does: the SDK can abort the interpreter at exit.
    os._exit(0)
