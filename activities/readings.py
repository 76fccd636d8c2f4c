"""What is done about readings of microsites, later: what nobody was identified for is forgotten."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import readings


class ReadingEffects:
    """Effects on how long pages were read."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def forget_old_readings(self, look: Look) -> int:
        """Forget what nobody was identified for (reading.KEPT); how many pages. Safe to repeat."""
        async with self._tools.db.transaction() as tx:
            return await readings.forget_old(tx, at=look.at)
