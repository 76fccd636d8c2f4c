"""Can somebody walk through a draft with one lead, and see why it decides as it does?"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.cli.conftest import Command
from tests.store import acts

WALK = ("journeys", "step", "welcome-four-degrees", "--begins", "2026-03-02T09:00+00:00")


async def test_whoever_walks_says_what_happens_and_sees_each_decision_with_its_values(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "\n\ncalculator_finished\nsneezed\ntell audit_date\n\ndemo_requested\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(said))
    ran = await command(*WALK, "--country", "DE")
    assert ran.code == 0
    for told in (
        "→ stands at until-day-3, waits for day 3, at the latest Thu 2026-03-05 09:00 UTC",
        "may-we-write: may get marketing mail",
        "priced-already: none of: calculator finished since entry  [last calculator finished: None]",
        "✉ calculator  (templates/journeys/welcome-four-degrees/calculator)",
        "may happen: calculator_finished, demo_requested",
        "calculator-or-day-14: calculator finished  [event: calculator_finished; event no: 2]",
        "The run is over: asked to talk.",
    ):
        assert told in ran.out, told
    assert "'sneezed' can't be used" in ran.err and "Write it as NAME=VALUE" in ran.err


async def test_a_script_walks_by_itself_to_the_end(command: Command, tmp_path: Path) -> None:
    script = tmp_path / "story.jsonl"
    script.write_text(json.dumps({"lead": "*", "day": 33, "event": "audit_date_told"}))
    ran = await command(*WALK, "--set", "audit_date=2026-06-30", "--events", script)
    assert (ran.code, "✉ sixty-days" in ran.out, "The run is over: finished." in ran.out) == (0, True, True)
    script.write_text('{"lead": "*", "day": 1, "event": "sneezed"}')
    assert (await command(*WALK, "--events", script)).code == 6
    assert (await command("journeys", "step", "nowhere")).code == 3


async def test_without_a_permission_the_letters_end(command: Command, tmp_path: Path) -> None:
    script = tmp_path / "nothing.jsonl"
    script.write_text("")
    ran = await command(*WALK, "--no-basis", "--events", script)
    assert "may-we-write: none of: may get marketing mail" in ran.out and "nine-minutes" not in ran.out


async def test_a_script_can_be_told_as_json(command: Command, tmp_path: Path) -> None:
    script = tmp_path / "nothing.jsonl"
    script.write_text("")
    told = (await command(*WALK, "--events", script, "--json")).json
    went = [line["words"] for line in told["lines"] if line["kind"] == "went"]
    assert went[:2] == ["deliver-guide", "nine-minutes"]
    assert (told["now"]["waiting_for"], told["now"]["outcome"]) == (None, "finished")


async def test_a_conversation_speaks_no_json(command: Command) -> None:
    ran = await command(*WALK, "--json")
    assert ran.code == 2 and "--events" in ran.err


async def test_a_lead_of_the_house_begins_anew(command: Command, db: Db, book: Book, tmp_path: Path) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    script = tmp_path / "nothing.jsonl"
    script.write_text("")
    ran = await command("journeys", "step", "hand-raise", "--lead", lead_id, "--events", script)
    assert ran.code == 0 and "comes in by" in ran.out
