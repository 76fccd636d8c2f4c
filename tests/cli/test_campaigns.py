"""Can a marketer plan, launch, watch and end a campaign from the command line, and is each refusal a remedy?"""

from __future__ import annotations

from leadloom.store import readers
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.store import acts
from tests.store.acts import TUESDAY

BY = ("--by", "priya-nair")
PLAN = (
    "campaigns", "plan", "autumn", "--journey", "small", "--owner", "priya-nair", "--goal", "Twenty meetings",
    "--cost", "5000", "--currency", "EUR", *BY,
)  # fmt: skip


async def crowd(db: Db, book: Book) -> None:
    allowed = {"bases": (world.permission(at=TUESDAY),), "source": "webinar"}
    await acts.capture(db, book, world.draft("ana.moss", **allowed))
    await acts.capture(db, book, world.draft("ben.moss", email="ben@b.example", company="B", source="webinar"))


async def test_a_dry_run_counts_whom_it_would_find_and_writes_nothing(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    ran = await command(*PLAN, "--source", "webinar", "--dry-run")
    assert ran.code == 0
    assert "left out: has not allowed such mail" in ran.out and "Nothing was written" in ran.out
    told = (await command(*PLAN, "--source", "webinar", "--dry-run", "--json")).json
    assert told == {"members": 2, "enrolled": 1, "held_out": 0, "left_out": {"no_basis": 1}}
    assert (await command("campaigns", "list", "--json")).json == []


async def test_a_campaign_is_planned_launched_paused_and_stopped(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    planned = await command(*PLAN, "--source", "webinar")
    assert (planned.code, planned.out) == (0, "Campaign autumn is planned: 2 members are frozen.\n")
    assert "campaigns check autumn" in planned.err
    launched = await command("campaigns", "launch", "autumn", *BY)
    assert (launched.code, "Next: the next members are enrolled" in launched.out) == (0, True)
    again = await command("campaigns", "launch", "autumn", *BY)
    assert again.code == 4
    assert "is running already, since 2026-03-03 15:00" in again.err
    paused = await command("campaigns", "pause", "autumn", "--by", "ines-carvalho", "--json")
    assert (paused.code, paused.json["progress"]["campaign"]["status"]) == (0, "paused")
    stopped = await command("campaigns", "stop", "autumn", *BY)
    assert "0 taken by the relay" in stopped.out and "2 members were not reached" in stopped.out


async def test_show_says_how_far_it_has_come_and_what_comes_next(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    await command(*PLAN, "--source", "webinar", "--holdout", "0.2")
    shown = await command("campaigns", "show", "autumn")
    for words in (
        "autumn: planned since",
        "Goal: Twenty meetings",
        "Cost: 5,000.00 EUR",
        "Next: nothing until somebody",
    ):
        assert words in shown.out
    assert (await command("campaigns", "show", "autumn", "--json")).json["progress"]["members"] == 2
    assert (await command("campaigns", "show", "winter")).code == 3


async def test_a_cost_is_added_and_corrected(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    await command(*PLAN, "--source", "webinar")
    bill = ("--currency", "EUR", "--what", "printing", *BY)
    assert (await command("campaigns", "costs", "add", "autumn", "250.50", *bill)).code == 0
    assert (await command("campaigns", "costs", "add", *bill, "--", "autumn", "-50.50")).code == 0
    assert [row["amount"] for row in (await command("campaigns", "costs", "list", "autumn", "--json")).json] == [
        "5000.00", "250.50", "-50.50",
    ]  # fmt: skip
    refused = await command("campaigns", "costs", "add", "autumn", "much", *bill)
    assert (refused.code, "Write a number" in refused.err) == (2, True)


async def test_a_plan_for_nobody_in_particular_names_the_remedy(command: Command, db: Db, book: Book) -> None:
    nobody = await command(*PLAN)
    assert (nobody.code, "or everybody" in nobody.err) == (2, True)
    empty = await command(*PLAN, "--source", "webinar")
    assert (empty.code, "No lead is so" in empty.err) == (2, True)
    code = await command(*(word if word != "small" else "buying-circle" for word in PLAN), "--everybody")
    assert (code.code, "buying-circle" in code.err) == (3, True)


async def test_an_audience_is_asked_for_in_the_language_of_journeys(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    found = await command(*PLAN, "--where", "{field: company, contains: meridian}", "--dry-run")
    assert "for whom company has meridian in it" in found.out
    told = (await command(*PLAN, "--where", "{not: {field: company, is: B}}", "--dry-run", "--json")).json
    assert told["members"] == 1
    assert (await command(*PLAN, "--where", "{field: company, is: B}")).code == 0
    kept = (await command("campaigns", "show", "autumn")).out
    assert "company is B" in kept


async def test_a_condition_nobody_can_answer_is_refused_with_the_remedy(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    for where, remedy in (
        ("{event: price_page}", "Say `within`"),
        ("{event: price_pages, within: 9d}", "There is no event price_pages"),
        ("{feild: company}", "feild"),
        ("company", "mapping"),
        ("@nowhere.yaml", "can't be read"),
    ):
        refused = await command(*PLAN, "--where", where)
        assert refused.code in {2, 6}, where
        assert remedy in refused.err, where


async def test_what_a_campaign_says_reaches_the_mails_of_its_runs(
    command: Command, db: Db, dsn: str, book: Book
) -> None:
    await crowd(db, book)
    assert (await command(*PLAN, "--everybody", "--value", "seats=40")).code == 0
    wrong = await command(*PLAN, "--everybody", "--value", "forty seats")
    assert (wrong.code, "Write name=value, such as seats=40." in wrong.err) == (2, True)
    _, enrolment_id = await acts.in_journey(db, book, "cy.moss")
    await acts.advance(db, book, enrolment_id)
    await acts.rows(dsn, "UPDATE enrolment SET campaign_id = (SELECT campaign_id FROM campaign)")
    (row,) = await acts.rows(dsn, "SELECT message_id FROM message WHERE enrolment_id = $1", enrolment_id)
    async with db.read() as tx:
        assert await readers.campaign_values(tx, [row["message_id"]]) == {row["message_id"]: {"seats": "40"}}
