"""What is told of a company concerns its people, who did nothing themselves: the sweep that lets their runs look."""

from __future__ import annotations

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import account_news

_PAGES = 50
"""Pages of one round: an import that told of thousands of companies wakes their people over several rounds."""


class AccountEffects:
    """Effects about companies."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def tell_people_of_companies(self, look: Look) -> int:
        """Let the runs look again whose company is known otherwise now; how many pages it took.

        Safe to repeat: a look changes nothing by itself, and a page that wasn't noted is looked at again.
        """
        del look  # news has no time of its own: it is told as soon as the sweep comes by
        for pages in range(_PAGES):
            async with self._tools.db.read() as tx:
                news = await account_news.oldest(tx)
            if news is None:
                return pages
            async with self._tools.db.transaction() as tx:
                last = await account_news.page(tx, news)
            async with self._tools.db.transaction() as tx:
                await account_news.came_to(tx, news, last)
        return _PAGES
