"""Does the answer to a call's task count as a try to reach the lead, once, and only where somebody took the lead on?"""

from __future__ import annotations

import asyncpg
import pytest

from leadloom.domain.model import HandOffId, LeadId
from leadloom.store import enrolments
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_effects import WAIT, publish
from tests.store.test_hand_offs import ACCEPT, decide, get, minutes, offered
from tests.tasks import answers

CALL = """steps:
  - do: task
    id: call
    to: owner
    words: Call about the audit
    within: 2d
    outcomes: {spoke: rest, no answer: rest, no calls please: rest}
    tries: {by: phone, reached: [spoke], in_vain: [no answer]}
"""


async def called(db: Db, book: Book, *, accepted: bool) -> tuple[Book, LeadId, HandOffId]:
    """Marcus has the lead, or was offered it, and a cadence asks him to call."""
    lead_id, hand_off_id = await offered(db, book)
    if accepted:
        await decide(db, book, hand_off_id, ACCEPT)
    book = await publish(db, CALL + WAIT, name="cadence", door="price_page")
    await acts.happens(db, book, lead_id, world.happened("price_page", TUESDAY))
    async with db.read() as tx:
        [run] = [run for run in await enrolments.of_lead(tx, lead_id) if run.journey == "cadence"]
    await acts.advance(db, book, run.enrolment_id)
    return book, lead_id, hand_off_id


async def tries(dsn: str) -> list[asyncpg.Record]:
    """What was tried, as the events tell it."""
    asked = "SELECT data ->> 'via' AS via, (data ->> 'reached')::boolean AS reached, actor FROM event"
    return await acts.rows(dsn, f"{asked} WHERE kind = 'attempt_made'")


@pytest.mark.parametrize(("outcome", "reached"), [("spoke", True), ("no answer", False)])
async def test_an_answer_is_a_try_and_stops_the_clock_of_the_first(
    db: Db, dsn: str, book: Book, outcome: str, reached: bool
) -> None:
    book, _, hand_off_id = await called(db, book, accepted=True)
    await answers(db, book, outcome, at=minutes(20))
    await answers(db, book, outcome, at=minutes(25))
    assert [tuple(row) for row in await tries(dsn)] == [("phone", reached, "marcus-oyelaran")]
    assert (await get(db, hand_off_id)).first_try_at == minutes(20)


async def test_an_answer_that_is_in_neither_list_is_no_try(db: Db, dsn: str, book: Book) -> None:
    book, _, hand_off_id = await called(db, book, accepted=True)
    await answers(db, book, "no calls please", at=minutes(20))
    assert await tries(dsn) == []
    assert (await get(db, hand_off_id)).first_try_at is None


async def test_a_lead_nobody_has_taken_on_yet_counts_no_tries(db: Db, dsn: str, book: Book) -> None:
    book, _, _ = await called(db, book, accepted=False)
    await answers(db, book, "spoke", at=minutes(20))
    assert await tries(dsn) == []
