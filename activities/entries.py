"""Who comes into journeys without an event: the sweep that lets in whom conditions and dates let in."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.domain.model import LeadId
from leadloom.store import published, watching
from leadloom.store.watching import Watch

_PAGES = 200
"""Pages of one round for each journey: a crowd that comes at once is let in over several rounds, and no sweep runs
out of its time."""


class EntryEffects:
    """Effects of the doors of journeys."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def let_in_whom_it_is_so_for(self, look: Look) -> int:
        """Let leads in for whom a condition has come to hold, or whose date has come; how many pages it took.

        Safe to repeat: each page is one transaction that notes whom it has decided, and goes on where the last ended.
        """
        async with self._tools.db.read() as tx:
            doors = watching.watches(await published.book(tx))
        async with self._tools.db.transaction() as tx:
            await watching.forget(tx, await published.book(tx))
        return sum([await self._watch(door, look) for door in doors])

    async def _watch(self, door: Watch, look: Look) -> int:
        async with self._tools.db.transaction() as tx:
            await watching.notice(tx, door, book=await published.book(tx), at=look.at)
        after: LeadId | None = None
        for pages in range(_PAGES):
            async with self._tools.db.transaction() as tx:
                after = await watching.page(tx, door, after, book=await published.book(tx), at=look.at)
            if after is None:
                return pages
        return _PAGES
