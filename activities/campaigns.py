"""What a campaign does in one look: a page after another of members to enrol or runs to end, and what it waits for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from temporalio import activity
from temporalio.common import RetryPolicy

from activities.answers import BlockedRun, Look, Looked, looked
from activities.hand_offs import OVERDUE
from activities.heartbeat import MISSED_AFTER
from activities.timing import Timing, names_failures, sweep
from activities.tools import Tools
from leadloom.domain.model import CampaignId
from leadloom.store import campaign_stages, campaign_steps, published

ENROL = Timing(
    start_to_close_timeout=timedelta(minutes=10),
    heartbeat_timeout=MISSED_AFTER,
    # Three tries, then the campaign is shown with its error; what was decided before stays decided.
    retry_policy=RetryPolicy(
        maximum_attempts=3, initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=5)
    ),
)
"""A regular activity, because a look takes seconds and must say that it lives."""
_HANDS = 3
"""Pages in work at once: while two are relayed to Temporal the next is decided. The campaign's lock keeps the order."""


class CampaignEffects:
    """Effects of campaigns."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @activity.defn
    @names_failures
    async def move_campaign(self, look: Look) -> Looked:
        """Do what this look may do, and say what the campaign waits for.

        Safe to repeat: each page decides under the campaign's lock, in one transaction, whom no page has decided yet.
        """
        about, db = _campaign(look.about), self._tools.db
        async with db.read() as tx:
            quota = await campaign_steps.quota(tx, about, at=look.at)
        more = quota > 0
        while more:
            async with db.transaction() as tx:
                more = await campaign_steps.release(tx, about, book=await published.book(tx), at=look.at)
        await self._pages(about, quota, look)
        async with db.transaction() as tx:
            return looked(await campaign_steps.rest(tx, about, book=await published.book(tx), at=look.at))

    async def _pages(self, about: CampaignId, quota: int, look: Look) -> None:
        left = quota

        async def hand() -> None:
            nonlocal left
            while (limit := min(left, campaign_steps.PAGE)) > 0:
                left -= limit
                async with self._tools.db.transaction() as tx:
                    book = await published.book(tx)
                    done = await campaign_steps.page(tx, about, limit=limit, book=book, at=look.at)
                if done == 0:
                    return

        # Both to their end, whatever becomes of one: a page cut off amid its relay would be late for nothing.
        ends = await asyncio.gather(*(hand() for _ in range(_HANDS)), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end

    @activity.defn
    @names_failures
    async def block_campaign(self, blocked: BlockedRun) -> None:
        """Show what a look failed with. Safe to repeat: the same row says the same."""
        async with self._tools.db.transaction() as tx:
            await campaign_steps.block(tx, _campaign(blocked.about), blocked.error)

    @sweep
    @activity.defn
    @names_failures
    async def wake_overdue_campaigns(self, look: Look) -> int:
        """Queue a look for campaigns that sleep past their wait, or whose last run has ended. Safe to repeat."""
        async with self._tools.db.transaction() as tx:
            return await campaign_steps.wake_overdue(tx, overdue_since=look.at - OVERDUE)

    @sweep
    @activity.defn
    @names_failures
    async def hold_campaigns_in_trouble(self, look: Look) -> int:
        """Pause campaigns whose mails come back or are called spam too often. Safe to repeat: a paused one runs not."""
        async with self._tools.db.transaction() as tx:
            return await campaign_stages.hold_in_trouble(tx, book=await published.book(tx), at=look.at)


def _campaign(about: str) -> CampaignId:
    return CampaignId(UUID(about))
