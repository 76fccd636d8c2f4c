"""Does a run tell another system and go on, and where does it go when that system is away?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.store import published
from tests import receiver
from tests.acts_in_house import all_stuck, comes, rows, run_of
from tests.house import TestHouse, a_house
from tests.receiver import KEY, KEY_NAME, Receiver

TELLS = """
name: tells-crm
purpose: Tells another system, in a test.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {events: [exploring_told]}
steps:
  - {do: webhook, id: tell, endpoint: crm, with: [role], on_failure: %s}
  - {do: tag, id: told, tag: told}
  - {do: go, id: over, to: end}
  - {do: tag, id: untold, tag: untold}
"""


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv(KEY_NAME, KEY)
    with receiver.receiving() as found:
        yield found


@pytest.fixture
async def house(dsn: str, crm: Receiver) -> AsyncIterator[TestHouse]:
    async with a_house(dsn, max_cached_workflows=0, maintenance_every=timedelta(days=400)) as running:
        await crm.is_in_force(running.db, await running.now())
        yield running


async def in_force(house: TestHouse, on_failure: str = "block") -> None:
    async with house.db.transaction() as tx:
        journey = Journey.model_validate(DraftText("tells-crm.yaml", TELLS % on_failure).data)
        await published.publish_journey(tx, journey, at=await house.now(), by="priya-nair")


async def tags(house: TestHouse) -> list[str]:
    return [row["tag"] for row in await rows(house, "SELECT tag FROM lead_tag")]


async def test_a_run_tells_and_goes_on(house: TestHouse, crm: Receiver) -> None:
    await in_force(house)
    ana = await comes(house, "ana.torres", "exploring_told")
    await house.pass_time(timedelta(minutes=1))
    assert (await run_of(house, ana, "tells-crm")).outcome == "finished"
    assert [post.said["data"]["fields"] for post in crm.posts] == [{"role": "quality"}]
    assert await tags(house) == ["told"]


@pytest.mark.parametrize(
    ("on_failure", "outcome", "left"),
    [
        ("skip", "finished", ["told"]),
        ("exit", "failed at tell", []),
        ("go:untold", "finished", ["untold"]),
    ],
)
async def test_a_system_that_is_away_for_three_tries_is_left_behind_as_its_step_says(
    house: TestHouse, crm: Receiver, on_failure: str, outcome: str, left: list[str]
) -> None:
    crm.answers = [503] * 9
    await in_force(house, on_failure)
    ana = await comes(house, "ana.torres", "exploring_told")
    await house.pass_time(timedelta(hours=1))
    assert (await run_of(house, ana, "tells-crm")).outcome == outcome
    assert (len(crm.posts), len({post.headers["webhook-id"] for post in crm.posts})) == (3, 1)
    assert await tags(house) == left
    assert await all_stuck(house) == ()


async def test_a_system_that_must_be_told_is_waited_for(house: TestHouse, crm: Receiver) -> None:
    crm.answers = [503] * 4
    await in_force(house)
    ana = await comes(house, "ana.torres", "exploring_told")
    await house.pass_time(timedelta(hours=1))
    assert (await run_of(house, ana, "tells-crm")).outcome == "finished"
    assert (len(crm.posts), await tags(house)) == (5, ["told"])


async def test_a_refusal_blocks_the_run_at_once_with_the_answer(house: TestHouse, crm: Receiver) -> None:
    crm.answers = [410]
    await in_force(house)
    ana = await comes(house, "ana.torres", "exploring_told")
    await house.pass_time(timedelta(hours=1))
    run = await run_of(house, ana, "tells-crm")
    assert run.error == "Refused: Refused: the endpoint crm answered 410"
    assert (len(crm.posts), [each.noun for each in await all_stuck(house)]) == (1, ["run"])
