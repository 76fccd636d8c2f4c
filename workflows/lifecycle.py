"""How a lead lives: captured, qualified, handed off, recycled, customer, advocate; awake only while a clock runs."""

from __future__ import annotations

from temporalio import workflow

from activities.answers import Look, Looked
from activities.lifecycle import LifecycleEffects
from activities.timing import ONE_TRANSACTION
from workflows.waiting import LooksAgain, business_now


@workflow.defn
class LeadLifecycle(LooksAgain):
    """capture → qualify → (asked to talk: hand off | nurture until ready) → hand off → (recycle → nurture …)

    → customer → adopted → advocate.

    What needs no time is decided in the transaction that records an event: gates, entries, exits, hand-offs. What
    needs time is here: cooling, the recycle date, a promise of sales, a repair, inactivity. The lifecycle lives while
    the lead holds such a clock, completes otherwise, and is started again when a gate is crossed.
    """

    turn = 4
    """A clock that strikes a little later changes nothing anybody waits for."""
    one_per_lead = True

    @workflow.run
    async def run(self, about: str) -> str:
        """`about` is the lead's id. Returns `no clock runs` when there is nothing to wait for."""
        self.about = about
        return await self.until_done(self._strike_due_clocks)

    async def _strike_due_clocks(self) -> Looked:
        order = Look(about=self.about, at=business_now())
        return await workflow.execute_local_activity_method(LifecycleEffects.strike_clocks, order, **ONE_TRANSACTION)
