"""Of two leads who become one person: does the stricter word hold, and do their points count as one person's?"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.lead import BasisDraft, BasisKind
from leadloom.domain.model import LeadId
from leadloom.domain.stages.scoring import engagement
from leadloom.store import leads, merging, permissions, rescoring
from leadloom.store.db import Db
from leadloom.store.merging import Merged, MergeOrder
from leadloom.store.permissions import Withdrawal
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY, rows
from tests.store.test_merging import LATER, merge, other_ana, undo

HOUR = timedelta(hours=1)


def phone(kind: BasisKind, at: datetime) -> BasisDraft:
    return BasisDraft(kind=kind, source="a form", wording="Yes, call me.", at=at, channel="phone")


async def may_call(dsn: str, at: datetime) -> set[UUID]:
    query = "SELECT l.lead_id FROM lead l WHERE EXISTS (SELECT FROM bases_on(l.lead_id, 'marketing', 'phone', $1))"
    return {row["lead_id"] for row in await rows(dsn, query, at)}


@pytest.mark.parametrize(
    ("kind", "allowed"), [(BasisKind.LEGITIMATE_INTEREST, False), (BasisKind.SERVICE, False), (BasisKind.EXPRESS, True)]
)
async def test_only_their_own_word_takes_a_no_back_before_two_become_one(
    db: Db, book: Book, dsn: str, kind: BasisKind, *, allowed: bool
) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres"))
    other = await acts.capture(db, book, other_ana("article_read"), TUESDAY + HOUR)
    async with db.transaction() as tx:
        no = Withdrawal(lead_id=ana, channel="phone", source="asked on the phone", at=TUESDAY + HOUR)
        await permissions.take_back(tx, [no], [])
        await permissions.grant(tx, ana, [phone(kind, TUESDAY + 2 * HOUR)])
        await permissions.grant(tx, other, [phone(BasisKind.EXPRESS, TUESDAY + 3 * HOUR)])
    done = await merge(db, book, ana, other)
    assert await may_call(dsn, LATER + HOUR) == ({ana} if allowed else set())
    await undo(db, book, done.merge_id)
    assert await may_call(dsn, LATER + 2 * HOUR) == ({ana, other} if allowed else {other})


async def points(db: Db, book: Book, lead_id: LeadId, at: datetime) -> float:
    async with db.read() as tx:
        ledger = (await rescoring.entries(tx, [lead_id])).get(lead_id, ())
    return engagement(ledger, book.definition.half_life, at=at)


async def test_what_one_person_may_earn_once_counts_once_and_apart_again_for_each(db: Db, book: Book) -> None:
    """The day's cap of a kind was filled by each of them alone."""
    read = [world.happened("article_read", TUESDAY + no * timedelta(minutes=1), key=f"a{no}") for no in range(9)]
    ana = await acts.capture(db, book, world.draft("ana.torres", *read))
    alike = [world.happened("article_read", TUESDAY + no * timedelta(minutes=1), key=f"b{no}") for no in range(9)]
    other = await acts.capture(db, book, world.draft("a.torres", *alike), TUESDAY + HOUR)
    apart = [await points(db, book, each, LATER) for each in (ana, other)]
    assert apart[0] == pytest.approx(apart[1], rel=1e-3) and apart[0] > 0
    done = await merge(db, book, ana, other)
    assert await points(db, book, ana, LATER) == pytest.approx(apart[0], rel=1e-3), "one person reads under one cap"
    async with db.transaction() as tx:
        [again] = await rescoring.rescore(tx, [ana], book=book, at=LATER + HOUR, by="system")
    assert again.before.engagement == pytest.approx(again.after.engagement), "leads rescore has nothing to mend"
    await undo(db, book, done.merge_id)
    since = 3 * HOUR
    for lead_id, was in zip((ana, other), apart, strict=True):
        faded = was * 2 ** -(since / book.definition.half_life)
        assert await points(db, book, lead_id, LATER + since) == pytest.approx(faded, rel=1e-3)


async def test_points_that_no_cap_touches_are_summed_without_a_correction(db: Db, book: Book, dsn: str) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres", world.happened("article_read", TUESDAY)))
    other = await acts.capture(db, book, other_ana("webinar_attended"), TUESDAY + HOUR)
    before = await points(db, book, ana, LATER) + await points(db, book, other, LATER)
    await merge(db, book, ana, other)
    assert await points(db, book, ana, LATER) == pytest.approx(before)
    assert await rows(dsn, "SELECT FROM event WHERE kind = 'rescored'") == []


async def chosen(db: Db, book: Book, one: LeadId, other: LeadId, fields: dict[str, LeadId]) -> Merged:
    async with db.transaction() as tx:
        order = MergeOrder(one=one, other=other, by="samira-haddad", why="the same badge", fields=fields)
        return await merging.merge(tx, order, book=book, at=LATER)


async def test_a_field_somebody_chose_stands_whatever_its_rule_says(db: Db, book: Book) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres"))
    other = await acts.capture(
        db, book, other_ana("article_read", first_name="Anna", company="Lind AB"), TUESDAY + HOUR
    )
    with pytest.raises(BadInput, match="owner_id"):
        await chosen(db, book, ana, other, {"owner_id": other})
    with pytest.raises(BadInput, match="one of the two"):
        await chosen(db, book, ana, other, {"company": LeadId(UUID(int=7))})
    done = await chosen(db, book, ana, other, {"first_name": other, "company": ana})
    assert {field: done.united[field].rule for field in ("first_name", "company")} == dict.fromkeys(
        ("first_name", "company"), "by hand"
    )
    async with db.read() as tx:
        person = await leads.get(tx, ana)
    assert (person.first_name, person.company) == ("Anna", "Meridian Pharma")
    await undo(db, book, done.merge_id)
    async with db.read() as tx:
        assert [(await leads.get(tx, each)).first_name for each in (ana, other)] == ["Ana", "Anna"]
