"""How Temporal hears what was committed: signal-with-start of the workflow that must look again, in commit order."""

from __future__ import annotations

import asyncio

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from leadloom.domain.wake import CLOCK_AHEAD, JOURNEYS_QUEUE, LookAgain
from leadloom.store.db import OutboxRow

_AT_ONCE = 8
"""Calls in flight per relay: enough to hide the round trip, few enough for a development server."""


class Relay:
    """Tells Temporal. Twice is fine: an open workflow only looks again, and receivers re-read rows."""

    def __init__(self, client: Client, clock_ahead_s: float) -> None:
        self._client, self._clock_ahead_s = client, clock_ahead_s

    async def __call__(self, rows: list[OutboxRow]) -> None:
        """Start or wake each workflow. Raises the SDK's RPCError when Temporal doesn't answer."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def tell(call: LookAgain) -> None:
            async with gate:
                await self._tell(call)

        await asyncio.gather(*(tell(row.wake) for row in rows))

    async def _tell(self, call: LookAgain) -> None:
        await self._client.start_workflow(
            call.workflow,
            call.input,
            id=call.workflow_id,
            task_queue=JOURNEYS_QUEUE,
            start_signal="look_again",
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            # A finished run may be told again (a late event): it starts, reads its row, and ends at once.
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            memo={CLOCK_AHEAD: self._clock_ahead_s},
        )
