"""Do the figures by step, and what is stuck, read on a terminal and as JSON?"""

from __future__ import annotations

from datetime import timedelta

from leadloom.domain.campaigns.campaign import Act
from leadloom.store import pauses
from leadloom.store.db import Db
from leadloom.store.pauses import PauseOrder
from leadloom.store.published import Book
from tests.cli.conftest import Command
from tests.store import acts, campaign_story
from tests.store.acts import TUESDAY


async def test_steps_of_a_journey_are_counted_and_a_figure_opens_its_rows(command: Command, db: Db, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    told = (await command("journeys", "steps", "small", "--json")).json
    assert [(one["step"], one["came"], one["waiting"], one["passed"]) for one in told[:2]] == [
        ("guide", 1, 0, 1), ("pause", 1, 1, 0),
    ]  # fmt: skip
    [row] = (await command("journeys", "steps", "small", "--step", "pause", "--fate", "waiting", "--json")).json
    assert (row["lead_id"], row["fate"]) == (str(lead_id), "waiting")
    text = (await command("journeys", "steps", "small")).out
    assert "Journey small, version 1: visits, and how late they were" in text and "guide" in text
    assert (await command("journeys", "steps", "nothing")).code == 3
    assert (await command("journeys", "steps", "small", "--version", "9")).code == 3
    refused = await command("journeys", "steps", "small", "--fate", "lost")
    assert refused.code == 2 and "waiting" in refused.err


async def test_steps_of_a_campaign_are_those_of_its_runs(command: Command, db: Db, book: Book) -> None:
    await acts.in_journey(db, book)
    await campaign_story.crowd(db, book, 2)
    campaign = await campaign_story.planned(db, book)
    await campaign_story.act(db, book, Act.LAUNCH)
    await campaign_story.look(db, book, campaign)
    told = (await command("campaigns", "steps", "autumn", "--json")).json
    assert (told[0]["step"], told[0]["came"], told[0]["waiting"]) == ("guide", 2, 2)
    shown = (await command("campaigns", "show", "autumn", "--json")).json
    assert shown["steps"] == told


async def test_what_is_stuck_is_listed_and_is_exit_6_and_nothing_is_exit_0(
    command: Command, db: Db, dsn: str, book: Book
) -> None:
    healthy = await command("stuck")
    assert healthy.code == 0 and "Nothing is stuck. Stuck is what nothing will move by itself" in healthy.out
    async with db.transaction() as tx:
        order = PauseOrder(journey="small", review_at=TUESDAY - timedelta(days=1))
        await pauses.pause(tx, order, book=book, at=TUESDAY - timedelta(days=9), by="priya-nair")
    found = await command("stuck", "--json")
    assert found.code == 6
    [pause] = found.json
    assert (pause["noun"], pause["what"], pause["waiting_for"]) == ("pause", "small", "somebody to review the pause")
    assert (await command("stuck", "--campaign", "nothing")).code == 3
