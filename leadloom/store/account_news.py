"""Whom does news about a company concern? Its people, who did nothing themselves: their runs look again, page by page.

What was told is noted in the transaction that told it. The sweep goes on from a cursor: a company of ten thousand
wakes nobody all at once, and a kill loses nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from leadloom.domain.model import AccountId, LeadId
from leadloom.store import colleagues, listeners
from leadloom.store.published import Book
from leadloom.store.tx import Engaged, Tx

PAGE = 200
"""Leads held in one transaction."""


class News(NamedTuple):
    """A company about which something was told that not all of its people have been woken for."""

    account_id: AccountId
    told: int
    """How often, since the note was made: another time begins anew."""
    after: LeadId | None
    """How far the sweep has come."""


async def note(tx: Tx, account_ids: Collection[AccountId], *, at: datetime) -> None:
    """Something new is known of these companies; the caller holds them. Twice is once for whoever looks later."""
    if account_ids:
        await tx.run("note_news", account_ids=sorted(account_ids), at=at)


def engaged(tx: Tx, account_ids: Iterable[AccountId], *, book: Book, at: datetime) -> None:
    """People of these companies earned or lost points: news for their colleagues, if a journey asks for companies.

    Noted just before the commit (`of_commit`), in one statement: whoever waits there for another transaction holds all
    it will ever hold. A run that looks for the first time at this very moment may miss it; it looks once a day besides.
    """
    if hashes := colleagues.versions_that_ask(book):
        tx.engaged.update(dict.fromkeys(account_ids, Engaged(hashes, at)))


async def of_commit(tx: Tx) -> None:
    """Write what was kept for the end of the transaction."""
    if tx.engaged:
        hashes = sorted({one for each in tx.engaged.values() for one in each.journey_hashes})
        at = max(each.at for each in tx.engaged.values())
        await tx.run("note_engaged", account_ids=sorted(tx.engaged), journey_hashes=hashes, at=at)


async def oldest(tx: Tx) -> News | None:
    """The company whose people wait longest; None when nobody waits."""
    row = await tx.maybe("oldest_news")
    return None if row is None else News(row["account_id"], row["told"], row["after_lead"])


async def page(tx: Tx, news: News, *, limit: int = PAGE) -> LeadId | None:
    """Let the next runs look that ask for what may have changed; the last lead of the page, None when it is the last.

    The leads are held first: a run that was about to wait by what was known before has then said what it listens to.
    """
    rows = await tx.all("leads_of_news", account_id=news.account_id, after=news.after, page_limit=limit)
    await listeners.changed(tx, [row["lead_id"] for row in rows])
    return rows[-1]["lead_id"] if len(rows) == limit else None


async def came_to(tx: Tx, news: News, last: LeadId | None) -> None:
    """Note how far the sweep has come, or forget the news; what was told anew meanwhile begins anew.

    A transaction of its own: who tells of a company holds leads before the note, as the page does after it.
    """
    known = {"account_id": news.account_id, "told": news.told}
    if last is None:
        await tx.run("forget_news", **known)
    else:
        await tx.run("news_came_to", **known, after=last)
