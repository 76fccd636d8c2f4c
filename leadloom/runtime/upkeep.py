"""Who sees to it that the sweeps run? A Schedule, where the server has them; a workflow that loops, where it hasn't."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import Priority, WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.answers import MaintenanceOrder
from leadloom.domain import wake
from leadloom.domain.wake import CLOCK_AHEAD, JOURNEYS_QUEUE
from leadloom.runtime import catalog
from leadloom.runtime.settings import Settings

MAINTENANCE = "maintenance"
"""Id of the Schedule, and of the loop: one per namespace, whoever starts it."""
_LOOKS_EVERY = 5.0
"""Seconds between two looks at least, whatever the rhythm of the sweeps."""


async def keep_maintained(client: Client, settings: Settings) -> None:
    """Have the sweeps run every `maintenance_every_s`. Twice is once; a changed rhythm or list of sweeps is taken over.

    Raises RPCError when the server doesn't answer.
    """
    schedule = _schedule(settings)
    try:
        await client.create_schedule(MAINTENANCE, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(MAINTENANCE).update(lambda found: _like(found, schedule))
    except RPCError as error:
        if error.status is not RPCStatusCode.UNIMPLEMENTED:
            raise
        await _loop(client, settings)


async def stays_maintained(client: Client, settings: Settings) -> None:
    """See to it again and again, until cancelled: a Temporal that lost its store knows of no Schedule any more.

    What is there is left as it is. A Temporal that is away is asked again at the next round.
    """
    while True:
        await asyncio.sleep(max(settings.maintenance_every_s, _LOOKS_EVERY))
        with contextlib.suppress(RPCError, RuntimeError):
            await _ensure(client, settings)


async def _ensure(client: Client, settings: Settings) -> None:
    try:
        with contextlib.suppress(ScheduleAlreadyRunningError):
            await client.create_schedule(MAINTENANCE, _schedule(settings))
    except RPCError as error:
        if error.status is not RPCStatusCode.UNIMPLEMENTED:
            raise
        await _loop(client, settings)


def _order(settings: Settings, *, once: bool) -> MaintenanceOrder:
    return MaintenanceOrder(sweeps=tuple(catalog.sweeps()), every_s=settings.maintenance_every_s, once=once)


def _schedule(settings: Settings) -> Schedule:
    every = timedelta(seconds=settings.maintenance_every_s)
    return Schedule(
        action=ScheduleActionStartWorkflow(
            wake.MAINTENANCE,
            _order(settings, once=True),
            id=MAINTENANCE,
            task_queue=JOURNEYS_QUEUE,
            memo={CLOCK_AHEAD: settings.clock_ahead_s},
            priority=Priority(priority_key=catalog.turn_of(wake.MAINTENANCE)),
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        # A round that takes longer than its interval is not joined by another; missed rounds are not made up for.
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=every),
    )


def _like(found: ScheduleUpdateInput, wanted: Schedule) -> ScheduleUpdate:
    """The wanted schedule in the state the operator left it in: a pause stays a pause."""
    wanted.state = found.description.schedule.state
    return ScheduleUpdate(schedule=wanted)


async def _loop(client: Client, settings: Settings) -> None:
    await client.start_workflow(
        wake.MAINTENANCE,
        _order(settings, once=False),
        id=MAINTENANCE,
        task_queue=JOURNEYS_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        memo={CLOCK_AHEAD: settings.clock_ahead_s},
        priority=Priority(priority_key=catalog.turn_of(wake.MAINTENANCE)),
    )
