"""What happens on the day somebody goes away: their open offers look again, and go to who covers."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import absences


class CoverEffects:
    """Effects of absences."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def wake_offers_of_absent(self, look: Look) -> int:
        """Queue a look for offers on a desk whose owner has gone. Safe to repeat: a look moves them on once."""
        async with self._tools.db.transaction() as tx:
            return await absences.wake(tx, at=look.at)
