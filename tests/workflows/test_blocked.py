"""Does a step that always fails make its run blocked, shown with its error, until somebody lets it try again?"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.answers import TRANSIENT, OutsideCall
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.store import outbox, published
from tests.acts_in_house import all_stuck, comes, does, lets_try_again, letters_to, rows, run_of
from tests.e2e.test_no_person_in_temporal import words
from tests.house import TestHouse, a_house
from tests.store.acts import wait_for_a_lock
from tests.world import template

CALLS_OUT = """
name: calls-out
purpose: Lets something happen outside, in a test.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {events: [exploring_told]}
exit: [{events: [unsubscribed], outcome: asked us to stop}]
steps:
  - {do: call, id: badge, activity: order_badge}
  - {do: send, id: guide, mail: guide, class: service}
"""


GOES_ON = """
name: goes-on
purpose: Lets something happen outside if it can, in a test.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {events: [promoter_told]}
steps:
  - {do: call, id: badge, activity: order_badge, on_failure: skip}
  - {do: wait, id: a-day, for: 1d}
"""


async def publish_calls_out(house: TestHouse) -> None:
    """Put the journeys that call out in force."""
    async with house.db.transaction() as tx:
        at = await house.now()
        for text in (CALLS_OUT, GOES_ON):
            journey = Journey.model_validate(DraftText("calls-out.yaml", text).data)
            await published.publish_journey(tx, journey, at=at, by="priya-nair")
        await published.publish_template(tx, "calls-out", "guide", template("guide"), at=at, by="priya-nair")


class BadgeShop:
    """An outside service that is closed until it opens."""

    def __init__(self) -> None:
        self.is_open = False
        self.is_away = False
        """Nobody answers there, whoever asks."""
        self.asked: list[OutsideCall] = []

    @activity.defn
    async def order_badge(self, call: OutsideCall) -> None:
        self.asked.append(call)
        if self.is_away:
            raise ApplicationError("nobody answers", type=TRANSIENT)
        if not self.is_open:
            raise ApplicationError("the shop is closed", type="ShopClosed")


@pytest.fixture
def shop() -> BadgeShop:
    return BadgeShop()


@pytest.fixture
async def house(dsn: str, shop: BadgeShop) -> AsyncIterator[TestHouse]:
    """A house that can call the shop, without a cache of workflows."""
    async with a_house(
        dsn, max_cached_workflows=0, maintenance_every=timedelta(days=400), extra=[shop.order_badge]
    ) as running:
        await publish_calls_out(running)
        yield running


async def test_an_outside_effect_that_always_fails_blocks_the_run_and_a_retry_goes_on(
    house: TestHouse, shop: BadgeShop
) -> None:
    ana = await comes(house, "ana.torres", "exploring_told")
    await house.pass_time(timedelta(days=10))
    run = await run_of(house, ana, "calls-out")
    assert run.status == "active"
    assert run.blocked_at is not None
    assert run.blocked_at - run.entered_at < timedelta(hours=1)
    assert run.error == "ShopClosed: ShopClosed: the shop is closed"
    assert [(each.noun, each.id) for each in await all_stuck(house)] == [("run", str(run.enrolment_id))]
    assert len(shop.asked) == 3
    shop.is_open = True
    await lets_try_again(house, run.enrolment_id)
    await house.pass_time(timedelta(minutes=5))
    assert (await run_of(house, ana, "calls-out")).outcome == "finished"
    assert letters_to(house, "ana.torres") == ["guide"]
    assert {(call.about, call.step, call.visit) for call in shop.asked} == {(str(run.enrolment_id), "badge", 1)}
    assert await all_stuck(house) == ()


async def test_a_blocked_run_that_is_still_broken_is_blocked_again(house: TestHouse, shop: BadgeShop) -> None:
    ana = await comes(house, "ana.torres", "exploring_told")
    await house.pass_time(timedelta(hours=1))
    await lets_try_again(house, (await run_of(house, ana, "calls-out")).enrolment_id)
    await house.pass_time(timedelta(hours=1))
    assert (await run_of(house, ana, "calls-out")).blocked_at is not None
    assert len(shop.asked) == 6


async def test_a_blocked_run_still_hears_that_its_lead_wants_out(house: TestHouse) -> None:
    ana = await comes(house, "ana.torres", "exploring_told")
    await house.pass_time(timedelta(hours=1))
    await does(house, ana, "unsubscribed")
    await house.pass_time(timedelta(hours=1))
    run = await run_of(house, ana, "calls-out")
    assert (run.status, run.outcome) == ("exited", "asked us to stop")
    assert await all_stuck(house) == ()


async def test_a_row_that_cannot_be_read_blocks_its_own_run_and_no_other(house: TestHouse, dsn: str) -> None:
    ana = await comes(house, "ana.torres", "guide_requested")
    ben = await comes(house, "ben.osei", "guide_requested")
    await house.pass_time(timedelta(days=2))
    run = await run_of(house, ana, "welcome-four-degrees")
    [kept] = await rows(house, "SELECT progress FROM enrolment WHERE enrolment_id = $1", run.enrolment_id)
    await set_progress(dsn, run.enrolment_id, '{"broken": true}')
    await house.pass_time(timedelta(days=11))
    run = await run_of(house, ana, "welcome-four-degrees")
    assert run.blocked_at is not None
    assert run.error is not None and "ValidationError" in run.error
    assert letters_to(house, "ana.torres") == ["deliver-guide"]
    assert letters_to(house, "ben.osei") == ["deliver-guide", "nine-minutes", "calculator"]
    await set_progress(dsn, run.enrolment_id, kept["progress"])
    await lets_try_again(house, run.enrolment_id)
    await house.pass_time(timedelta(days=3))
    assert letters_to(house, "ana.torres") == ["deliver-guide", "nine-minutes", "calculator"]
    assert (await run_of(house, ben, "welcome-four-degrees")).blocked_at is None


async def set_progress(dsn: str, enrolment_id: UUID, progress: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("UPDATE enrolment SET progress = $2 WHERE enrolment_id = $1", enrolment_id, progress)
    await connection.close()


async def test_a_driver_that_quotes_a_persons_row_is_heard_by_nobody(
    house: TestHouse, dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Postgres answers a broken constraint with the whole row: names, address and all."""
    caplog.set_level(logging.DEBUG)
    ana = await comes(house, "zqana.zqtorres", "article_read", phone="+1 212 555 0199", title="zqtitle")
    await execute(dsn, "ALTER TABLE lead ADD CONSTRAINT poisoned CHECK (last_event_no < 2) NOT VALID")
    with pytest.raises(asyncpg.CheckViolationError, match="zqana"):
        await does(house, ana, "price_page")
    await house.pass_time(timedelta(days=180, minutes=20))
    [clock] = [each for each in await all_stuck(house) if each.noun == "clock"]
    history = await house.environment.client.get_workflow_handle(f"lead/{ana}").fetch_history()
    said = "\n".join([*words(json.loads(history.to_json())), caplog.text, repr(clock)])
    assert "CheckViolationError" in said
    assert [word for word in ("zqana", "zqtorres", "zqtitle", "0199", "Failing row") if word in said] == []


async def execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


# -- journeys as code


async def test_a_journey_as_code_is_blocked_by_a_failing_step_and_a_retry_goes_on(house: TestHouse, dsn: str) -> None:
    await rename_template(dsn, "buying-circle/brief", "buying-circle/lost")
    ana = await comes(house, "ana.torres", "webinar_attended", role="quality")
    await comes(house, "ben.osei", "article_read", role="logistics")
    await house.pass_time(timedelta(days=1))
    run = await run_of(house, ana, "buying-circle")
    assert run.status == "active"
    assert run.blocked_at is not None
    assert run.error is not None and "NotFound" in run.error
    assert [each.noun for each in await all_stuck(house)] == ["run"]
    await rename_template(dsn, "buying-circle/lost", "buying-circle/brief")
    await lets_try_again(house, run.enrolment_id)
    await house.pass_time(timedelta(days=10))
    assert letters_to(house, "ana.torres") == ["brief"]
    assert await all_stuck(house) == ()


async def rename_template(dsn: str, name: str, to: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("UPDATE published SET name = $2 WHERE kind = 'template' AND name = $1", name, to)
    await connection.close()


async def test_a_journey_as_code_hears_a_colleague_who_engages_before_it_has_begun_to_listen(dsn: str) -> None:
    """The run is held at the very moment it writes what it listens to, and the colleague comes in meanwhile."""
    async with a_house(dsn) as house:
        relay, house.db.relay = house.db.relay, None
        ana = await comes(house, "ana.torres", "webinar_attended", role="quality")
        house.db.relay = relay
        holder = await asyncpg.connect(dsn)
        async with holder.transaction():
            await holder.execute("SELECT FROM lead WHERE lead_id = $1 FOR UPDATE", ana)
            async with house.db.transaction() as tx:
                assert relay is not None
                await outbox.sweep(tx, relay, wall_age=timedelta())
            await wait_for_a_lock(dsn, sessions=2)  # the run's and the lifecycle's
            await comes(house, "ben.osei", "article_read", role="logistics")
        await holder.close()
        await house.pass_time(timedelta(days=10))
        assert letters_to(house, "ana.torres") == ["brief"]
