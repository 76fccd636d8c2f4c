"""How Temporal hears what was committed: a start for what begins, signal-with-start for what must look again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from leadloom.domain.wake import CLOCK_AHEAD, JOURNEYS_QUEUE, LookAgain
from leadloom.runtime import catalog
from leadloom.store.outbox import OutboxRow, Untold

_AT_ONCE = 16
"""Calls in flight per relay: enough to hide the round trip, few enough for a development server."""
_PATIENCE = timedelta(seconds=3)
"""Whoever posts a form waits for Temporal no longer than this; what it has not heard by then the sweep tells it."""
_PAGE_PATIENCE = timedelta(seconds=30)
"""A page of a campaign comes from no form: a server that is busy for a while is waited for."""


class Relay:
    """Tells Temporal. Twice is fine: an open workflow only looks again, and receivers re-read rows."""

    def __init__(self, client: Client, clock_ahead_s: float) -> None:
        self._client, self._clock_ahead_s = client, clock_ahead_s

    async def __call__(self, rows: list[OutboxRow]) -> None:
        """Start or wake each workflow. Raises Untold when Temporal did not answer for each of them."""
        gate = asyncio.Semaphore(_AT_ONCE)
        patience = _PAGE_PATIENCE if all(row.wake.no_hurry for row in rows) else _PATIENCE

        async def tell(call: LookAgain) -> None:
            # The SDK's own timeout is one of each try, and it tries for ten seconds.
            async with gate, asyncio.timeout(patience.total_seconds()):
                await self._tell(call)

        ends = await asyncio.gather(*(tell(row.wake) for row in rows), return_exceptions=True)
        told: list[OutboxRow] = []
        failures: list[Exception] = []
        for row, end in zip(rows, ends, strict=True):
            if isinstance(end, Exception):
                failures.append(end)
            elif end is not None:
                raise end  # cancelled, or the interpreter is at its end
            else:
                told.append(row)
        if failures:
            raise Untold(told, failures[0])

    async def _tell(self, call: LookAgain) -> None:
        await self._client.start_workflow(
            call.workflow,
            call.input,
            id=call.workflow_id,
            task_queue=JOURNEYS_QUEUE,
            # Whoever has just begun looks anyway: the signal would only be one more event of its history.
            start_signal=None if call.begins else "look_again",
            # A nudge meanwhile is a signal with start, which ends the delay: the run hears it at once.
            start_delay=timedelta(seconds=call.after_s) if call.after_s else None,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            # A finished run may be told again (a late event): it starts, reads its row, and ends at once.
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            memo={CLOCK_AHEAD: self._clock_ahead_s},
            priority=Priority(priority_key=catalog.turn_of(call.workflow)),
        )
