"""What a definition with a date does by itself: it comes into force when its date comes, and its leads are judged."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import governing

_PAGES = 40
"""Pages of one round: it ends within its two minutes, and the next round goes on."""


class DefinitionEffects:
    """Effects about the definition."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def bring_definitions_into_force(self, look: Look) -> int:
        """Put what is approved in force once its date has come, and judge leads anew; how many leads.

        Safe to repeat: a draft in force stays so, each page holds its row and notes how far it came.
        """
        await governing.come_into_force(self._tools.db, at=look.at)
        return (await governing.apply(self._tools.db, most_pages=_PAGES)).judged
