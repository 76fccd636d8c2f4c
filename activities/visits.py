"""The effect that gives visits their verdict: late enough to see what came with them."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import published, visits


class VisitEffects:
    """Effects on visits of mails' links and pictures."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def judge_visits(self, look: Look) -> int:
        """Judge visits that have waited a minute, each mail in a transaction. Safe to repeat: by state."""
        async with self._tools.db.read() as tx:
            due = await visits.due(tx, at=look.at)
        judged = 0
        for message_id in due:
            async with self._tools.db.transaction() as tx:
                judged += await visits.settle(tx, message_id, book=await published.book(tx), at=look.at)
        return judged
