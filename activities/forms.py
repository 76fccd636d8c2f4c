"""What is done about forms, later: a post that nobody looked at isn't kept for ever."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import form_posts


class FormEffects:
    """Effects on posts of forms that are held."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def let_held_posts_go(self, look: Look) -> int:
        """Let go of posts nobody looked at in time (form_posts.KEPT); how many. Safe to repeat: by state."""
        async with self._tools.db.transaction() as tx:
            return await form_posts.drop_old(tx, at=look.at)
