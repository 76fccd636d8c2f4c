"""What is the least a run can be? The same waits between steps that do nothing, on Temporal alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from benchmarks._bare_worker import BARE_QUEUE


@activity.defn
async def nothing(about: str) -> str:
    """The step that does nothing."""
    return about


ACTIVITIES = (nothing,)


@workflow.defn
class BareRun:
    """Three local activities with two timers between them: the shape of three mails and two waits."""

    @workflow.run
    async def run(self, wait_s: float) -> str:
        """Waits of `wait_s` seconds."""
        about = workflow.info().workflow_id
        for pause in (wait_s, wait_s, None):
            await workflow.execute_local_activity(nothing, about, start_to_close_timeout=timedelta(seconds=20))
            if pause is not None:
                await workflow.sleep(pause)
        return "finished"


async def start(client: Client, count: int, wait_s: float, *, at_once: int, first: int = 0) -> None:
    """Start so many, as many calls in flight as our relay has."""
    gate = asyncio.Semaphore(at_once)

    async def one(no: int) -> None:
        async with gate:
            await client.start_workflow(
                BareRun.run,
                wait_s,
                id=f"bare/{no}",
                task_queue=BARE_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )

    await asyncio.gather(*(one(no) for no in range(first, first + count)))


async def all_ended(client: Client, count: int) -> None:
    """Return when so many have completed: the server counts, nobody polls each."""
    query = "ExecutionStatus = 'Completed' AND WorkflowType = 'BareRun'"
    while (await client.count_workflows(query)).count < count:
        await asyncio.sleep(0.1)
