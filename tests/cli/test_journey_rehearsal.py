"""Can a marketer see what an audience would get, before anybody gets it?"""

from __future__ import annotations

import csv
import json
from pathlib import Path

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.cli.conftest import Command
from tests.store import acts

WELCOME = ("journeys", "simulate", "welcome-four-degrees")
STRANGERS = (*WELCOME, "--leads", 12, "--event", "guide_requested", "--begins", "2026-03-02T09:00Z")


async def test_invented_leads_go_through_the_drafts_without_anything_running(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "sends.csv"
    ran = await command(*STRANGERS, "--engagement", "0.3", "--sends", path)
    assert ran.code == 0
    for told in ("12 leads, 90 days from Mon 2026-03-02", "where runs went", "Dead branches", "Cap conflicts"):
        assert told in ran.out
    shown = (await command(*STRANGERS, "--engagement", "0.3", "--json")).json
    [journey] = shown["journeys"]
    assert (journey["entered"], journey["steps"][0]["arrived"]) == (12, 12)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == shown["mails"] == sum(day["mails"] for day in shown["days"])
    assert rows == sorted(rows, key=lambda row: row["at"])


async def test_a_script_says_who_does_what(command: Command, tmp_path: Path) -> None:
    script = tmp_path / "story.jsonl"
    lines = [{"lead": 1, "day": 2, "event": "demo_requested"}, {"lead": "*", "day": 40, "event": "unsubscribed"}]
    script.write_text("\n".join(json.dumps(line) for line in lines))
    shown = (await command(*STRANGERS, "--engagement", script, "--json")).json
    outcomes = {one["journey"]: one["outcomes"] for one in shown["journeys"]}
    assert outcomes["welcome-four-degrees"] == {"asked to talk": 1, "asked us to stop": 11}
    assert outcomes["hand-raise"]
    script.write_text('{"lead": 13, "day": 2, "event": "demo_requested"}')
    refused = await command(*STRANGERS, "--engagement", script)
    assert refused.code == 6 and "lead 13: is nobody of those who are rehearsed" in refused.err


async def test_the_audience_of_the_house_comes_in_as_it_stands(command: Command, db: Db, book: Book) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    await acts.in_journey(db, book, "ben.okoro")
    whom = ("--where", "{field: role, is: quality}", "--engagement", "0", "--days", "30", "--json")
    shown = (await command("journeys", "simulate", "small", *whom)).json
    [journey] = shown["journeys"]
    assert (shown["leads"], journey["left_out"], journey["mails"]) == (2, {"in_already": 2}, 4)
    assert {step["step"]: step["arrived"] for step in journey["steps"]}["dock"] == 2
    named = await command("journeys", "simulate", "small", "--lead", lead_id, "--engagement", "0", "--json")
    assert named.json["leads"] == 1


async def test_what_cannot_be_rehearsed_is_said_with_its_remedy(command: Command, book: Book) -> None:
    del book
    refusals = {
        ("nowhere", "--leads", "3"): (3, "There is no journey nowhere."),
        ("buying-circle", "--leads", "3"): (2, "It is a journey as code"),
        ("welcome-four-degrees", "--leads", "0"): (2, "Write how many, from 1."),
        ("welcome-four-degrees", "--leads", "3", "--days", "0"): (2, "Write how many days to play"),
        ("welcome-four-degrees", "--leads", "3", "--engagement", "often"): (2, "Say past, a share from 0 to 1"),
        ("welcome-four-degrees", "--leads", "3", "--event", "sneezed"): (2, "The definition has no event"),
        ("welcome-four-degrees", "--leads", "3", "--begins", "soon"): (2, "Write a day such as 2026-03-02"),
        ("small", "--everybody"): (4, "No mail has gone in a year"),
        ("small", "--everybody", "--engagement", "0"): (2, "No lead is so."),
        ("small", "--everybody", "--begins", "2020-01-01", "--engagement", "0"): (2, "It lies behind us"),
        ("small", "--engagement", "0"): (2, "Say whom"),
    }
    for arguments, (code, words) in refusals.items():
        ran = await command("journeys", "simulate", *arguments)
        assert (ran.code, words in ran.err) == (code, True), (arguments, ran.err)
