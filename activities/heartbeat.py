"""How does Temporal miss a dead worker within seconds? Regular effects say that they live while they work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from temporalio import activity

P = ParamSpec("P")
R = TypeVar("R")

MISSED_AFTER = timedelta(seconds=20)
"""Wall time without a sign of life after which an effect is given up: its worker is dead, or cut off."""
_EVERY = timedelta(seconds=4)


def lives(effect: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Heartbeat for as long as a regular activity works, and let it finish what Temporal has given up.

    Given up means mostly that Temporal itself was away: what stands at its dot must still learn how it ended. Only a
    worker that stops cancels what it has in hand. Local activities live and die with their workflow task.
    """

    @wraps(effect)
    async def living(*args: P.args, **kwargs: P.kwargs) -> R:
        if not activity.in_activity() or activity.info().is_local:
            return await effect(*args, **kwargs)
        work = asyncio.ensure_future(cast("Coroutine[Any, Any, R]", effect(*args, **kwargs)))
        beats = asyncio.create_task(_beat())
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            why = activity.cancellation_details()
            if why is not None and why.worker_shutdown:
                work.cancel()
            await asyncio.wait([work])
            raise
        finally:
            beats.cancel()

    return living


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(_EVERY.total_seconds())
