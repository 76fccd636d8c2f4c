"""How one hand-off is kept: offer, remind, escalate, until somebody really answers and really tries."""

from __future__ import annotations

from temporalio import workflow

from activities.answers import Blocked, BlockedRun, Look, Looked
from activities.hand_offs import HandOffEffects
from activities.timing import ONE_TRANSACTION
from workflows.waiting import LooksAgain, business_now


@workflow.defn
class HandOff(LooksAgain):
    """One offer of one lead to one owner at a time, with a clock.

    Owner → deputy → manager → pool, each on their own business calendar; ends accepted, rejected with a reason or
    recycled with a date, and after an acceptance only when the first attempt was made or its deadline was named.
    Decisions race on the row, not here: this workflow only keeps the time.
    """

    turn = 1
    """Behind a backlog of runs a rep's clock would tick unheard."""
    one_per_lead = True

    @workflow.run
    async def run(self, about: str) -> str:
        """`about` is the hand-off's id. Returns how it ended."""
        self.about = about
        return await self.until_done(self._advance, on_blocked=self._block)

    async def _advance(self) -> Looked:
        order = Look(about=self.about, at=business_now())
        return await workflow.execute_local_activity_method(HandOffEffects.advance_hand_off, order, **ONE_TRANSACTION)

    async def _block(self, blocked: Blocked) -> None:
        row = BlockedRun(about=self.about, error=blocked.error, at=blocked.at)
        await workflow.execute_local_activity_method(HandOffEffects.block_hand_off, row, **ONE_TRANSACTION)
