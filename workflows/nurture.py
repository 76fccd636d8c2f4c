"""How one lead goes through one journey written as data: look at where the run stands, wait, look again."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.answers import Blocked, BlockedRun, Look, Looked, OutsideCall
from activities.runs import RunEffects
from activities.timing import ONE_TRANSACTION
from workflows.waiting import LooksAgain, business_now

_OUTSIDE = RetryPolicy(
    maximum_attempts=3, initial_interval=timedelta(seconds=10), maximum_interval=timedelta(minutes=5)
)


@workflow.defn
class Nurture(LooksAgain):
    """A run. The interpreter is `domain.progress.next_move`, called by `advance` in the transaction that acts on it,

    so every journey has this one command sequence, and a mended interpreter breaks no sleeping run.
    """

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
        order = Look(about=self.about, at=business_now())
        return await workflow.execute_local_activity_method(RunEffects.advance_run, order, **ONE_TRANSACTION)

    async def _call(self, looked: Looked) -> None:
        """An outside effect, safe to repeat by its key; only when it has answered does the run move on."""
        key = OutsideCall(about=self.about, step=looked.step or "", visit=looked.visit or 1, at=business_now())
        self._calling = key
        await workflow.execute_activity(
            looked.activity or "",
            key,
            start_to_close_timeout=timedelta(minutes=5),
            retry_policy=_OUTSIDE,
            summary=f"step {key.step}",
        )
        self._calling = None
        await workflow.execute_local_activity_method(RunEffects.note_called, key, **ONE_TRANSACTION)

    async def _block(self, blocked: Blocked) -> bool:
        call, self._calling = self._calling, None
        step, visit = (call.step, call.visit) if call else (None, None)
        row = BlockedRun(about=self.about, error=blocked.error, at=blocked.at, step=step, visit=visit)
        # Histories of before hold no answer: None is no.
        return bool(await workflow.execute_local_activity_method(RunEffects.block_run, row, **ONE_TRANSACTION))
