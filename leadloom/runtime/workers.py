"""Which workers a process runs: journeys (workflows and database steps) and mail (drains)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import timedelta

from temporalio.worker import Worker, WorkflowRunner

from activities.tools import Tools
from leadloom.domain.errors import Unreachable
from leadloom.domain.wake import JOURNEYS_QUEUE, MAIL_QUEUE
from leadloom.runtime import catalog
from leadloom.runtime.sandbox import sandbox
from leadloom.runtime.upkeep import keep_maintained, stays_maintained
from leadloom.runtime.versioning import deployment_of
from leadloom.runtime.wiring import House

_GRACE = timedelta(seconds=30)
"""How long a stopping worker lets activities finish. The wait after the dot may be longer: such a mail is listed."""


@contextlib.asynccontextmanager
async def working(
    house: House,
    tools: Tools,
    *,
    max_cached_workflows: int = 1000,
    runner: WorkflowRunner | None = None,
    extra: Sequence[Callable[..., object]] = (),
) -> AsyncGenerator[None]:
    """Poll both queues for the length of the block, and keep maintenance going.

    `extra` are activities beside those found in activities/: outside effects that only this process knows.
    """
    if house.temporal is None:
        raise Unreachable("Temporal", house.settings.temporal_address or "its profile", "a worker needs it; start one")
    methods = catalog.activity_methods(tools)
    # Without a cache sdk-core evicts a run whose local activity is under way as soon as another run has a task, and
    # cancels the activity (sdk-rust pull requests 1304, 1482). One task at a time leaves it nobody to make room for.
    one_by_one = max_cached_workflows == 0
    deployment = deployment_of(house.settings)
    journeys = Worker(
        house.temporal,
        task_queue=JOURNEYS_QUEUE,
        workflows=catalog.workflow_classes(),
        activities=[*methods, *extra],
        workflow_runner=runner or sandbox(),
        max_cached_workflows=max_cached_workflows,
        max_concurrent_workflow_tasks=1 if one_by_one else None,
        max_concurrent_workflow_task_polls=1 if one_by_one else 5,
        graceful_shutdown_timeout=_GRACE,
        deployment_config=deployment,
    )
    mail = Worker(
        house.temporal,
        task_queue=MAIL_QUEUE,
        activities=methods,
        max_concurrent_activities=house.settings.smtp_connections,
        graceful_shutdown_timeout=_GRACE,
        deployment_config=deployment,
    )
    async with journeys, mail:
        await keep_maintained(house.temporal, house.settings)
        upkeep = asyncio.create_task(stays_maintained(house.temporal, house.settings))
        try:
            yield
        finally:
            upkeep.cancel()
