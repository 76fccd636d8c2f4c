"""Does an operator see who a lead is, why they stand where they stand, and all that we hold?"""

from __future__ import annotations

import json
import re

import asyncpg

from leadloom.store.db import Db
from leadloom.store.names import queries
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.store import acts
from tests.store.acts import TUESDAY


async def test_a_lead_is_found_by_address_and_told_from_the_beginning(command: Command, db: Db, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    shown = (await command("leads", "show", "ana.torres@meridian-pharma.example", "--json")).json
    assert shown["lead"]["lead_id"] == str(lead_id)
    kinds = [chapter["kind"] for chapter in shown["story"]]
    assert kinds.index("event") < kinds.index("entered")
    assert [mail["mail"] for mail in shown["coming"]] == ["guide"]
    assert [stage["stage"] for stage in shown["stages"]] == ["inquiry"]
    text = (await command("leads", "show", lead_id)).out
    assert re.search(r"Marketing may (not )?write to them: .+ US", text)
    assert "Ana Torres" in text and "guide_requested" in text


async def test_the_list_holds_only_whom_the_filter_names(command: Command, db: Db, book: Book) -> None:
    await acts.in_journey(db, book)
    await acts.capture(db, book, world.draft("bea.lind", world.happened("demo_requested", TUESDAY), company="Lind AB"))
    everybody = (await command("leads", "list", "--json")).json
    asked = (await command("leads", "list", "--stage", "mql", "--json")).json
    assert len(everybody) == 2
    assert [row["first_name"] for row in asked] == ["Bea"]


async def test_the_calendar_says_when_by_the_leads_clock_and_why_then(command: Command, db: Db, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    calendar = (await command("leads", "calendar", lead_id, "--json")).json
    assert [(mail["mail"], mail["local"]) for mail in calendar["planned"]] == [("guide", "Tue 2026-03-03 10:00")]
    assert calendar["zone"] == {"name": "America/New_York", "told_by": "country"}
    text = (await command("leads", "calendar", "ana.torres@meridian-pharma.example")).out
    assert "Tue 2026-03-03 10:00" in text and "it goes as soon as it may" in text
    assert "Cap: no more than 2 mails in 7 days go to a person; 0 of 2 used" in text
    assert (await command("leads", "calendar", "nobody@nowhere.example")).code == 3


async def test_why_tells_each_point_and_what_the_gate_still_lacks(command: Command, db: Db, book: Book) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    why = (await command("leads", "why", lead_id, "--json")).json
    points = sum(reason["points"] for reason in why["engagement"])
    assert why["engagement"] and abs(points - why["score"]["engagement"]) < 1e-6
    [track] = why["tracks"]
    assert track["stage"] == "inquiry" and any("Engagement" in line for line in track["not_yet"])
    assert why["may_market"] is True
    assert "not further" in (await command("leads", "why", lead_id)).out


async def test_why_a_lead_is_in_a_journey_names_what_each_step_decided(command: Command, db: Db, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    why = (await command("leads", "why", lead_id, "--journey", "small", "--json")).json
    assert why["is_in"] is True
    assert [step["step"] for step in why["steps"]][:2] == ["guide", "pause"]
    assert "guide requested" in why["says"]


async def test_why_a_lead_is_not_in_a_journey_names_what_never_happened(command: Command, db: Db, book: Book) -> None:
    lead_id = await acts.capture(db, book, world.draft("cid.marsh", world.happened("article_read", TUESDAY)))
    why = (await command("leads", "why", lead_id, "--journey", "small", "--json")).json
    assert (why["is_in"], why["run"]) == (False, None)
    assert why["says"] == "never did what lets a lead in: guide requested"


async def test_a_journey_nobody_published_is_exit_3(command: Command, db: Db, book: Book) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    assert (await command("leads", "why", lead_id, "--journey", "win-back")).code == 3


async def test_the_export_is_ndjson_and_holds_no_word_about_anybody_else(command: Command, db: Db, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    await acts.in_journey(db, book, "dora.quist")
    ran = await command("leads", "export", lead_id)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    nouns = {line["noun"] for line in lines}
    assert {"lead", "account", "identity_key", "basis", "event", "score_entry", "enrolment", "step_log"} <= nouns
    assert {"message", "stage_change", "lead_stage"} <= nouns
    assert "dora" not in ran.out.lower()
    assert next(line for line in lines if line["noun"] == "basis")["row"]["wording"] == "Yes, write to me."


async def test_no_table_that_can_name_a_lead_is_left_out_of_the_export(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch(
            "SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING (table_name)"
            " WHERE column_name IN ('lead_id', 'enrolment_id', 'hand_off_id') AND table_type = 'BASE TABLE'"
        )
    finally:
        await connection.close()
    exported = {part.split("'")[1] for part in queries()["held_of_lead"].sql.split("SELECT ") if part[:1].isdigit()}
    assert {row["table_name"] for row in tables} - exported == set()


NAMES_NOBODY = {
    "score_entry": "kinds and points", "campaign_member": "numbers and codes", "import_row": "numbers and outcomes",
    "publication_run": "steps and fates", "review": "who of ours decided, and when",
    "notice_post": "endpoints, instants and answers of machines",
    "merged_lead": "ids", "lead_to_match": "ids",
}  # fmt: skip


async def test_no_table_that_can_name_a_lead_is_left_out_of_the_erasure(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch(
            "SELECT DISTINCT table_name FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_name) WHERE column_name IN ('lead_id', 'enrolment_id', 'hand_off_id', 'message_id')"
            " AND table_type = 'BASE TABLE'"
        )
    finally:
        await connection.close()
    said = " ".join(query.sql for name, query in queries().items() if name.startswith(("forget_", "mark_silences")))
    forgotten = set(re.findall(r"(?:UPDATE|DELETE FROM|INSERT INTO) (\w+)", said))
    assert {row["table_name"] for row in tables} - forgotten - NAMES_NOBODY.keys() == set()


async def test_a_lead_is_erased_only_when_it_is_meant_and_never_twice(command: Command, db: Db, book: Book) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    who = ("leads", "erase", "ana.torres@meridian-pharma.example", "--by", "samira-haddad", "--why", "by letter")
    looked = await command(*who, "--json")
    assert (looked.json["erased"], looked.json["rows"]["event"], "add --yes" in looked.err) == (False, 1, True)
    assert (await command(*who, "--yes")).code == 0
    assert (await command(*who, "--yes")).code == 3
    again = await command("leads", "erase", lead_id, "--by", "samira-haddad", "--why", "by letter", "--yes")
    assert (again.code, "erased on" in again.err) == (4, True)
    assert "Ana" not in (await command("leads", "show", lead_id)).out


async def test_why_not_names_the_first_thing_in_the_way_and_when_it_could_pass(
    command: Command, db: Db, book: Book
) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    told = (await command("leads", "why-not", lead_id, "small/dock", "--json")).json
    assert (told["answer"]["code"], told["came_to"]) == ("waits", "run")
    assert told["answer"]["earliest"].startswith("2026-03-06")
    text = (await command("leads", "why-not", "ana.torres@meridian-pharma.example", "dock")).out
    assert "small/dock: waits. The run stands at pause and waits for 3 days after the mail of step guide." in text
    assert "Could pass: from 2026-03-06 15:00 UTC." in text
    assert (await command("leads", "why-not", lead_id, "nothing")).code == 3
