"""What goes on with a publication, or a resume, whose process died amid the runs: a page at a time, to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import pauses, publication_steps, publications, published
from leadloom.store.tx import Tx

_PAGES = 100
"""Pages of one round: the next round takes the rest."""


class PublicationEffects:
    """Effects of publications of journeys."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def finish_publications(self, look: Look) -> int:
        """Move the runs that a publication has left; how many. Safe to repeat: each page goes on from its cursor."""
        async with self._tools.db.read() as tx:
            left = await publications.under_way(tx)

        async def page(tx: Tx, publication_id: UUID) -> int:
            return await publication_steps.move_page(tx, publication_id, at=look.at)

        return await self._to_their_ends(left, page)

    @sweep
    @activity.defn
    @names_failures
    async def finish_resumes(self, look: Look) -> int:
        """Wake the runs that a resume has left; how many. Safe to repeat: each page goes on from its cursor."""
        async with self._tools.db.read() as tx:
            left = await pauses.under_way(tx)

        async def page(tx: Tx, pause_id: UUID) -> int:
            return await pauses.wake_page(tx, pause_id, book=await published.book(tx), at=look.at)

        return await self._to_their_ends(left, page)

    async def _to_their_ends(self, left: Iterable[UUID], page: Callable[[Tx, UUID], Awaitable[int]]) -> int:
        """A transaction a page, until each has none left or its round is over; how many runs."""
        runs = 0
        for each in left:
            for _ in range(_PAGES):
                async with self._tools.db.transaction() as tx:
                    done = await page(tx, each)
                runs += done
                if not done:
                    break
        return runs
