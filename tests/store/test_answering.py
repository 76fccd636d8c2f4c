"""Is an answer that can be taken back whole or nothing, and does a hidden card move no clock?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.answers import UNDO_FOR, Decision
from leadloom.domain.model import HandOffId, LeadId
from leadloom.store import answering, attempts, audit, hand_offs, inbox, reassigning, snoozing
from leadloom.store.attempts import Attempt
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.store.reassigning import Word
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_hand_offs import ACCEPT, JUNK, advance, get, kinds, minutes, notices, offered, open_one

MARCUS = "marcus-oyelaran"
DANA = Decision(kind="accept", by="dana-whitlock", via="page")
BUDGET = Decision(kind="reject", by=MARCUS, via="page", reason="no-budget")


def seconds(count: float) -> datetime:
    return TUESDAY + timedelta(seconds=count)


async def says(db: Db, book: Book, hand_off_id: HandOffId, decision: Decision, at: datetime = TUESDAY) -> None:
    """An answer that can be taken back."""
    async with db.transaction() as tx:
        await answering.decide(tx, hand_off_id, 1, decision, undo_for=UNDO_FOR, book=book, at=at)


async def undo(db: Db, book: Book, hand_off_id: HandOffId, by: str = MARCUS, at: datetime = TUESDAY) -> None:
    async with db.transaction() as tx:
        await answering.undo(tx, hand_off_id, by, book=book, at=at)


async def all_of(dsn: str, lead_id: LeadId) -> list[list[tuple[object, ...]]]:
    """Everything an answer could leave behind."""
    asked = (
        "SELECT kind, at FROM event WHERE lead_id = $1 ORDER BY no",
        "SELECT track, to_stage FROM stage_change WHERE lead_id = $1 ORDER BY no",
        "SELECT owner_id FROM lead WHERE lead_id = $1",
        "SELECT state, accept_by, waits_until, assignment_no FROM hand_off WHERE lead_id = $1",
        "SELECT step, status FROM message WHERE lead_id = $1 ORDER BY step",
    )
    return [[tuple(row) for row in await acts.rows(dsn, query, lead_id)] for query in asked]


@pytest.mark.parametrize("decision", [ACCEPT, JUNK, BUDGET])
async def test_nothing_follows_before_it_is_final_and_taken_back_it_never_was(
    db: Db, dsn: str, book: Book, decision: Decision
) -> None:
    lead_id, hand_off_id = await offered(db, book)
    before = await all_of(dsn, lead_id)
    await says(db, book, hand_off_id, decision)
    async with db.read() as tx:
        [row] = await inbox.list_open(tx)
    assert (row.stands, row.waits_until) == ("answered", seconds(10))
    assert [*(await all_of(dsn, lead_id))[:3]] == before[:3]
    await undo(db, book, hand_off_id, at=seconds(9))
    assert await all_of(dsn, lead_id) == before
    async with db.read() as tx:
        assert [note.action for note in await audit.notes(tx, f"hand-off {hand_off_id}")][-1] == "took back an answer"


async def test_when_its_time_is_over_everything_follows_once_as_of_when_it_was_given(
    db: Db, dsn: str, book: Book
) -> None:
    lead_id, hand_off_id = await offered(db, book)
    await says(db, book, hand_off_id, ACCEPT)
    assert (await advance(db, book, hand_off_id, seconds(9))).until == seconds(10)
    for at in (seconds(10), seconds(70)):
        await advance(db, book, hand_off_id, at)
    now = await get(db, hand_off_id)
    assert (now.state, now.decided_at, now.first_try_by, now.answer) == ("accepted", TUESDAY, minutes(30), None)
    assert (await kinds(dsn, lead_id)).count("hand_off_accepted") == 1
    with pytest.raises(Conflict, match="accepted for good: give the lead back"):
        await undo(db, book, hand_off_id, at=seconds(71))


async def test_nobody_else_answers_undoes_or_moves_it_meanwhile_and_no_clock_acts(db: Db, dsn: str, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    last = minutes(30) - timedelta(seconds=1)
    await says(db, book, hand_off_id, ACCEPT, last)
    for refused in (
        says(db, book, hand_off_id, DANA, last),
        says(db, book, hand_off_id, JUNK, last),
        undo(db, book, hand_off_id, "dana-whitlock", last),
    ):
        with pytest.raises(Conflict, match="Marcus Oyelaran"):
            await refused
    with pytest.raises(Conflict, match="has just answered"):
        async with db.transaction() as tx:
            await reassigning.give(
                tx, hand_off_id, "wei-jie-tan", Word("greta-lindqvist", "holiday"), book=book, at=last
            )
    await advance(db, book, hand_off_id, minutes(30))
    assert (await get(db, hand_off_id)).assignment_no == 1
    await undo(db, book, hand_off_id, at=minutes(30))
    assert (await get(db, hand_off_id)).owner == "dana-whitlock", "its clock had run out meanwhile"
    assert [to for *_, to in await notices(dsn)][-1] == "dana-whitlock"


async def test_whoever_works_on_means_it(db: Db, book: Book) -> None:
    lead_id, hand_off_id = await offered(db, book)
    await says(db, book, hand_off_id, ACCEPT)
    async with db.transaction() as tx:
        made = Attempt(by=MARCUS, via="phone", key="call-1")
        await attempts.attempt(tx, hand_off_id, made, book=book, at=seconds(4))
    now = await get(db, hand_off_id)
    assert (now.state, now.first_try_at, now.lead_id) == ("accepted", seconds(4), lead_id)


async def test_giving_a_lead_back_can_be_taken_back_too(db: Db, dsn: str, book: Book) -> None:
    lead_id, hand_off_id = await offered(db, book)
    async with db.transaction() as tx:
        await answering.decide(tx, hand_off_id, 1, ACCEPT, book=book, at=TUESDAY)
        await attempts.attempt(tx, hand_off_id, Attempt(by=MARCUS, via="phone", key="1"), book=book, at=minutes(1))
    await advance(db, book, hand_off_id, minutes(1))
    before = await all_of(dsn, lead_id)
    for ends_at in (minutes(2) + timedelta(seconds=5), None):
        async with db.transaction() as tx:
            await answering.give_back(tx, hand_off_id, JUNK, undo_for=UNDO_FOR, book=book, at=minutes(2))
        if ends_at:
            await undo(db, book, hand_off_id, at=ends_at)
            assert await all_of(dsn, lead_id) == before
    async with db.transaction() as tx:
        assert await hand_offs.wake_overdue(tx, overdue_since=minutes(4)) == 1, "of one that works the lead, too"
    await advance(db, book, hand_off_id, minutes(4))
    assert (await get(db, hand_off_id)).closed_at == minutes(2)


async def test_what_a_new_definition_makes_impossible_is_dropped_whole_and_the_clock_runs(
    db: Db, dsn: str, book: Book
) -> None:
    lead_id, hand_off_id = await offered(db, book)
    await says(db, book, hand_off_id, JUNK)
    reasons = {key: reason for key, reason in book.definition.reject_reasons.items() if key != "junk"}
    other = book.model_copy(update={"definition": book.definition.but(reject_reasons=reasons)})
    looked = await advance(db, other, hand_off_id, seconds(10))
    now = await get(db, hand_off_id)
    assert (now.state, now.answer, looked.until) == ("offered", None, minutes(10))
    assert "hand_off_rejected" not in await kinds(dsn, lead_id)
    async with db.read() as tx:
        assert [note.action for note in await audit.notes(tx, f"hand-off {hand_off_id}")] == ["dropped an answer"]


async def test_a_colleague_who_joins_meanwhile_shares_the_answer(db: Db, dsn: str, book: Book) -> None:
    _, hand_off_id = await offered(db, book, "scored-mql")
    await says(db, book, hand_off_id, ACCEPT)
    ben = await acts.capture(db, book, world.draft("ben.torres"))
    assert (await open_one(db, book, ben, at=seconds(3))).kind == "joined hand-off"
    await advance(db, book, hand_off_id, seconds(10))
    now = await get(db, hand_off_id)
    assert (now.kind, now.state, now.first_try_by) == ("hand-raise", "accepted", minutes(30))
    assert "hand_off_accepted" in await kinds(dsn, ben)


# -- hidden cards


async def test_a_hidden_card_moves_no_clock_and_a_new_offer_shows_it(db: Db, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    before = await get(db, hand_off_id)
    async with db.transaction() as tx:
        now = await snoozing.snooze(tx, hand_off_id, MARCUS, minutes(12), book=book, at=TUESDAY)
    assert now == before.model_copy(update={"snoozed_until": minutes(12)})
    async with db.read() as tx:
        [row] = await inbox.list_open(tx, MARCUS)
    assert (row.is_hidden(minutes(11)), row.is_hidden(minutes(12))) == (True, False)
    await advance(db, book, hand_off_id, minutes(10))
    assert (await get(db, hand_off_id)).reminded_at == minutes(10)
    await advance(db, book, hand_off_id, minutes(30))
    now = await get(db, hand_off_id)
    assert (now.owner, now.snoozed_until) == ("dana-whitlock", None)


@pytest.mark.parametrize(
    ("by", "until", "at", "why"),
    [
        (MARCUS, 15, 0, "name an earlier one, or answer it, or recycle it with a date"),
        (MARCUS, 20, 16, "Its time is over"),
        (MARCUS, 1, 2, "still to come"),
        ("dana-whitlock", 5, 0, "the card of Marcus Oyelaran"),
    ],
)
async def test_nobody_hides_a_card_past_its_clock_or_another_s(
    db: Db, book: Book, by: str, until: float, at: float, why: str
) -> None:
    _, hand_off_id = await offered(db, book)
    with pytest.raises((BadInput, Conflict), match=why):
        async with db.transaction() as tx:
            await snoozing.snooze(tx, hand_off_id, by, minutes(until), book=book, at=minutes(at))
