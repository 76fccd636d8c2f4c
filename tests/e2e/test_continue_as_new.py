"""Is no nudge lost when runs and lanes continue as new again and again?"""

from __future__ import annotations

import asyncio

from leadloom.store import lanes
from tests.acts_in_house import comes, does, lets_try_again, rows, run_of
from tests.live_house import LiveHouse, chain

REPLIES = 28


async def test_each_reply_is_answered_once_over_many_continue_as_news_of_run_and_lane(live: LiveHouse) -> None:
    async with live.worker():
        ana = await comes(live, "ana.torres", "detractor_told")
        run = await run_of(live, ana, "a-letter-each")
        run_workflow = live.temporal.get_workflow_handle(f"run/{run.enrolment_id}")
        lane_workflow = live.temporal.get_workflow_handle(f"lane/{lanes.lane_of(ana)}")
        for no in range(REPLIES):
            async with asyncio.timeout(20):
                await live.trap.arrived(no + 1)
                # The reply comes amid other nudges, so that some of them meet a run that is just continuing as new.
                noise = [handle.signal("look_again") for handle in (run_workflow, lane_workflow) for _ in range(3)]
                await asyncio.gather(*noise[:3], does(live, ana, "reply"), *noise[3:])
        async with asyncio.timeout(20):
            await live.trap.arrived(REPLIES + 1)
        assert len(live.trap.mails) == REPLIES + 1
        assert live.trap.duplicates() == {}
        assert len(await rows(live, "SELECT FROM message")) == REPLIES + 1
        assert await chain(live.temporal, run_workflow.id) >= 5
        assert await chain(live.temporal, lane_workflow.id) >= 5


async def test_a_run_that_fails_again_and_again_keeps_no_endless_history(live: LiveHouse) -> None:
    async with live.worker():
        ana = await comes(live, "ana.torres", "detractor_told")
        run = await run_of(live, ana, "a-letter-each")
        workflow = live.temporal.get_workflow_handle(f"run/{run.enrolment_id}")
        async with asyncio.timeout(20):
            await live.trap.arrived(1)
        [kept] = await rows(live, "SELECT progress FROM enrolment WHERE enrolment_id = $1", run.enrolment_id)
        set_progress = "UPDATE enrolment SET progress = $2 WHERE enrolment_id = $1"
        await rows(live, set_progress, run.enrolment_id, '{"broken": true}')
        failures = "SELECT failures FROM enrolment WHERE enrolment_id = $1"
        for no in range(12):
            await workflow.signal("look_again")
            async with asyncio.timeout(20):
                while (await rows(live, failures, run.enrolment_id))[0][0] <= no:  # noqa: ASYNC110  nobody tells
                    await asyncio.sleep(0.05)
        await rows(live, set_progress, run.enrolment_id, kept["progress"])
        await lets_try_again(live, run.enrolment_id)
        await does(live, ana, "reply")
        async with asyncio.timeout(20):
            await live.trap.arrived(2)
        assert await chain(live.temporal, workflow.id) >= 1
