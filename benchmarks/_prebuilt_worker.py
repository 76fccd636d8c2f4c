"""What does a lane cost without the writing of its mails? Our worker, but each mail's bytes are there already.

`python -m benchmarks._prebuilt_worker BYTES`: claims, looks readers up, keeps values, marks, sends and settles as ever.
"""

from __future__ import annotations

import asyncio
import os
import sys

import worker
from activities import letters
from benchmarks._bare_sender import body
from leadloom.runtime.wiring import settings_of_running_stack

WIRE = body(int(sys.argv[1]))


class Prebuilt(letters.Draft):
    """A draft that needs no writing."""

    def write(self) -> letters.Ready:
        """The same bytes for everybody."""
        return letters.Ready(
            message_id=self.message_id,
            claim=self.claim,
            tries=self.tries,
            for_owner=self.for_owner,
            envelope_from="bounce@kelvance.example",
            recipient=self.to.address,
            wire=WIRE,
        )


if __name__ == "__main__":
    letters.Draft = Prebuilt  # type: ignore[misc]  the one thing in which this worker differs
    asyncio.run(worker.main(settings_of_running_stack()))
    # As worker.py does: the SDK can abort the interpreter at exit.
    os._exit(0)
