"""Does each appeal end: decided once with both sides told, asked of the sponsor next, or let go in the end?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.model import HandOffId, LeadId
from leadloom.store import answering, appeals, hand_offs, inbox, stuck
from leadloom.store.appeals import Appeal, Verdict
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_hand_offs import JUNK, advance, decide, get, kinds, minutes, notices, offered

PRIYA, SAMIRA, RUTH, MARCUS = "priya-nair", "samira-haddad", "ruth-adeyemi", "marcus-oyelaran"
WORDS = "They asked for a quote by phone yesterday"


async def turned_down(db: Db, book: Book, no: Decision = JUNK) -> tuple[LeadId, HandOffId]:
    lead_id, hand_off_id = await offered(db, book)
    await decide(db, book, hand_off_id, no)
    return lead_id, hand_off_id


async def appeal(db: Db, book: Book, hand_off_id: HandOffId, at: datetime = TUESDAY, words: str = WORDS) -> Appeal:
    async with db.transaction() as tx:
        return await appeals.raise_one(tx, hand_off_id, PRIYA, words, book=book, at=at)


async def says(
    db: Db, book: Book, hand_off_id: HandOffId, uphold: bool, by: str = SAMIRA, to: str | None = None
) -> Appeal:
    verdict = Verdict(by=by, uphold=uphold, words="I heard the call", to=to)
    async with db.transaction() as tx:
        return await appeals.decide(tx, hand_off_id, verdict, book=book, at=minutes(60))


@pytest.mark.parametrize(("to", "owner"), [(None, MARCUS), ("dana-whitlock", "dana-whitlock")])
async def test_what_is_upheld_is_offered_anew_to_whom_was_named_or_the_rules_find(
    db: Db, dsn: str, book: Book, to: str | None, owner: str
) -> None:
    lead_id, hand_off_id = await turned_down(db, book)
    raised = await appeal(db, book, hand_off_id)
    assert (raised.state, raised.asked, (await get(db, hand_off_id)).state) == ("open", SAMIRA, "rejected")
    ended = await says(db, book, hand_off_id, uphold=True, to=to)
    assert ended.new_hand_off_id is not None
    anew = await get(db, ended.new_hand_off_id)
    assert (anew.state, anew.owner, anew.kind, anew.asked_by) == ("offered", owner, "hand-raise", "appeal_upheld")
    assert any("I heard the call" in reason for reason in anew.why)
    stages = await acts.rows(dsn, "SELECT to_stage FROM stage_change WHERE lead_id = $1 ORDER BY no", lead_id)
    assert [row["to_stage"] for row in stages][-3:] == ["disqualified", "inquiry", "mql"]
    told = [(mail, to) for _, _, mail, to in await notices(dsn) if mail.startswith("appeal")]
    assert sorted(told) == [("appeal-ended", MARCUS), ("appeal-ended", PRIYA), ("appealed", SAMIRA)]
    assert (await advance(db, book, hand_off_id, minutes(61))).kind == "done"


async def test_what_is_dismissed_stands_and_nothing_is_decided_twice(db: Db, dsn: str, book: Book) -> None:
    lead_id, hand_off_id = await turned_down(db, book)
    await appeal(db, book, hand_off_id)
    assert (await says(db, book, hand_off_id, uphold=False)).state == "dismissed"
    with pytest.raises(Conflict, match="dismissed already"):
        await says(db, book, hand_off_id, uphold=True)
    with pytest.raises(Conflict, match="appealed before"):
        await appeal(db, book, hand_off_id)
    assert "appeal_upheld" not in await kinds(dsn, lead_id)


async def test_nobody_answers_for_long_so_the_sponsor_is_asked_and_then_the_rejection_stands(
    db: Db, dsn: str, book: Book
) -> None:
    _, hand_off_id = await turned_down(db, book)
    raised = await appeal(db, book, hand_off_id)
    waiting = await advance(db, book, hand_off_id, TUESDAY)
    assert (waiting.kind, waiting.until) == ("wait", raised.decide_by)
    assert "Samira Haddad" in waiting.waiting_for
    for _ in range(2):
        waiting = await advance(db, book, hand_off_id, raised.decide_by)
    async with db.read() as tx:
        passed = await appeals.get(tx, hand_off_id)
    assert (passed.asked, waiting.until) == (RUTH, passed.decide_by)
    assert await acts.rows(dsn, "SELECT FROM message WHERE mail = 'appealed'") != []
    async with db.transaction() as tx:
        late = passed.decide_by + timedelta(minutes=11)
        assert str(hand_off_id) in {row.id for row in await stuck.stuck(tx, late + timedelta(days=1), book=book)}
        assert await hand_offs.wake_overdue(tx, overdue_since=late) == 1, "a lost word is swept up"
    for _ in range(2):
        assert (await advance(db, book, hand_off_id, passed.decide_by)).kind == "done"
    async with db.read() as tx:
        assert (await appeals.get(tx, hand_off_id)).state == "lapsed"
        assert await inbox.list_open(tx) == ()


async def test_what_a_rep_accepted_or_nobody_answered_can_not_be_appealed_nor_what_is_long_ago(
    db: Db, book: Book
) -> None:
    _, hand_off_id = await offered(db, book)
    with pytest.raises(Conflict, match="only what a rep turned down"):
        await appeal(db, book, hand_off_id)
    await decide(db, book, hand_off_id, JUNK)
    with pytest.raises(BadInput):
        await appeal(db, book, hand_off_id, words=" ")
    with pytest.raises(Conflict, match="could be appealed until 2026-03-17"):
        await appeal(db, book, hand_off_id, at=TUESDAY + timedelta(days=15))


async def test_only_the_owner_of_the_definition_or_the_sponsor_decides_and_nobody_their_own(db: Db, book: Book) -> None:
    _, hand_off_id = await turned_down(db, book)
    await appeal(db, book, hand_off_id)
    with pytest.raises(Conflict, match="Samira Haddad or Ruth Adeyemi decides"):
        await says(db, book, hand_off_id, uphold=True, by="greta-lindqvist")
    assert (await says(db, book, hand_off_id, uphold=True, by=RUTH)).decided_by == RUTH


async def test_what_was_given_back_after_an_acceptance_can_be_appealed_too(db: Db, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    async with db.transaction() as tx:
        await answering.decide(
            tx, hand_off_id, 1, Decision(kind="accept", by=MARCUS, via="page"), book=book, at=TUESDAY
        )
        budget = Decision(kind="reject", by=MARCUS, via="page", reason="no-budget")
        await answering.give_back(tx, hand_off_id, budget, book=book, at=minutes(5))
        found = await appeals.turned_down(tx, since=TUESDAY)
    assert [one.hand_off_id for one in found] == [hand_off_id]
    await appeal(db, book, hand_off_id, at=minutes(6))
    ended = await says(db, book, hand_off_id, uphold=True)
    assert ended.new_hand_off_id is not None
    async with db.read() as tx:
        [case] = await appeals.cases(tx)
    assert (case.rejection.reason, case.appeal and case.appeal.words) == ("no-budget", WORDS)
