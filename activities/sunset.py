"""What is done about people who never answered a letter: once a day they are looked for, and asked whether to go on."""

from __future__ import annotations

from datetime import date

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import published, sunset


class SunsetEffects:
    """Effects on people who never answered."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._looked_on: date | None = None
        """The day all were asked; looking for them reads every letter that was sent, and a day more is no harm."""

    @sweep
    @activity.defn
    @names_failures
    async def ask_who_never_answered(self, look: Look) -> int:
        """Tell of whoever fell under the sunset policy; how many. Safe to repeat: once for each lead."""
        if self._looked_on == look.at.date():
            return 0
        async with self._tools.db.transaction() as tx:
            asked = await sunset.ask_the_silent(tx, book=await published.book(tx), at=look.at)
        if asked < sunset.AT_A_TIME:
            self._looked_on = look.at.date()
        return asked
