"""Are leads who are one person found behind the captures: sure ones merged, likely ones suggested, others let alone?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from leadloom.domain.model import LeadId
from leadloom.store import duplicates, leads, match_faults, matching, merges
from leadloom.store.db import Db
from leadloom.store.matching import Looked
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

LATER = TUESDAY + timedelta(hours=1)


async def look(db: Db, book: Book) -> Looked:
    del book  # it must be published
    return await matching.look(db, at=LATER)


async def test_a_tagged_address_of_one_mailbox_is_merged_and_a_likely_pair_waits(db: Db, book: Book) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres", email="ana.torres@gmail.com"))
    tagged = await acts.capture(db, book, world.draft("ana.torres", email="ana.torres+fair@gmail.com"), LATER)
    typed = await acts.capture(db, book, world.draft("ana.tores", email="ana.tores@meridian-pharma.example"), LATER)
    bea = await acts.capture(db, book, world.draft("bea.lind", email="bea@lind.example", company="Lind AB"), LATER)
    looked = await look(db, book)
    assert (looked.leads, looked.merged) == (4, 1)
    async with db.read() as tx:
        assert (await leads.get(tx, tagged)).lead_id == ana
        waiting = await duplicates.suggested(tx)
    assert bea not in {lead for one in waiting for lead in (one.lead_id, one.other_id)}
    assert typed in {lead for one in waiting for lead in (one.lead_id, one.other_id)}
    # The merge told something new of the survivor; after that there is nothing left to look at.
    await look(db, book)
    assert (await look(db, book)).leads == 0


async def test_who_was_kept_apart_is_neither_merged_nor_suggested_again(db: Db, book: Book) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres", email="ana.torres@gmail.com"))
    tagged = await acts.capture(db, book, world.draft("ana.torres", email="ana.torres+fair@gmail.com"), LATER)
    async with db.transaction() as tx:
        await duplicates.keep_apart(tx, ana, tagged, why="two sisters", by="samira-haddad", at=LATER)
    looked = await look(db, book)
    assert (looked.merged, looked.suggested) == (0, 0)


async def twins(db: Db, book: Book, name: str) -> tuple[LeadId, LeadId]:
    """Two leads of one mailbox."""
    one = await acts.capture(db, book, world.draft(name, email=f"{name}@gmail.com"))
    return one, await acts.capture(db, book, world.draft(name, email=f"{name}+fair@gmail.com"), LATER)


async def test_a_lead_that_fails_holds_up_nobody_is_listed_and_looked_at_again(db: Db, book: Book, dsn: str) -> None:
    ana, ana_again = await twins(db, book, "ana.torres")
    bea, bea_again = await twins(db, book, "bea.lind")
    for told in (
        "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no room for them'; END $$",
        "CREATE TRIGGER refuse BEFORE INSERT ON lead_merge FOR EACH ROW"
        f" WHEN (NEW.survivor_id = '{ana}') EXECUTE FUNCTION refused()",
    ):
        await acts.rows(dsn, told)
    looked = await look(db, book)
    assert (looked.leads, looked.merged) == (4, 1)
    async with db.read() as tx:
        listed = await match_faults.listed(tx)
        assert await merges.now(tx, bea_again) == bea
    assert {fault.lead_id for fault in listed} == {ana, ana_again}
    assert all("no room for them" in fault.error and fault.name == "Ana Torres" for fault in listed)
    while (await look(db, book)).leads:
        pass  # the survivor of a merge is looked at again; who failed isn't
    await acts.rows(dsn, "DROP TRIGGER refuse ON lead_merge")
    async with db.transaction() as tx:
        assert await match_faults.retry(tx) == 2
    assert (await look(db, book)).merged == 1
    async with db.read() as tx:
        assert (await match_faults.listed(tx), await merges.now(tx, ana_again)) == ((), ana)


async def test_what_is_told_while_a_lead_is_looked_at_is_looked_at_next(db: Db, book: Book, dsn: str) -> None:
    """A note is taken by its place: one that comes meanwhile has another."""
    ana = await acts.capture(db, book, world.draft("ana.torres", email="ana.torres@gmail.com"))
    async with db.read() as tx:
        notes = {row["lead_id"]: row["notes"] for row in await tx.all("leads_to_match", left=[], page_limit=9)}
    await acts.rows(dsn, "UPDATE lead SET phone = '+1 212 555 0143' WHERE lead_id = $1", ana)
    async with db.transaction() as tx:
        assert await tx.run("take_notes", notes=notes[ana], lead_ids=[ana]) == 1
    assert (await look(db, book)).leads == 1


async def test_a_suggestion_that_is_likely_no_more_goes(db: Db, book: Book, dsn: str) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres", email="ana.torres@gmail.com"))
    typed = await acts.capture(db, book, world.draft("ana.tores", email="ana.tores@gmail.com"), LATER)
    await look(db, book)
    async with db.read() as tx:
        assert [{one.lead_id, one.other_id} for one in await duplicates.suggested(tx)] == [{ana, typed}]
    await acts.rows(
        dsn,
        "UPDATE lead SET first_name = 'Bertram', email = 'b.tores@lind.example', company = 'Lind' WHERE lead_id = $1",
        typed,
    )
    await look(db, book)
    async with db.read() as tx:
        assert await duplicates.suggested(tx) == ()


async def test_two_sweeps_at_once_merge_each_pair_once(db: Db, book: Book, dsn: str) -> None:
    pairs = [await twins(db, book, name) for name in ("ana.torres", "bea.lind", "karl.vogt")]
    looked = await asyncio.gather(*(look(db, book) for _ in range(3)))
    for _ in range(3):
        looked += [await look(db, book)]
    assert sum(one.merged for one in looked) == len(pairs)
    assert len(await acts.rows(dsn, "SELECT FROM lead_merge")) == len(pairs)
    assert await acts.rows(dsn, "SELECT FROM match_fault") == []
