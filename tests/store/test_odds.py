"""Are odds read from the deals that were decided, and said otherwise by a person until they take it back?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from leadloom.domain.definitions.win_odds import WinOdds
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import DealId
from leadloom.domain.reports.odds import Ended
from leadloom.store import deals, odds
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

RULES = WinOdds(least=6)


async def deal(db: Db, book: Book, no: int, stage: str, source: str) -> DealId:
    email = f"lead{no}@firm{no}.example"
    lead_id = await acts.capture(db, book, world.draft(f"lead{no}.x", email=email, company=f"Firm {no}", source=source))
    draft = deals.DealDraft(
        external_id=f"D-{no}", name=f"Deal {no}", lead_id=lead_id, product="Kit", amount=Decimal(100), currency="EUR",
        created_at=TUESDAY, stage=stage, closed_at=None if stage == "open" else TUESDAY + timedelta(days=1),
        lost_because="no-budget" if stage == "lost" else None,
    )  # fmt: skip
    async with db.transaction() as tx:
        return (await deals.save(tx, draft, book=book, at=TUESDAY + timedelta(days=2), history=True)).deal_id


async def test_odds_come_of_the_deals_before_and_a_person_may_say_otherwise_and_take_it_back(
    db: Db, dsn: str, book: Book
) -> None:
    ended = [("won", "webinar")] * 3 + [("lost", "webinar")] + [("lost", "search-ads")] * 4
    for no, (stage, source) in enumerate(ended):
        await deal(db, book, no, stage, source)
    good, bad = await deal(db, book, 20, "open", "webinar"), await deal(db, book, 21, "open", "search-ads")
    at = TUESDAY + timedelta(days=3)

    async def shares() -> tuple[float | None, float | None]:
        async with db.read() as tx:
            found = await odds.of_deals(tx, [good, bad], RULES, at=at)
        return found[good].share, found[bad].share

    async with db.read() as tx:
        before = await odds.past(tx, at=at)
        assert before.all == Ended(won=3, lost=5)
        assert before.having["source"] == {"webinar": Ended(won=3, lost=1), "search-ads": Ended(won=0, lost=4)}
        assert (await odds.past(tx, at=TUESDAY)).all == Ended(won=0, lost=0), "what is decided later isn't known yet"
    first, second = await shares()
    assert first is not None and second is not None and first > 0.5 > second
    async with db.transaction() as tx:
        await odds.say(tx, "D-21", 0.8, by="dana-whitlock", why="their board said yes", at=at)
    assert await shares() == (first, 0.8)
    await deal(db, book, 30, "won", "search-ads")
    assert (await shares())[1] == 0.8, "it stands whatever becomes of others"
    async with db.transaction() as tx:
        await odds.say(tx, "D-21", None, by="dana-whitlock", why="", at=at)
    after = (await shares())[1]
    assert after is not None and second < after < 0.8
    log = await acts.rows(dsn, "SELECT no, share FROM deal_odds ORDER BY no")
    assert [tuple(row) for row in log] == [(1, 0.8), (2, None)]


async def test_a_share_that_is_none_a_deal_that_is_over_and_one_nobody_knows_are_refused(db: Db, book: Book) -> None:
    await deal(db, book, 1, "won", "webinar")
    for name, share, refusal in (("D-1", 2.0, BadInput), ("D-1", 0.5, Conflict), ("D-9", 0.5, NotFound)):
        with pytest.raises(refusal):
            async with db.transaction() as tx:
                await odds.say(tx, name, share, by="dana-whitlock", why="", at=TUESDAY)
