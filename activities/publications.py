"""What goes on with a publication, or a resume, whose process died amid the runs: a page at a time, to its end."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import pauses, publication_steps, publications, published

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
        moved = 0
        for publication_id in left:
            for _ in range(_PAGES):
                async with self._tools.db.transaction() as tx:
                    page = await publication_steps.move_page(tx, publication_id, at=look.at)
                moved += page
                if not page:
                    break
        return moved

    @sweep
    @activity.defn
    @names_failures
    async def finish_resumes(self, look: Look) -> int:
        """Wake the runs that a resume has left; how many. Safe to repeat: each page goes on from its cursor."""
        async with self._tools.db.read() as tx:
            left = await pauses.under_way(tx)
        woken = 0
        for pause_id in left:
            for _ in range(_PAGES):
                async with self._tools.db.transaction() as tx:
                    page = await pauses.wake_page(tx, pause_id, book=await published.book(tx), at=look.at)
                woken += page
                if not page:
                    break
        return woken
