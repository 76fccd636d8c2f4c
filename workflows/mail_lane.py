"""How mail leaves: drain what is due, sleep until the next is due, wake when an earlier one is planned."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import FailureError

from activities.answers import Drained, Look
from activities.lanes import DRAIN, LaneEffects
from workflows.waiting import LooksAgain, business_now


@workflow.defn
class MailLane(LooksAgain):
    """One lane (relay, provider group, shard). Rate, priority and fairness live in its drains (law 6)."""

    turn = 1
    """Behind a backlog of runs a lane would stand still with mail that is due."""

    @workflow.run
    async def run(self, about: str) -> None:
        """`about` is the lane's name. Runs for ever, continuing as new."""
        self.about = about
        while True:
            self._nudged = False
            try:
                drained = await self._drain()
            except FailureError as failure:
                # A dead worker's drain is tried again in seconds; a database that is away is asked less and less often.
                await self.recover(failure, None)
            else:
                self._failures = 0
                await self._rest(drained)
            self.continue_as_new_when_long()

    async def _drain(self) -> Drained:
        order = Look(about=self.about, at=business_now())
        return await workflow.execute_activity_method(LaneEffects.drain, order, **DRAIN, summary=self.about)

    async def _rest(self, drained: Drained) -> None:
        if not drained.more:
            # Parking stored this instant under the lane's lock, so an earlier plan will nudge us.
            await self.wait(drained.until, "its next due mail")
        elif drained.pause_s:
            await workflow.sleep(drained.pause_s, summary="keep the lane's rate")
