"""How one lead goes through one journey written as data: look at where the run stands, wait, look again."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.answers import Blocked, BlockedRun, Look, Looked, OutsideCall
from activities.runs import RunEffects
from activities.timing import ONE_TRANSACTION
from workflows.waiting import LooksAgain, business_now, is_transient, words_of

_OUTSIDE = RetryPolicy(
    maximum_attempts=3, initial_interval=timedelta(seconds=10), maximum_interval=timedelta(minutes=5)
)
_AWAY_LEADS_ON = "an outside effect that is away leads on"
"""Runs of before wait for a service that doesn't answer, whatever their step says."""


@workflow.defn
class Nurture(LooksAgain):
    """A run. The interpreter is `domain.progress.next_move`, called by `advance` in the transaction that acts on it,

    so every journey has this one command sequence, and a mended interpreter breaks no sleeping run.
    """

    one_per_lead = True

    def __init__(self) -> None:
        super().__init__()
        self._calling: OutsideCall | None = None
        """The outside effect under way."""

    @workflow.run
    async def run(self, about: str) -> str:
        """`about` is the enrolment's id. Returns the outcome the row was closed with."""
        self.about = about
        return await self.until_done(self._advance, on_blocked=self._block, call=self._call)

    async def _advance(self) -> Looked:
        self._calling = None
        order = Look(about=self.about, at=business_now())
        return await workflow.execute_local_activity_method(RunEffects.advance_run, order, **ONE_TRANSACTION)

    async def _call(self, looked: Looked) -> None:
        """An outside effect, safe to repeat by its key; only when it has answered does the run move on.

        One that didn't answer in three tries is left behind if the step says how to go on without; else it is tried
        for as long as it takes.
        """
        key = OutsideCall(about=self.about, step=looked.step or "", visit=looked.visit or 1, at=business_now())
        self._calling = key
        try:
            await workflow.execute_activity(
                looked.activity or "",
                key,
                start_to_close_timeout=timedelta(minutes=5),
                retry_policy=_OUTSIDE,
                summary=f"step {key.step}",
            )
        except ActivityError as failure:
            if is_cancelled_exception(failure) or not is_transient(failure) or not await self._leads_on(key, failure):
                raise
            return
        self._calling = None
        await workflow.execute_local_activity_method(RunEffects.note_called, key, **ONE_TRANSACTION)

    async def _leads_on(self, call: OutsideCall, failure: ActivityError) -> bool:
        if not workflow.patched(_AWAY_LEADS_ON):
            return False
        row = BlockedRun(about=self.about, error=words_of(failure), at=business_now(), step=call.step, visit=call.visit)
        return await workflow.execute_local_activity_method(RunEffects.lead_on, row, **ONE_TRANSACTION)

    async def _block(self, blocked: Blocked) -> bool:
        call, self._calling = self._calling, None
        step, visit = (call.step, call.visit) if call else (None, None)
        row = BlockedRun(about=self.about, error=blocked.error, at=blocked.at, step=step, visit=visit)
        # Histories of before hold no answer: None is no.
        return bool(await workflow.execute_local_activity_method(RunEffects.block_run, row, **ONE_TRANSACTION))
