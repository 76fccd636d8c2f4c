"""What finds people who are in twice: the sweep behind the captures."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import matching, published

_PAGES = 10
"""Of one round: the rest waits for the next."""


class PeopleEffects:
    """Effects of who is who."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def find_duplicates(self, look: Look) -> int:
        """Look whether new and changed leads are people we know; how many were looked at.

        Safe to repeat: a lead leaves the list in the transaction that looked at it.
        """
        count = 0
        for _ in range(_PAGES):
            async with self._tools.db.transaction() as tx:
                looked = await matching.look(tx, book=await published.book(tx), at=look.at)
            count += looked.leads
            if looked.leads < matching.PAGE:
                break
        return count
