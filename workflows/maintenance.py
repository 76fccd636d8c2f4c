"""What repairs: each noun's sweep by turns. Where there are Schedules one starts this; elsewhere it loops."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.answers import Look, MaintenanceOrder
from activities.timing import SWEEP
from leadloom.domain.wake import CLOCK_AHEAD
from workflows.waiting import business_now


@workflow.defn
class Maintenance:
    """A sweep finds rows that a crash left behind and wakes whoever is to look. It decides nothing itself."""

    turn = 1
    """Handed on to the sweeps: what repairs a backlog must not wait in it."""

    @workflow.run
    async def run(self, order: MaintenanceOrder) -> None:
        """One round when `order.once`, else rounds for ever, continuing as new."""
        while True:
            for name in order.sweeps:
                await self._sweep(name)
            if order.once:
                return
            await workflow.sleep(timedelta(seconds=order.every_s), summary="next round of sweeps")
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(order, memo={CLOCK_AHEAD: workflow.memo_value(CLOCK_AHEAD, default=0.0)})

    async def _sweep(self, name: str) -> None:
        try:
            await workflow.execute_activity(name, Look(about=name, at=business_now()), **SWEEP, summary=name)
        except ActivityError:
            # The next round tries again; a sweep that keeps failing shows in the worker's log and in `doctor`.
            workflow.logger.warning("sweep failed", extra={"sweep": name})
