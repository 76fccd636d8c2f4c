"""Does an audience get its journey once, whoever dies, and do a pause and a stop work while Temporal really runs?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.campaigns.campaign import Act, Campaign, CampaignDraft
from leadloom.domain.campaigns.stages import Staging
from leadloom.domain.facts import MessageStatus
from leadloom.domain.lead import LeadDraft
from leadloom.runtime import launching
from leadloom.store import campaign_progress, campaign_stages, campaigns, leads, published
from leadloom.store.campaign_progress import Progress
from tests.acts_in_house import all_stuck, rows
from tests.live_house import LiveHouse, chain

MOST_EVENTS_PER_1000 = 40


async def crowd(house: LiveHouse, count: int, *, email: bool = True) -> None:
    """People of a list, each of a company of their own."""
    at = await house.now()
    drafts = [
        LeadDraft(
            email=f"reader{no}@crowd{no}.example" if email else None, external_id=f"crm-{no}", first_name="Reader",
            source="pharmalog",
        )
        for no in range(count)
    ]  # fmt: skip
    async with house.db.transaction() as tx:
        await leads.capture_all(tx, drafts, book=await published.book(tx), at=at, actor="system")


async def planned(house: LiveHouse, journey: str, **said: object) -> Campaign:
    audience = Audience(sources=("pharmalog",), track="new-business")
    words = {"name": "autumn", "journey": journey, "goal": "Twenty meetings", "owner": "priya-nair", **said}
    draft = CampaignDraft.model_validate({**words, "audience": audience})
    async with house.db.transaction() as tx:
        book = await published.book(tx)
        return await campaigns.plan(tx, draft, book=book, at=await house.now(), by="priya-nair")


async def does(house: LiveHouse, act: Act) -> None:
    at = await house.now()
    async with house.db.transaction() as tx:
        await campaigns.act(tx, "autumn", act, book=await published.book(tx), at=at, by="priya-nair")


async def progress(house: LiveHouse) -> Progress:
    async with house.db.read() as tx:
        [found] = await campaign_progress.progress(tx, [await campaigns.find(tx, "autumn")])
        return found


async def until(house: LiveHouse, so: Callable[[Progress], bool], within: float = 60) -> Progress:
    """Wait until the campaign's progress is so."""
    async with asyncio.timeout(within):
        while not so(found := await progress(house)):  # noqa: ASYNC110  Postgres tells nobody
            await asyncio.sleep(0.1)
        return found


def decided(found: Progress) -> int:
    return found.enrolled + sum(found.left_out.values())


async def workflow_ended(house: LiveHouse, campaign: Campaign) -> str:
    async with asyncio.timeout(60):
        return await house.temporal.get_workflow_handle(f"campaign/{campaign.campaign_id}").result()


async def test_everybody_gets_both_letters_once_stage_by_stage_and_the_campaign_finishes(live: LiveHouse) -> None:
    await crowd(live, 30)
    campaign = await planned(live, "two-letters", holdout=0.2, free_because="a test")
    async with live.worker():
        stages = Staging(shares=(20, 60, 100), wait=timedelta(seconds=2))
        await launching.launch(live.db, "autumn", at=await live.now(), by="priya-nair", staging=stages)
        assert await workflow_ended(live, campaign) == "finished"
        found = await progress(live)
        async with asyncio.timeout(60):
            await live.trap.arrived(2 * found.enrolled)
    assert found.enrolled + found.held_out == 30
    assert 0 < found.held_out < 15
    assert {(one.outcome, one.runs) for one in found.runs} == {("finished", found.enrolled)}
    assert live.trap.duplicates() == {}
    assert len({mail.recipients[0] for mail in live.trap.mails}) == found.enrolled
    assert await all_stuck(live) == ()
    async with live.db.read() as tx:
        [opened] = (await campaign_stages.of(tx, [campaign.campaign_id])).values()
    assert [one.upto for one in opened] == [6, 18, 30]
    for before, after in pairwise(opened):
        assert before.reached_at is not None and after.opened_at is not None
        assert after.opened_at - before.reached_at >= timedelta(seconds=2)


async def test_a_worker_killed_amid_enrolment_is_followed_by_another_and_nobody_comes_in_twice(live: LiveHouse) -> None:
    await crowd(live, 300)
    campaign = await planned(live, "an-hour-first")
    worker = live.worker_process()
    await does(live, Act.LAUNCH)
    await until(live, lambda found: decided(found) >= 100)
    worker.kill()
    worker.wait()
    assert (await progress(live)).undecided > 0
    async with live.worker():
        found = await until(live, lambda found: found.undecided == 0, within=90)
        await every_run_waits(live)
    assert (found.enrolled, found.members) == (300, 300)
    [row] = await rows(live, "SELECT count(*) AS runs, count(DISTINCT lead_id) AS leads FROM enrolment")
    assert (row["runs"], row["leads"]) == (300, 300)
    assert campaign.campaign_id == found.campaign.campaign_id


async def every_run_waits(house: LiveHouse) -> None:
    """Each run was started in Temporal and stands at its wait, also those whose start died with the worker."""
    query = "SELECT count(*) FROM enrolment WHERE waiting_for = 'its first step'"
    async with asyncio.timeout(60):
        while (await rows(house, query))[0][0]:  # noqa: ASYNC110  Postgres tells nobody
            await asyncio.sleep(0.2)


async def test_a_pause_stops_enrolment_and_a_resume_lets_it_go_on(live: LiveHouse) -> None:
    await crowd(live, 300)
    await planned(live, "an-hour-first", per_minute=100)
    async with live.worker():
        await does(live, Act.LAUNCH)
        await until(live, lambda found: decided(found) == 100)
        await does(live, Act.PAUSE)
        await quiet(live, timedelta(seconds=2))
        assert decided(await progress(live)) == 100
        await does(live, Act.RESUME)
        found = await until(live, lambda found: decided(found) == 200)
    assert found.next == "the next members are enrolled"
    assert found.next_at is not None


async def test_mail_of_a_paused_campaign_waits_and_goes_at_once_after_the_resume(live: LiveHouse) -> None:
    await crowd(live, 12)
    campaign = await planned(live, "two-letters")
    async with live.worker():
        await does(live, Act.LAUNCH)
        async with asyncio.timeout(60):
            await live.trap.arrived(12)
        await does(live, Act.PAUSE)
        got = len(live.trap.mails)
        await until(live, lambda found: found.mails.get(MessageStatus.HELD, 0) >= 24 - got - 2)
        assert len(live.trap.mails) <= got + 2  # what was at the relay when somebody paused
        await does(live, Act.RESUME)
        async with asyncio.timeout(60):
            await live.trap.arrived(24)
        assert await workflow_ended(live, campaign) == "finished"
    assert live.trap.duplicates() == {}


async def quiet(house: LiveHouse, span: timedelta) -> None:
    """Let the house work for a while: what was under way ends, what must not begin has had its chance."""
    until_at = await house.now() + span
    while await house.now() < until_at:  # noqa: ASYNC110  nobody announces that nothing happens
        await asyncio.sleep(0.1)


async def test_a_stop_ends_its_runs_and_their_workflows(live: LiveHouse) -> None:
    await crowd(live, 250)
    campaign = await planned(live, "an-hour-first")
    async with live.worker():
        await does(live, Act.LAUNCH)
        await until(live, lambda found: decided(found) >= 100)
        await does(live, Act.STOP)
        assert await workflow_ended(live, campaign) == "stopped"
        found = await progress(live)
        assert {(one.status, one.outcome) for one in found.runs} == {("exited", "campaign stopped")}
        [row] = await rows(live, "SELECT enrolment_id FROM enrolment LIMIT 1")
        async with asyncio.timeout(30):
            run = live.temporal.get_workflow_handle(f"run/{row['enrolment_id']}")
            assert await run.result() == "campaign stopped"
    assert found.undecided + found.enrolled == 250
    assert await all_stuck(live) == ()


async def test_a_look_that_fails_is_shown_and_goes_on_when_somebody_resumes_it(live: LiveHouse) -> None:
    await crowd(live, 3)
    campaign = await planned(live, "two-letters")
    await does(live, Act.LAUNCH)
    hidden = "UPDATE published SET kind = $1 WHERE name = 'two-letters' AND kind = $2 RETURNING name"
    await rows(live, hidden, "template", "journey")
    async with live.worker():
        found = await until(live, lambda found: found.campaign.error is not None)
        assert "two-letters is not in force any more" in (found.campaign.error or "")
        assert [(one.noun, one.what) for one in await all_stuck(live)] == [("campaign", "autumn")]
        await rows(live, hidden, "journey", "template")
        await does(live, Act.RESUME)
        assert await workflow_ended(live, campaign) == "finished"


async def test_a_thousand_members_cost_at_most_40_events_of_the_campaign(live: LiveHouse) -> None:
    """Left out, so that the test starts no thousand runs: what the campaign's own history costs is the same."""
    await crowd(live, 3000, email=False)
    campaign = await planned(live, "an-hour-first")
    async with live.worker():
        await does(live, Act.LAUNCH)
        assert await workflow_ended(live, campaign) == "finished"
    events = await all_events(live, _id(campaign))
    print(
        f"{events / 3:.1f} events of the campaign for 1,000 members, {await chain(live.temporal, _id(campaign))} runs"
    )
    assert events / 3 <= MOST_EVENTS_PER_1000
    assert (await progress(live)).left_out == {"no_address": 3000}


def _id(campaign: Campaign) -> str:
    return f"campaign/{campaign.campaign_id}"


async def all_events(house: LiveHouse, workflow_id: str) -> int:
    """Of the whole chain of runs."""
    newest = await house.temporal.get_workflow_handle(workflow_id).describe()
    run_id, count = newest.raw_description.workflow_execution_info.first_run_id, 0
    while run_id:
        history = await house.temporal.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        count += len(history.events)
        last = history.events[-1]
        run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return count
