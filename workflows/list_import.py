"""How a list comes in that somebody sent by the browser: a worker takes it, and another goes on if that one dies."""

from __future__ import annotations

from temporalio import workflow

from activities.answers import Blocked, BlockedRun, Look, Looked
from activities.lists import WHOLE_LIST, ListEffects
from activities.timing import ONE_TRANSACTION
from workflows.waiting import LooksAgain, business_now


@workflow.defn
class ListImport(LooksAgain):
    """A list that is rehearsed or brought in. Which of the two, how far it is, and a cancellation are rows.

    It ends with each look: what somebody makes of a rehearsal may come tomorrow, and begins it again.
    """

    turn = 4
    """Nobody waits for it but whoever sent it: mails and hand-offs go first."""

    @workflow.run
    async def run(self, about: str) -> str:
        """`about` is the upload's id. Returns what came of it."""
        self.about = about
        return await self.until_done(self._take, on_blocked=self._block)

    async def _take(self) -> Looked:
        order = Look(about=self.about, at=business_now())
        return await workflow.execute_activity_method(ListEffects.take_list, order, **WHOLE_LIST)

    async def _block(self, blocked: Blocked) -> None:
        row = BlockedRun(about=self.about, error=blocked.error, at=blocked.at)
        await workflow.execute_local_activity_method(ListEffects.block_list, row, **ONE_TRANSACTION)
