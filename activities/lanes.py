"""What a lane does: drain a page of due mails, and the sweeps that settle what a dead worker left at its dot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from math import ceil

from temporalio import activity
from temporalio.common import RetryPolicy

from activities import delivery, letters
from activities.answers import Drained, Look
from activities.hand_offs import OVERDUE
from activities.heartbeat import MISSED_AFTER
from activities.ledger import Ledger
from activities.timing import Timing, names_failures, sweep
from activities.tools import Tools
from leadloom.domain.definitions.delivery_policy import MAIN
from leadloom.domain.wake import MAIL_QUEUE
from leadloom.store import calendars, lanes, messages, outbox, paces, published, routes, sender_domains
from leadloom.store.published import Book

DRAIN = Timing(
    # Above the ten minutes a relay may think after the dot, so that its answer is never thrown away.
    start_to_close_timeout=timedelta(minutes=15),
    heartbeat_timeout=MISSED_AFTER,
    retry_policy=RetryPolicy(maximum_attempts=1),
    task_queue=MAIL_QUEUE,
)
"""One attempt: the lane itself looks again, and what a dead drain held is freed by its lease."""
PAGE = timedelta(seconds=2)
"""A drain takes at most as many mails as its lane may send in this time."""
CLAIM = 250
"""Mails of one claim: a drain of more claims on while it sends, and a dead worker holds few."""
FIRST_CLAIM = 64
"""Mails of a drain's first claim, for which all connections wait; the following double."""
LULL = timedelta(seconds=0.3)
"""A busy lane looks again after so long before it parks (decision 0012). Mail that is planned meanwhile waits for it:
well within the second between slot and DATA."""
BUSY = 5
"""Mails of a claim that make it likely that more are being planned just now."""
_OUTBOX_AGE = timedelta(seconds=5)
"""Wall time a wake-up is left to the relay at commit before the sweep takes it."""


async def _pages(
    tools: Tools, look: Look, ledger: Ledger, *, book: Book, most: int
) -> AsyncGenerator[Sequence[letters.Draft], None]:
    """The lane's due mails, in claims of `CLAIM` at most, until `most` are claimed or the lane is quiet.

    Business time moves on by the time that passes here, so that a busy lane's next claim sees what became due.
    """
    clock = asyncio.get_running_loop().time
    began, left, size = clock(), most, FIRST_CLAIM
    while left > 0:
        limit, size = min(left, size), min(2 * size, CLAIM)
        page = await letters.claim(tools, look.about, limit=limit, book=book, at=ledger.at)
        for outcome in page.failed:
            ledger.settle(outcome)
        if not page.drafts and not page.kept:
            return
        left -= len(page.drafts)
        ledger.claimed += len(page.drafts)
        if page.drafts:
            yield page.drafts
        if len(page.drafts) + page.kept < limit:
            # That was all. Whatever is planned from now on, parking would see it: ending here loses no mail.
            if len(page.drafts) < BUSY or clock() - began > PAGE.total_seconds():
                return
            await asyncio.sleep(LULL.total_seconds())
        ledger.at = look.at + timedelta(seconds=clock() - began)


class LaneEffects:
    """Effects of mail lanes and of the outbox."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @activity.defn
    @names_failures
    async def drain(self, look: Look) -> Drained:
        """Send what is due in a lane, two seconds' worth at most. Safe to repeat: a mail goes by its claim's mark."""
        tools = self._tools
        began = tools.wall_now()
        async with tools.db.transaction() as tx:
            book = await published.book(tx)
            per_second = (await lanes.get(tx, look.about)).per_second
        ledger = Ledger(tools, book, look.at)
        pages = _pages(tools, look, ledger, book=book, most=max(1, int(per_second * PAGE.total_seconds())))
        heard = await delivery.deliver(tools, pages, ledger)
        async with tools.db.transaction() as tx:
            resting = await routes.write(
                tx, taking=heard.taking, resting=heard.resting, at=ledger.at, first=tools.patience.first_retry
            )
            if all(heard.rests_whole(relay) for relay in tools.relays):
                why = heard.resting[MAIN, "*"].reply
                await lanes.rest(tx, look.about, until=min(resting[relay, "*"] for relay in tools.relays), why=why)
            parked = await lanes.park(tx, look.about, at=ledger.at)
        rest = ledger.claimed / per_second - (tools.wall_now() - began).total_seconds()
        return Drained(sent=ledger.sent, more=parked.due_now, until=parked.until, pause_s=max(0, ceil(rest * 10) / 10))

    @sweep
    @activity.defn
    @names_failures
    async def free_stale_claims(self, look: Look) -> int:
        """Free claims of dead workers, and call uncertain what they left at the dot. Safe to repeat: by state."""
        tools, now = self._tools, self._tools.wall_now()
        async with tools.db.transaction() as tx:
            await messages.mark_lost_uncertain(tx, wall_before=now - tools.patience.grace)
            return await messages.release_stale_claims(tx, wall_before=now - tools.patience.lease, at=look.at)

    @sweep
    @activity.defn
    @names_failures
    async def wake_overdue_lanes(self, look: Look) -> int:
        """Queue a look for lanes that sleep through due mail. Safe to repeat: a look changes nothing by itself."""
        async with self._tools.db.transaction() as tx:
            return await lanes.wake_overdue(tx, overdue_since=look.at - OVERDUE)

    @sweep
    @activity.defn
    @names_failures
    async def release_ended_holds(self, look: Look) -> int:
        """Plan held mails again whose hold has ended. Safe to repeat: a plan is computed, not counted."""
        async with self._tools.db.transaction() as tx:
            return await calendars.sweep_holds(tx, book=await published.book(tx), at=look.at)

    @sweep
    @activity.defn
    @names_failures
    async def watch_complaints(self, look: Look) -> int:
        """Stop sender domains that too many people call spam, and forget old paces. Safe to repeat: it counts anew."""
        async with self._tools.db.transaction() as tx:
            book = await published.book(tx)
            await paces.forget(tx, at=look.at)
            return await sender_domains.look(tx, definition=book.definition, at=look.at)

    @sweep
    @activity.defn
    @names_failures
    async def relay_outbox(self, look: Look) -> int:
        """Tell Temporal what the relay at commit could not. Safe to repeat: being told twice is harmless (law 5)."""
        db = self._tools.db
        if db.relay is None:
            return 0
        async with db.transaction() as tx:
            swept = await outbox.sweep(tx, db.relay, wall_age=_OUTBOX_AGE)
        return swept.relayed
