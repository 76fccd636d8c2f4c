"""Is one person one lead, at one company, whoever tells us first, twice or at the same moment?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.lead import BasisKind, Lead, LeadDraft
from leadloom.store import audit, leads, permissions
from leadloom.store.db import Db
from leadloom.store.leads import Captured
from leadloom.store.published import Book
from tests import world

WAITS_FOR_A_LOCK = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
)
LATER = world.MONDAY + timedelta(days=3)


async def capture(db: Db, book: Book, draft: LeadDraft, at=world.MONDAY) -> Captured:
    async with db.transaction() as tx:
        return await leads.capture(tx, draft, book=book, at=at, actor="lead")


async def lead(db: Db, captured: Captured) -> Lead:
    async with db.read() as tx:
        return await leads.get(tx, captured.lead_id)


async def count(dsn: str, table: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(f"SELECT count(*) FROM {table}")
    finally:
        await connection.close()


async def test_a_new_person_is_a_lead_with_an_account_and_a_first_stage(db: Db, book: Book) -> None:
    captured = await capture(db, book, world.draft("ana.torres"))
    ana = await lead(db, captured)
    async with db.read() as tx:
        account = await leads.account_of(tx, ana)
    assert captured.is_new
    assert (ana.email, ana.role, ana.source, ana.created_at) == (
        "ana.torres@meridian-pharma.example",
        "quality",
        "microsite",
        world.MONDAY,
    )
    assert account is not None
    assert (account.name, account.domain, account.sites) == ("Meridian Pharma", "meridian-pharma.example", 4)
    assert [change.to_stage for change in captured.recorded.consequences.changes] == ["aware"]


async def test_the_same_mail_in_other_letters_is_the_same_person_and_blanks_take_nothing_away(
    db: Db, book: Book
) -> None:
    first = await capture(db, book, world.draft("ana.torres", phone="+1 212 555 0199"))
    told = LeadDraft(email="Ana.Torres@Meridian-Pharma.EXAMPLE", title="QA Manager")
    second = await capture(db, book, told, LATER)
    ana = await lead(db, second)
    assert (second.lead_id, second.is_new) == (first.lead_id, False)
    assert (ana.title, ana.phone, ana.first_name, ana.created_at) == (
        "QA Manager",
        "+1 212 555 0199",
        "Ana",
        world.MONDAY,
    )


async def test_two_captures_of_the_same_new_mail_at_once_make_one_lead_and_one_account(
    db: Db, book: Book, dsn: str
) -> None:
    drafts = [world.draft("ana.torres", world.happened("article_read", key=f"read/{number}")) for number in range(12)]
    captured = await asyncio.gather(*(capture(db, book, draft) for draft in drafts))
    assert len({each.lead_id for each in captured}) == 1
    assert sum(each.is_new for each in captured) == 1
    assert (await count(dsn, "lead"), await count(dsn, "account"), await count(dsn, "identity_key")) == (1, 1, 1)
    assert sorted(event.no for each in captured for event in each.recorded.events) == list(range(1, 13))


async def test_colleagues_who_come_at_once_share_one_account(db: Db, book: Book, dsn: str) -> None:
    names = ("ana.torres", "ben.ito", "cleo.marsh", "dov.lind")
    await asyncio.gather(*(capture(db, book, world.draft(name)) for name in names))
    assert (await count(dsn, "lead"), await count(dsn, "account")) == (4, 1)


async def test_people_with_free_mail_share_the_account_they_name_also_at_once(db: Db, book: Book, dsn: str) -> None:
    ana, ben = [world.draft(name, email=f"{name}@gmail.com", company="North Depot") for name in ("ana", "ben")]
    watch = await asyncpg.connect(dsn)
    async with db.transaction() as tx:
        await leads.capture(tx, ana, book=book, at=world.MONDAY, actor="lead")
        colleague = asyncio.create_task(capture(db, book, ben))
        # Ana's account isn't committed: Ben's capture can only wait for it, or go wrong.
        while not colleague.done() and not await watch.fetchval(WAITS_FOR_A_LOCK):
            pass
    await colleague
    await watch.close()
    assert (await count(dsn, "lead"), await count(dsn, "account")) == (2, 1)


async def test_a_company_known_by_name_gets_its_domain_from_the_first_work_mail(db: Db, book: Book) -> None:
    free = await capture(db, book, world.draft("ana", email="ana@gmail.com"))
    work = await capture(db, book, world.draft("ben.ito"))
    one, two = await lead(db, free), await lead(db, work)
    async with db.read() as tx:
        account = await leads.account_of(tx, one)
    assert one.account_id == two.account_id
    assert account is not None
    assert account.domain == "meridian-pharma.example"


async def test_a_company_called_by_its_domain_is_renamed_once_somebody_names_it(db: Db, book: Book) -> None:
    await capture(db, book, world.draft("ana.torres", company=None))
    named = await capture(db, book, world.draft("ben.ito"))
    async with db.read() as tx:
        account = await leads.account_of(tx, await leads.get(tx, named.lead_id))
    assert account is not None
    assert account.name == "Meridian Pharma"


async def test_without_work_mail_and_company_there_is_no_account(db: Db, book: Book) -> None:
    captured = await capture(db, book, world.draft("ana", email="ana@gmail.com", company=None))
    assert (await lead(db, captured)).account_id is None


async def test_an_external_id_and_a_mail_that_came_together_both_find_the_lead(db: Db, book: Book) -> None:
    first = await capture(db, book, world.draft("ana.torres", external_id="crm-7"))
    by_id = await capture(db, book, LeadDraft(external_id="crm-7"))
    by_mail = await capture(db, book, LeadDraft(email="ana.torres@meridian-pharma.example"))
    assert {first.lead_id} == {by_id.lead_id, by_mail.lead_id}
    async with db.read() as tx:
        for name in ("crm-7", "Ana.Torres@meridian-pharma.example", str(first.lead_id)):
            assert await leads.find(tx, name) == first.lead_id
        with pytest.raises(NotFound, match="no lead crm-8"):
            await leads.find(tx, "crm-8")


async def test_a_draft_that_names_two_leads_leaves_them_apart_and_asks_a_person_to_look(db: Db, book: Book) -> None:
    ana = await capture(db, book, LeadDraft(external_id="crm-7", first_name="Ana"))
    ben = await capture(db, book, world.draft("ben.ito"))
    both = await capture(db, book, world.draft("ben.ito", external_id="crm-7"))
    assert (both.lead_id, both.also_known_as) == (ana.lead_id, (ben.lead_id,))
    assert (await lead(db, ana)).email is None
    async with db.read() as tx:
        (note,) = await audit.notes(tx, f"lead {ana.lead_id}")
    assert note.after == {"other": str(ben.lead_id)}


async def test_an_address_that_is_none_makes_no_lead(db: Db, book: Book, dsn: str) -> None:
    with pytest.raises(BadInput, match="email"):
        await capture(db, book, world.draft(email="not an address"))
    assert await count(dsn, "lead") == 0


async def test_permissions_come_with_their_proof_and_once(db: Db, book: Book) -> None:
    draft = world.draft(bases=(world.permission(),))
    captured = await capture(db, book, draft)
    await capture(db, book, draft)
    async with db.read() as tx:
        (basis,) = await permissions.of_lead(tx, captured.lead_id)
    assert (basis.kind, basis.wording, basis.proof) == (BasisKind.EXPRESS, "Yes, write to me.", {"page": "/guide"})
    assert basis.holds(LATER)


async def test_an_implied_permission_without_an_end_keeps_the_whole_capture_out(db: Db, book: Book, dsn: str) -> None:
    with pytest.raises(BadInput, match="runs out"):
        await capture(db, book, world.draft(bases=(world.permission(BasisKind.IMPLIED),)))
    assert await count(dsn, "lead") == 0
