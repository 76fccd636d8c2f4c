"""Can a marketer let leads in by hand and take them out, and does everybody left out have a reason?"""

from __future__ import annotations

from pathlib import Path

from leadloom.store import published
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.store import acts
from tests.store.acts import TUESDAY

BY = ("--by", "priya-nair")


async def crowd(db: Db, book: Book) -> str:
    allowed = {"bases": (world.permission(at=TUESDAY),), "source": "webinar"}
    lead_id = await acts.capture(db, book, world.draft("ana.moss", **allowed))
    await acts.capture(db, book, world.draft("ben.moss", email="ben@b.example", company="B", source="webinar"))
    return str(lead_id)


async def test_a_dry_run_counts_and_lists_and_writes_nothing(command: Command, db: Db, dsn: str, book: Book) -> None:
    await crowd(db, book)
    ran = await command("journeys", "enrol", "small", "--source", "webinar", "--dry-run", *BY)
    assert (ran.code, ran.err) == (0, "")
    assert "small: 1 would come in." in ran.out and "has not allowed such mail" in ran.out
    assert "Nothing was written." in ran.out
    assert await acts.rows(dsn, "SELECT FROM enrolment") == []


async def test_a_file_of_leads_comes_in_once_and_goes_out_again(
    command: Command, db: Db, dsn: str, book: Book, tmp_path: Path
) -> None:
    lead_id = await crowd(db, book)
    path = tmp_path / "ids.csv"
    path.write_text(f"email,why\nben@b.example,asked\nnobody@x.example,typo\n{lead_id},\n{lead_id},twice\n")
    done = (await command("journeys", "enrol", "small", "--file", path, *BY, "--json")).json
    assert done["enrolled"] == 1
    assert [(code, len(who)) for code, who in done["left_out"].items()] == [("no_basis", 1), ("unknown", 1)]
    assert done["left_out"]["unknown"] == ["nobody@x.example"]
    again = (await command("journeys", "enrol", "small", "--lead", lead_id, *BY, "--json")).json
    assert (again["enrolled"], again["left_out"]) == (0, {"in_already": [lead_id]})
    out = ("journeys", "unenrol", "small", "--file", path, "--outcome", "was a mistake", *BY)
    assert (await command(*out)).out == "1 run of small ended: was a mistake.\n"
    assert (await command(*out)).out == "0 runs of small ended: was a mistake.\n"
    [run] = await acts.rows(dsn, "SELECT outcome FROM enrolment")
    assert run["outcome"] == "was a mistake"


async def test_an_act_that_is_said_again_under_its_name_goes_on_and_doubles_nobody(
    command: Command, db: Db, dsn: str, book: Book
) -> None:
    lead_id = await crowd(db, book)
    beside = world.small_journey().but(enter=world.small_journey().enter.but(again="concurrent"))
    async with db.transaction() as tx:
        await published.publish_journey(tx, beside, at=TUESDAY, by="priya-nair")
    said = ("journeys", "enrol", "small", "--lead", lead_id, *BY, "--json")
    assert "say it again with --act " in (await command(*said)).err
    assert (await command(*said, "--act", "spring")).json["enrolled"] == 1
    again = (await command(*said, "--act", "spring")).json
    assert (again["enrolled"], again["left_out"]) == (0, {"in_already": [lead_id]})
    assert len(await acts.rows(dsn, "SELECT FROM enrolment")) == 2


async def test_each_refusal_is_a_remedy(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    nobody = await command("journeys", "enrol", "small", *BY)
    assert (nobody.code, "Say whom: --lead, --file" in nobody.err) == (2, True)
    stranger = await command("journeys", "enrol", "small", "--lead", "x", "--by", "stranger")
    assert (stranger.code, "stranger" in stranger.err) == (3, True)
    nowhere = await command("journeys", "enrol", "nowhere", "--source", "webinar", *BY)
    assert (nowhere.code, "nowhere" in nowhere.err) == (3, True)
    pace = await command("journeys", "enrol", "small", "--source", "webinar", "--per-minute", "0", *BY)
    assert (pace.code, "1 or more" in pace.err) == (2, True)
    where = await command("journeys", "enrol", "small", "--where", "{tga: [x]}", *BY)
    assert where.code == 6
