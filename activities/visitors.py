"""The effects that look after visitors: what was on its way follows its lead, and what is too old is forgotten."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import api_calls, dropped, published, visitors


class VisitorEffects:
    """Effects on visitors, and on events that couldn't be taken."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def bring_visitors_home(self, look: Look) -> int:
        """Bring to leads what came in while they were identified. Safe to repeat: by rows that are nobody's yet."""
        async with self._tools.db.transaction() as tx:
            return await visitors.bring_after(tx, book=await published.book(tx), at=look.at)

    @sweep
    @activity.defn
    @names_failures
    async def forget_visitors(self, look: Look) -> int:
        """Forget what nobody was identified for, dropped events nobody looked after, and answers to repeated calls.

        Safe to repeat: by age.
        """
        async with self._tools.db.transaction() as tx:
            policy = (await published.book(tx)).definition.tracking
            gone = await visitors.forget(tx, after=policy.keep_anonymous, at=look.at)
            gone += await dropped.forget(tx, after=policy.keep_dropped, at=look.at)
            return gone + await api_calls.forget(tx, at=look.at)
