"""How an audience comes into a journey: enrol a page, rest by the pace, until everybody is decided and has gone."""

from __future__ import annotations

from temporalio import workflow

from activities.answers import Blocked, BlockedRun, Look, Looked
from activities.campaigns import ENROL, CampaignEffects
from activities.timing import ONE_TRANSACTION
from workflows.waiting import LooksAgain, business_now


@workflow.defn
class Campaign(LooksAgain):
    """An audience sent into a journey. Which member is next, the pace, a pause and a stop are rows.

    A look is one effect, whatever the size of the audience; runs go on by themselves, and no event of theirs is here.
    """

    turn = 2
    """Behind the runs it has begun a pause would come late."""

    @workflow.run
    async def run(self, about: str) -> str:
        """`about` is the campaign's id. Returns how it ended."""
        self.about = about
        return await self.until_done(self._move, on_blocked=self._block)

    async def _move(self) -> Looked:
        order = Look(about=self.about, at=business_now())
        return await workflow.execute_activity_method(CampaignEffects.move_campaign, order, **ENROL)

    async def _block(self, blocked: Blocked) -> None:
        row = BlockedRun(about=self.about, error=blocked.error, at=blocked.at)
        await workflow.execute_local_activity_method(CampaignEffects.block_campaign, row, **ONE_TRANSACTION)
