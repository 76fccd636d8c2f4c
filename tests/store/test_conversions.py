"""Does opening a deal make person, company and deal at once or not at all, with every possible double answered for?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import LeadId
from leadloom.store import audit, conversions, deals, duplicates, leads, merges
from leadloom.store.conversions import Converted, OpenDeal
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

LATER = TUESDAY + timedelta(hours=1)
FACTS = """
SELECT (SELECT count(*) FROM deal) AS deals, (SELECT count(*) FROM account) AS companies,
       (SELECT count(*) FROM lead_merge) AS merges"""


def order(**rest: object) -> OpenDeal:
    usual = {"key": "a-key-of-mine", "by": "marcus-oyelaran", "via": "page", "name": "Kit", "owner": "dana-whitlock"}
    return OpenDeal.model_validate({**usual, **rest})


async def opened(db: Db, book: Book, lead_id: LeadId, **rest: object) -> Converted:
    async with db.transaction() as tx:
        return await conversions.open_deal(tx, lead_id, order(**rest), book=book, at=LATER)


async def seen(db: Db, book: Book, lead_id: LeadId) -> conversions.BeforeDeal:
    async with db.read() as tx:
        return await conversions.preview(tx, lead_id, book=book)


async def ana(db: Db, book: Book, **rest: Any) -> LeadId:
    """Somebody with a private address, so at no company unless they name one."""
    return await acts.capture(db, book, world.draft("ana.torres", email="ana.torres@gmail.com", **rest))


async def suggested(dsn: str, one: LeadId, other: LeadId) -> None:
    """The sweep found that the two may be one person."""
    first, second = sorted((one, other))
    await acts.rows(
        dsn,
        "INSERT INTO duplicate (lead_id, other_id, bits, reasons, found_at, state)"
        " VALUES ($1, $2, 12, ARRAY['the same name'], now(), 'open')",
        first,
        second,
    )


async def test_a_lead_of_no_company_gets_one_and_its_deal_in_the_same_breath(db: Db, dsn: str, book: Book) -> None:
    lead_id = await ana(db, book, company=None)
    assert (await seen(db, book, lead_id)).account is None
    done = await opened(db, book, lead_id, company="Alder Cold Chain")
    async with db.read() as tx:
        lead = await leads.get(tx, lead_id)
        [deal] = await deals.of_lead(tx, lead_id)
        notes = [note.action for note in await audit.notes(tx, f"lead {lead_id}")]
    assert (deal.external_id, deal.lead_id, deal.stage) == ("leadloom:a-key-of-mine", lead_id, "open")
    assert deal.account_id == lead.account_id is not None
    assert "opened a deal" in notes
    assert await opened(db, book, lead_id, company="Alder Cold Chain") == done
    [facts] = await acts.rows(dsn, FACTS)
    assert (facts["deals"], facts["companies"]) == (1, 1)


async def test_a_company_we_know_is_taken_and_no_second_one_is_made(db: Db, dsn: str, book: Book) -> None:
    await acts.capture(db, book, world.draft("ben", email="ben@alder.example", company="Alder Cold Chain"))
    lead_id = await ana(db, book, company=None)
    await opened(db, book, lead_id, company="alder.example")
    [facts] = await acts.rows(dsn, FACTS)
    assert facts["companies"] == 1


async def test_without_a_company_nothing_is_made(db: Db, dsn: str, book: Book) -> None:
    lead_id = await ana(db, book, company=None)
    with pytest.raises(BadInput, match="A deal is with a company"):
        await opened(db, book, lead_id)
    [facts] = await acts.rows(dsn, FACTS)
    assert tuple(facts) == (0, 0, 0)


async def test_every_possible_double_is_answered_for_before_anything_is_made(db: Db, dsn: str, book: Book) -> None:
    lead_id = await ana(db, book, company="Alder")
    double = await acts.capture(db, book, world.draft("ana.torres", email="a.torres@alder.example", company="Alder"))
    await suggested(dsn, lead_id, double)
    with pytest.raises(BadInput, match="Say for each who may be the same person"):
        await opened(db, book, lead_id, company="Alder")
    [facts] = await acts.rows(dsn, FACTS)
    assert (facts["deals"], facts["merges"]) == (0, 0)
    done = await opened(db, book, lead_id, company="Alder", doubles={double: "same"})
    async with db.read() as tx:
        assert await merges.now(tx, lead_id) == await merges.now(tx, double) == done.lead_id
        [deal] = await deals.of_lead(tx, done.lead_id)
    assert deal.lead_id == done.lead_id
    assert len(done.merged) == 1


@pytest.mark.parametrize(("word", "left"), [("other", 0), ("unknown", 1)])
async def test_somebody_else_is_never_suggested_again_and_a_doubt_stays_in_the_queue(
    db: Db, dsn: str, book: Book, word: str, left: int
) -> None:
    lead_id = await ana(db, book, company="Alder")
    double = await acts.capture(db, book, world.draft("ana.torres", email="a.torres@alder.example", company="Alder"))
    await suggested(dsn, lead_id, double)
    await opened(db, book, lead_id, company="Alder", doubles={double: word})
    async with db.read() as tx:
        assert len(await duplicates.of_lead(tx, lead_id)) == left


async def test_what_changed_since_it_was_shown_is_shown_again(db: Db, dsn: str, book: Book) -> None:
    lead_id = await ana(db, book, company="Alder")
    before = await seen(db, book, lead_id)
    double = await acts.capture(db, book, world.draft("ana.torres", email="a.torres@alder.example", company="Alder"))
    await suggested(dsn, lead_id, double)
    with pytest.raises(Conflict, match="changed since you looked"):
        await opened(db, book, lead_id, seen=before.seen, doubles={double: "other"})


async def test_one_company_has_one_open_deal_on_a_track_unless_somebody_means_another(
    db: Db, dsn: str, book: Book
) -> None:
    lead_id = await acts.capture(db, book, world.draft("ana.torres"))
    colleague = await acts.capture(db, book, world.draft("ben.torres"))
    await opened(db, book, lead_id)
    with pytest.raises(Conflict, match="Kit is open with their company on this track"):
        await opened(db, book, colleague, key="another-key", name="Second")
    async with db.transaction() as tx:
        await conversions.join_deal(tx, colleague, track="new-business", by="dana-whitlock", book=book, at=LATER)
    assert len(await acts.rows(dsn, "SELECT FROM event WHERE kind = 'deal_joined'")) == 1
    await opened(db, book, colleague, key="another-key", name="Second", another=True)
    [facts] = await acts.rows(dsn, FACTS)
    assert facts["deals"] == 2


async def test_an_unknown_owner_leaves_no_orphan(db: Db, dsn: str, book: Book) -> None:
    lead_id = await ana(db, book, company=None)
    with pytest.raises(Exception, match="nobody-at-all"):
        await opened(db, book, lead_id, company="Alder Cold Chain", owner="nobody-at-all")
    [facts] = await acts.rows(dsn, FACTS)
    assert tuple(facts) == (0, 0, 0)
