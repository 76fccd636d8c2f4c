"""When two owners decide at once, does exactly one win, and does the other hear who it was?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from leadloom.domain.errors import Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.deciding import Decided
from leadloom.domain.model import HandOffId
from leadloom.store import answering
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

ROUNDS = 20
MARCUS = Decision(kind="accept", by="marcus-oyelaran", via="link")
DANA = Decision(kind="reject", by="dana-whitlock", via="page", reason="junk")
NAMES = {"marcus-oyelaran": "Marcus Oyelaran", "dana-whitlock": "Dana Whitlock"}


async def test_of_two_owners_who_decide_at_once_one_wins_and_the_other_is_told_who(
    db: Db, dsn: str, book: Book
) -> None:
    for no in range(ROUNDS):
        person = world.draft(
            f"ana{no}.torres", world.happened("demo_requested", TUESDAY),
            email=f"ana@firm{no}.example", company=f"Firm {no} Ltd",
        )  # fmt: skip
        lead_id = await acts.capture(db, book, person)
        [row] = await acts.rows(dsn, "SELECT hand_off_id FROM hand_off WHERE lead_id = $1", lead_id)
        # In turns, so that neither is always a step ahead.
        pair = (MARCUS, DANA) if no % 2 else (DANA, MARCUS)
        answers = await asyncio.gather(*(decide(db, book, row["hand_off_id"], each) for each in pair))
        [(won, _)] = [each for each in answers if isinstance(each[1], Decided)]
        [(_, lost)] = [each for each in answers if isinstance(each[1], Conflict)]
        assert NAMES[won.by] in str(lost)
        after = await acts.rows(dsn, "SELECT decided_by FROM hand_off WHERE hand_off_id = $1", row["hand_off_id"])
        assert [each["decided_by"] for each in after] == [won.by]
        decided = "SELECT kind FROM event WHERE lead_id = $1 AND kind LIKE 'hand\\_off\\_%'"
        assert len(await acts.rows(dsn, decided, lead_id)) == 1


async def decide(db: Db, book: Book, hand_off_id: HandOffId, decision: Decision) -> tuple[Decision, Decided | Conflict]:
    """What somebody decided, and what they were told."""
    try:
        async with db.transaction() as tx:
            at = TUESDAY + timedelta(minutes=1)
            return decision, await answering.decide(tx, hand_off_id, 1, decision, book=book, at=at)
    except Conflict as conflict:
        return decision, conflict
