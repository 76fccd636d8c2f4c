"""How a notice reaches a channel or another system: posted, and tried again while it is worth it."""

from __future__ import annotations

from temporalio import workflow

from activities.answers import Blocked, BlockedRun, Look, Looked
from activities.notice_posts import ONE_POST, NoticePostEffects
from activities.timing import ONE_TRANSACTION
from workflows.waiting import LooksAgain, business_now


@workflow.defn
class NoticePost(LooksAgain):
    """One notice for one endpoint, until it went, the offer is over, or its worth has ended."""

    turn = 1
    """A rep's clock runs while it waits."""

    @workflow.run
    async def run(self, about: str) -> str:
        """`about` is the post's id. Returns what came of it."""
        self.about = about
        return await self.until_done(self._post, on_blocked=self._block)

    async def _post(self) -> Looked:
        order = Look(about=self.about, at=business_now())
        return await workflow.execute_activity_method(NoticePostEffects.post_notice, order, **ONE_POST)

    async def _block(self, blocked: Blocked) -> None:
        row = BlockedRun(about=self.about, error=blocked.error, at=blocked.at)
        await workflow.execute_local_activity_method(NoticePostEffects.block_notice_post, row, **ONE_TRANSACTION)
