"""Can a marketer edit a journey that leads are in, see beforehand what becomes of them, and read the proof after?"""

from __future__ import annotations

from pathlib import Path

from leadloom.store import published
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.cli.conftest import Command
from tests.cli.drafts import drafts as drafts
from tests.store import acts

BY = ("--by", "priya-nair")
WELCOME = "welcome-four-degrees"


async def test_the_preview_says_what_each_run_would_do_and_changes_nothing(
    command: Command, db: Db, dsn: str, book: Book, drafts: Path
) -> None:
    await publish_and_enter(command, db, dsn, "ana.torres", "ben.ito")
    shorten(drafts)
    ran = await command("journeys", "publish", WELCOME, "--runs", "migrate", "--dry-run", *BY)
    assert ran.code == 0, ran.err
    assert "2 runs are under way on earlier versions" in ran.out
    assert "Nothing was changed" in ran.out
    assert await acts.rows(dsn, "SELECT FROM publication WHERE choice ->> 'runs' <> 'finish'") == []


async def test_runs_go_on_with_the_new_version_and_the_balance_is_printed(
    command: Command, db: Db, dsn: str, book: Book, drafts: Path
) -> None:
    await publish_and_enter(command, db, dsn, "ana.torres", "ben.ito")
    shorten(drafts)
    ran = await command("journeys", "publish", WELCOME, "--runs", "migrate", *BY)
    assert ran.code == 0, ran.err
    assert "2 were under way = 2 migrated + 0 finishing + 0 ended" in ran.out
    assert "no mail went twice" in ran.out
    [newest, first] = (await command("journeys", "versions", WELCOME, "--json")).json
    assert (newest["open"], first["open"], newest["balance"]["migrated"]) == (2, 0, 2)
    again = await command("journeys", "publish", WELCOME, *BY)
    assert (again.code, "stays in force" in again.out) == (0, True)


async def test_words_that_mean_nothing_are_refused_with_what_would(
    command: Command, db: Db, dsn: str, book: Book, drafts: Path
) -> None:
    await publish_and_enter(command, db, dsn, "ana.torres")
    shorten(drafts)
    for words in (("--runs", "move"), ("--map", "pause"), ("--runs", "migrate", "--map", "nowhere=end")):
        ran = await command("journeys", "publish", WELCOME, *words, *BY)
        assert ran.code == 2, ran.out
    assert (await command("journeys", "publish", "--runs", "migrate", *BY)).code == 2
    assert (await command("journeys", "publish", "nowhere", *BY)).code == 3
    assert (await command("journeys", "versions", "nowhere")).code == 3


async def publish_and_enter(command: Command, db: Db, dsn: str, *names: str) -> None:
    """The drafts are in force, and these leads are in the welcome."""
    assert (await command("journeys", "publish", *BY)).code == 0
    async with db.read() as tx:
        book = await published.book(tx)
    for name in names:
        lead_id, _ = await acts.in_journey(db, book, name)
        query = "SELECT enrolment_id FROM enrolment WHERE lead_id = $1 AND journey = $2"
        [row] = await acts.rows(dsn, query, lead_id, WELCOME)
        await acts.advance(db, book, row["enrolment_id"])


def shorten(drafts: Path) -> None:
    """The marketer makes a wait of the welcome shorter."""
    path = drafts / "workflows" / "journeys" / f"{WELCOME}.yaml"
    text = path.read_text()
    assert "to_day: 3" in text
    path.write_text(text.replace("to_day: 3", "to_day: 2", 1))
