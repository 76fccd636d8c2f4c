"""Are leads who are one person found behind the captures: sure ones merged, likely ones suggested, others let alone?"""

from __future__ import annotations

from datetime import timedelta

from leadloom.store import duplicates, leads, matching
from leadloom.store.db import Db
from leadloom.store.matching import Looked
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

LATER = TUESDAY + timedelta(hours=1)


async def look(db: Db, book: Book) -> Looked:
    async with db.transaction() as tx:
        return await matching.look(tx, book=book, at=LATER)


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
