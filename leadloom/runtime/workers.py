"""Which workers a process runs: journeys (workflows and database steps) and mail (drains)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import Worker, WorkflowRunner

from activities.answers import MaintenanceOrder
from activities.tools import Tools
from leadloom.domain.errors import Unreachable
from leadloom.domain.wake import CLOCK_AHEAD, JOURNEYS_QUEUE, MAIL_QUEUE
from leadloom.runtime import catalog
from leadloom.runtime.temporal import sandbox
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
    journeys = Worker(
        house.temporal,
        task_queue=JOURNEYS_QUEUE,
        workflows=catalog.workflow_classes(),
        activities=[*methods, *extra],
        workflow_runner=runner or sandbox(),
        max_cached_workflows=max_cached_workflows,
        graceful_shutdown_timeout=_GRACE,
    )
    mail = Worker(
        house.temporal,
        task_queue=MAIL_QUEUE,
        activities=methods,
        max_concurrent_activities=house.settings.smtp_connections,
        graceful_shutdown_timeout=_GRACE,
    )
    async with journeys, mail:
        await keep_maintained(house.temporal, house)
        yield


async def keep_maintained(client: Client, house: House) -> None:
    """Start the maintenance loop if it isn't running. One per namespace, whoever starts it."""
    order = MaintenanceOrder(sweeps=tuple(catalog.sweeps()), every_s=house.settings.maintenance_every_s)
    await client.start_workflow(
        "Maintenance",
        order,
        id="maintenance",
        task_queue=JOURNEYS_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        memo={CLOCK_AHEAD: house.settings.clock_ahead_s},
    )
