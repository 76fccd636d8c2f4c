"""An answer that decides what became of a mail: who waits for it hears it, also when cancelled meanwhile."""

from __future__ import annotations

import asyncio
from typing import TypeVar

T = TypeVar("T")


class Answer(asyncio.Future[T]):
    """A future that can't be cancelled. It must come by itself: whoever promises it has a deadline of its own.

    The task that awaits it is cancelled once it has come: a shield around it (`asyncio.shield`) would do the same by a
    second future and two turns of the loop more, for each mail twice.
    """

    def cancel(self, msg: object = None) -> bool:
        """No: then the task keeps the cancel for later."""
        return False


async def though_cancelled(answer: Answer[T]) -> T:
    """What the answer says, also when the task is cancelled meanwhile: then its next await is cancelled instead."""
    try:
        return await answer
    except asyncio.CancelledError:
        if not answer.done() or (task := asyncio.current_task()) is None:
            raise
        # The cancel we took counts once: hand it back, so that asyncio.timeout() above still knows its own.
        task.uncancel()
        task.cancel()
        return answer.result()
