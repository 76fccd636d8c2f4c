"""Do dates, conditions and days that come round let leads in, in virtual time, and does all follow when they change?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from activities.answers import MaintenanceOrder
from leadloom.domain import wake
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import LeadId
from leadloom.domain.wake import CLOCK_AHEAD, JOURNEYS_QUEUE
from leadloom.store import enrolments, published
from leadloom.store.enrolments import RunRow
from leadloom.store.tx import new_id
from tests.acts_in_house import all_stuck, comes, does, is_captured, rows
from tests.house import TestHouse, a_house
from tests.world import draft

RENEWAL = "renewal-and-second-site"
DAY = timedelta(days=1)
HEAD = """
name: {name}
purpose: Tries an entry, in a test.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {enter}
exit: [{exit}]
steps:
"""


@pytest.fixture
async def house(dsn: str) -> AsyncIterator[TestHouse]:
    """A house whose sweeps go round when a test says so: a year of them costs minutes."""
    async with a_house(dsn, maintenance_every=timedelta(days=4000)) as running:
        yield running


async def sweeps_go_round(house: TestHouse) -> None:
    """One round of the sweeps about entries, as the maintenance workflow makes it; then what follows happens."""
    client, ahead = house.house.temporal, house.house.settings.clock_ahead_s
    assert client is not None
    order = MaintenanceOrder(sweeps=("let_in_whom_it_is_so_for", "tell_people_of_companies"), every_s=1.0, once=True)
    # Whoever waits for a result lets the server skip to the next timer of anybody: this round is now.
    with house.environment.auto_time_skipping_disabled():
        await client.execute_workflow(
            wake.MAINTENANCE, order, id=f"round/{new_id()}", task_queue=JOURNEYS_QUEUE, memo={CLOCK_AHEAD: ahead}
        )
    await house.pass_time(timedelta(hours=1))


async def publish(house: TestHouse, name: str, enter: str, steps: str, out: str = "") -> None:
    text = HEAD.format(name=name, enter=enter, exit=out or "{events: [complained], outcome: complained}") + steps
    async with house.db.transaction() as tx:
        journey = Journey.model_validate(DraftText(f"{name}.yaml", text).data)
        await published.publish_journey(tx, journey, at=await house.now(), by="priya-nair")


async def runs_of(house: TestHouse, lead_id: LeadId, journey: str) -> list[RunRow]:
    """Oldest first."""
    async with house.db.read() as tx:
        found = [run for run in await enrolments.of_lead(tx, lead_id) if run.journey == journey]
    return sorted(found, key=lambda run: run.entered_at)


async def stands_at(house: TestHouse, lead_id: LeadId, journey: str) -> str:
    query = (
        "SELECT progress ->> 'step' AS step FROM enrolment WHERE lead_id = $1 AND journey = $2 AND status = 'active'"
    )
    [row] = await rows(house, query, lead_id, journey)
    return row["step"]


async def is_customer_until(house: TestHouse, name: str, ends: datetime) -> LeadId:
    told = {"renewal_date": f"{ends:%Y-%m-%d}"}
    return await is_captured(house, draft(name, email=f"{name}@{name}.example", company=name, attributes=told))


async def letters(house: TestHouse, lead_id: LeadId) -> list[str]:
    query = "SELECT mail FROM message WHERE lead_id = $1 AND status = 'sent' ORDER BY sent_at"
    return [row["mail"] for row in await rows(house, query, lead_id)]


async def test_a_contract_leads_to_its_renewal_by_its_date_however_it_moves(house: TestHouse) -> None:
    begins = await house.now()
    ends = datetime(begins.year, begins.month, begins.day, tzinfo=UTC) + 125 * DAY
    ana, ben = [await is_customer_until(house, name, ends) for name in ("ana", "ben")]
    await publish(house, "forgets", "{events: [keep_told]}", "  - {do: set, id: s, field: renewal_date, value: null}")
    await sweeps_go_round(house)
    assert await runs_of(house, ana, RENEWAL) == []

    # Ben's moves away before it has come: nobody lets him in. Ana's comes, 120 days before.
    await is_customer_until(house, "ben", ends + 300 * DAY)
    await house.pass_time(6 * DAY)
    await sweeps_go_round(house)
    [run] = await runs_of(house, ana, RENEWAL)
    assert run.entered_by == "date:renewal_date"
    assert await stands_at(house, ana, RENEWAL) == "until-sixty-days"
    assert await runs_of(house, ben, RENEWAL) == []

    # Later, and earlier again: what the run waits for moves with it, at once and in the middle of the wait.
    for moved in (ends + 30 * DAY, ends - 10 * DAY):
        await is_customer_until(house, "ana", moved)
        await house.pass_time(timedelta(minutes=1))
        [run] = await runs_of(house, ana, RENEWAL)
        assert run.waits_until is not None
        assert abs(run.waits_until - (moved - 60 * DAY)) < DAY
    await house.pass_time(50 * DAY)
    assert await letters(house, ana) == ["usage", "offer"]

    # Taken back: nothing counts from it any more. Next year's is another run.
    await does(house, ana, "keep_told")
    await house.pass_time(timedelta(minutes=1))
    [run] = await runs_of(house, ana, RENEWAL)
    assert (run.status, run.outcome) == ("exited", "the end of the contract is not known any more")
    await is_customer_until(house, "ana", ends + 365 * DAY)
    await sweeps_go_round(house)
    await house.pass_time(340 * DAY)
    await sweeps_go_round(house)
    assert [one.status for one in await runs_of(house, ana, RENEWAL)] == ["exited", "active"]
    [run] = await runs_of(house, ben, RENEWAL)
    assert run.status == "active"
    assert await letters(house, ana) == ["usage", "offer", "usage"]
    assert await all_stuck(house) == ()


async def test_a_company_that_grows_concerns_its_people_who_did_nothing_themselves(house: TestHouse) -> None:
    grown = "{field: sites, at_least: 40}"
    wait = f"  - {{do: wait_for, id: w, when: {grown}, within: 30d, then: grew, otherwise: end}}\n"
    await publish(house, "grows", f"{{holds: {grown}}}", "  - {do: wait, id: rest, for: 3d}")
    await publish(
        house,
        "waits",
        "{events: [careers_page]}",
        wait + "  - {do: tag, id: grew, tag: grew}\n  - {do: wait, id: r, for: 9d}",
    )
    out = f"{{when: {grown}, outcome: grew}}"
    await publish(house, "leaves", "{events: [careers_page]}", "  - {do: wait, id: r, for: 30d}", out=out)
    ana = await comes(house, "ana.torres", "careers_page")
    await sweeps_go_round(house)
    assert await stands_at(house, ana, "waits") == "w"

    await is_captured(house, draft("ben.torres", sites=41))
    await sweeps_go_round(house)
    assert [run.entered_by for run in await runs_of(house, ana, "grows")] == ["holds"]
    assert await stands_at(house, ana, "waits") == "r"
    assert [run.outcome for run in await runs_of(house, ana, "leaves")] == ["grew"]
    assert await rows(house, "SELECT FROM account_news") == []


async def test_a_day_that_comes_round_begins_a_run_each_time_and_one_nobody_saw_is_made_up_for(
    house: TestHouse,
) -> None:
    every = "{every: {rrule: FREQ=WEEKLY;BYDAY=MO, at: '09:00', whom: {field: role, is: quality}}}"
    await publish(house, "mondays", every, "  - {do: wait, id: rest, for: 1d}")
    ana = await comes(house, "ana.torres")
    await sweeps_go_round(house)  # Monday, after nine: its first round is next week's
    await house.pass_time(7 * DAY)
    await sweeps_go_round(house)
    await house.pass_time(21 * DAY)
    await sweeps_go_round(house)
    found = await runs_of(house, ana, "mondays")
    assert [run.entered_by for run in found] == ["every:2026-03-09", "every:2026-03-30"]
    assert await all_stuck(house) == ()
