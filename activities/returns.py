"""What is done about what came back, later: what people wrote is not kept for ever."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import returns


class ReturnEffects:
    """Effects on the log of what came back."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def forget_what_came_back(self, look: Look) -> int:
        """Empty what people wrote once its time is over (policy.KEPT_RAW); how many. Safe to repeat: it stays empty."""
        async with self._tools.db.transaction() as tx:
            return await returns.forget(tx, at=look.at)
