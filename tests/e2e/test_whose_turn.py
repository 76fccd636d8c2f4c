"""When thousands wait for a worker, does mail that is due wait behind them?"""

from __future__ import annotations

import asyncio
from datetime import datetime

from leadloom.domain.wake import lane_looks
from tests.acts_in_house import comes, run_of
from tests.live_house import LiveHouse

CROWD = 40


async def test_a_lane_that_wakes_last_is_served_before_the_runs_that_queue(live: LiveHouse) -> None:
    crowd = [await comes(live, f"reader{no}.torres", "exploring_told") for no in range(CROWD)]
    runs = [f"run/{(await run_of(live, lead, 'two-letters')).enrolment_id}" for lead in crowd]
    async with live.db.transaction() as tx:
        tx.look_again(lane_looks("default/0"))
    async with live.worker(), asyncio.timeout(60):
        lane = await first_turn(live, "lane/default/0")
        turns = [await first_turn(live, run) for run in runs]
    assert sum(turn < lane for turn in turns) < CROWD / 2


async def first_turn(live: LiveHouse, workflow_id: str) -> datetime:
    """When a worker took the workflow up for the first time."""
    handle = live.temporal.get_workflow_handle(workflow_id)
    while True:
        for event in (await handle.fetch_history()).events:
            if event.HasField("workflow_task_started_event_attributes"):
                return event.event_time.ToDatetime()
        await asyncio.sleep(0.1)
