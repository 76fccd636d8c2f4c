"""What finds people who are in twice: the sweep behind the captures."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.domain.model import LeadId
from leadloom.store import matching

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

        Safe to repeat: a lead leaves the list in the transaction that writes what follows for them.
        """
        count, left = 0, set[LeadId]()
        for _ in range(_PAGES):
            looked = await matching.look(self._tools.db, at=look.at, left=left)
            count += looked.leads
            left |= set(looked.left)
            if looked.leads == 0:
                break
        return count
