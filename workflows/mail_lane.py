"""How mail leaves: drain what is due, sleep until the next is due, wake when an earlier one is planned."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.answers import Drained, Look
from activities.lanes import DRAIN, LaneEffects
from workflows.waiting import LooksAgain, business_now

_AFTER_FAILURE = timedelta(seconds=30)


@workflow.defn
class MailLane(LooksAgain):
    """One lane (relay, provider group, shard). Rate, priority and fairness live in its drains (law 6)."""

    @workflow.run
    async def run(self, about: str) -> None:
        """`about` is the lane's name. Runs for ever, continuing as new."""
        self.about = about
        while True:
            self._nudged = False
            drained = await self._drain()
            if drained is None:
                await self.wait(business_now() + _AFTER_FAILURE, "a drain that failed to be tried again")
            elif drained.more:
                if drained.pause_s:
                    await workflow.sleep(drained.pause_s, summary="keep the lane's rate")
            else:
                # Parking stored this instant under the lane's lock, so an earlier plan will nudge us.
                await self.wait(drained.until, "its next due mail")
            self.continue_as_new_when_long()

    async def _drain(self) -> Drained | None:
        order = Look(about=self.about, at=business_now())
        try:
            return await workflow.execute_activity_method(LaneEffects.drain, order, **DRAIN, summary=self.about)
        except ActivityError:
            workflow.logger.warning("drain failed", extra={"lane": self.about})
            return None
