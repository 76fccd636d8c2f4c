"""Does an operator merge two leads, part them, and keep two people apart?"""

from __future__ import annotations

from datetime import timedelta

from leadloom.store import match_faults, matching
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.store import acts
from tests.store.acts import TUESDAY

_BY = ("--by", "samira-haddad", "--why", "the same badge")
_ANA, _OTHER = "ana.torres@meridian-pharma.example", "a.torres@meridian-pharma.example"


async def test_two_leads_are_looked_at_merged_found_by_either_name_and_parted(
    command: Command, db: Db, book: Book
) -> None:
    ana, _ = await acts.in_journey(db, book)
    later = TUESDAY + timedelta(hours=1)
    happened = world.happened("article_read", later)
    other = await acts.capture(db, book, world.draft("a.torres", happened, first_name="Anna"), later)
    shown = (await command("duplicates", "show", _OTHER, _ANA, "--json")).json
    assert (shown["united"]["first_name"]["is_"], shown["united"]["first_name"]["rule"]) == ("Ana", "oldest")
    done = await command("duplicates", "merge", _OTHER, _ANA, *_BY, "--json")
    assert (done.json["lead_id"], done.json["loser_id"], done.json["is_new"]) == (str(ana), str(other), True)
    assert "duplicates undo" in done.err
    assert (await command("leads", "show", other, "--json")).json["lead"]["lead_id"] == str(ana)
    [merge] = (await command("duplicates", "list", "--merged", "--json")).json
    assert (merge["by"], merge["rule"], merge["undone_at"]) == ("samira-haddad", "by hand", None)
    parted = await command("duplicates", "undo", merge["merge_id"], "--by", "samira-haddad", "--why", "sisters")
    assert (parted.code, "are two again" in parted.out) == (0, True)
    assert (await command("leads", "show", other, "--json")).json["lead"]["lead_id"] == str(other)
    assert (await command("duplicates", "undo", merge["merge_id"], *_BY)).code == 4
    assert (await command("duplicates", "list", "--json")).json == []


async def test_two_people_stay_two_once_somebody_said_so(command: Command, db: Db, book: Book) -> None:
    await acts.in_journey(db, book)
    await acts.capture(db, book, world.draft("a.torres"))
    kept = await command("duplicates", "keep-apart", _ANA, _OTHER, *_BY)
    assert (kept.code, "stay two" in kept.out) == (0, True)
    assert (await command("duplicates", "keep-apart", _ANA, _ANA, *_BY)).code == 2
    assert (await command("duplicates", "merge", _ANA, "nobody@nowhere.example", *_BY)).code == 3


async def test_what_a_merge_keeps_of_somebody_goes_when_they_are_erased(
    command: Command, db: Db, book: Book, dsn: str
) -> None:
    await acts.in_journey(db, book)
    await acts.capture(db, book, world.draft("a.torres", first_name="Annabella"), TUESDAY + timedelta(hours=1))
    merged = (await command("duplicates", "merge", _ANA, _OTHER, *_BY, "--json")).json
    assert (await command("leads", "erase", _ANA, "--by", "samira-haddad", "--why", "by letter", "--yes")).code == 0
    for table in ("lead_merge", "merged_row", "merged_lead", "audit", "event", "lead", "suppression"):
        told = await acts.rows(dsn, f"SELECT to_jsonb(t)::text AS told FROM {table} t")
        assert not [row for row in told if "annabella" in row["told"].lower() or _OTHER in row["told"]]
    assert (await command("duplicates", "undo", merged["merge_id"], *_BY)).code == 4


async def test_whom_the_sweep_could_not_look_at_is_listed_with_the_reason_and_looked_at_again(
    command: Command, db: Db, book: Book, dsn: str
) -> None:
    ana, _ = await acts.in_journey(db, book)
    async with db.transaction() as tx:
        await match_faults.keep(tx, ana, "no room for them\nand more", at=TUESDAY)
    [fault] = (await command("duplicates", "faults", "--json")).json
    assert (fault["lead_id"], fault["name"], fault["error"]) == (str(ana), "Ana Torres", "no room for them")
    assert (await command("duplicates", "retry", "--json")).json == {"leads": 1}
    await matching.look(db, at=TUESDAY)
    assert "Everybody could be looked at" in (await command("duplicates", "faults")).out
    assert await acts.rows(dsn, "SELECT FROM lead_to_match") == []
