"""What is done about what came back, later: what people wrote is not kept for ever."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import group_faults, published, returns


class ReturnEffects:
    """Effects on the log of what came back."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def watch_what_comes_back(self, look: Look) -> int:
        """Stop what came back for everybody, rest providers that send us back. Safe to repeat: it counts anew."""
        async with self._tools.db.transaction() as tx:
            book = await published.book(tx)
            return await group_faults.look(tx, definition=book.definition, at=look.at)

    @sweep
    @activity.defn
    @names_failures
    async def forget_what_came_back(self, look: Look) -> int:
        """Empty what people wrote once its time is over (policy.KEPT_RAW); how many. Safe to repeat: it stays empty."""
        async with self._tools.db.transaction() as tx:
            return await returns.forget(tx, at=look.at)
