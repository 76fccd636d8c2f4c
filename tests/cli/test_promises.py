"""Does publishing refuse a journey that a story catches breaking its word, and keep why it went out all the same?"""

from __future__ import annotations

from pathlib import Path

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.cli.conftest import Command
from tests.cli.drafts import drafts as drafts
from tests.store import acts

BY = ("--by", "priya-nair")


def promise_too_much(drafts: Path) -> None:
    """The hand-raise journey mails whoever asked, and says it never would."""
    path = drafts / "workflows" / "journeys" / "hand-raise.yaml"
    text = path.read_text()
    path.write_text(text.replace("\nsteps:\n", "\npromises: {at_most: {count: 0, within: 7d}}\n\nsteps:\n", 1))


async def test_a_story_that_breaks_a_promise_stops_the_publish_unless_somebody_says_why(
    command: Command, db: Db, book: Book, drafts: Path, dsn: str
) -> None:
    del db, book
    promise_too_much(drafts)
    checked = await command("journeys", "check", "hand-raise", "--search", "--json")
    assert checked.code == 6 and "hand-raise breaks `at_most: 0 within 7 days`" in checked.json["faults"][0]
    for arguments in (("journeys", "publish", "hand-raise"), ("journeys", "publish"), ("definitions", "publish")):
        refused = await command(*arguments, *BY)
        assert refused.code == 6, arguments
        assert "here: it is mail 1 in 7 days" in refused.err and "--despite-promise WHY" in refused.err
    shown = {line["name"]: line["version"] for line in (await command("journeys", "list", "--json")).json}
    assert shown["hand-raise"] is None
    assert (await command("journeys", "publish", *BY, "--despite-promise", " ")).code == 2
    published = await command("journeys", "publish", *BY, "--despite-promise", "The fair is tomorrow")
    assert (published.code, "tried, seed 0" in published.err) == (0, True)
    [note] = await acts.rows(dsn, "SELECT actor, why, after FROM audit WHERE action LIKE '%broken promise'")
    assert (note["actor"], note["why"]) == ("priya-nair", "The fair is tomorrow")
    assert "at_most: 0 within 7 days" in str(note["after"])
    again = await command("journeys", "publish", *BY)
    assert (again.code, "tried, seed 0" in again.err) == (0, False)


async def test_our_own_journeys_break_no_promise(command: Command) -> None:
    assert (await command("journeys", "check", "--search")).code == 0
