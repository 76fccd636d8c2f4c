"""What a lead's lifecycle does: strike the clocks that are due, and the sweep that wakes forgotten ones."""

from __future__ import annotations

from uuid import UUID

from temporalio import activity

from activities.answers import Look, Looked, looked
from activities.hand_offs import OVERDUE
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.domain.model import LeadId
from leadloom.store import lifecycle, published


class LifecycleEffects:
    """Effects of lead lifecycles."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @activity.defn
    @names_failures
    async def strike_clocks(self, look: Look) -> Looked:
        """Record what follows from each clock that is due, and answer the next one.

        Safe to repeat: a clock that struck is gone or moved in the same transaction.
        """
        async with self._tools.db.transaction() as tx:
            book = await published.book(tx)
            return looked(await lifecycle.advance(tx, LeadId(UUID(look.about)), book=book, at=look.at))

    @sweep
    @activity.defn
    @names_failures
    async def wake_overdue_leads(self, look: Look) -> int:
        """Queue a look for leads whose clock passed unheard. Safe to repeat: a look changes nothing by itself."""
        async with self._tools.db.transaction() as tx:
            return await lifecycle.wake_overdue(tx, overdue_since=look.at - OVERDUE)
