"""What is done about companies behind the captures: which two are one, and whose runs must look at what was told."""

from __future__ import annotations

from functools import cached_property

from publicsuffixlist import PublicSuffixList
from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.store import account_news, company_matching

_PAGES = 50
"""Pages of one round: an import that told of thousands of companies wakes their people over several rounds."""


class AccountEffects:
    """Effects about companies."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @cached_property
    def _suffixes(self) -> PublicSuffixList:
        """Read when the first company is compared: a worker that compares none needs no list."""
        return PublicSuffixList()

    @sweep
    @activity.defn
    @names_failures
    async def match_companies(self, look: Look) -> int:
        """Compare companies that are new, or called otherwise now, with those we know; how many were compared.

        Safe to repeat: a company leaves the list in the transaction that compared it.
        """
        count = 0
        for _ in range(_PAGES):
            async with self._tools.db.transaction() as tx:
                looked = await company_matching.look(tx, registrable=self._suffixes.privatesuffix, at=look.at)
            count += looked.companies
            if looked.companies < company_matching.PAGE:
                break
        return count

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
