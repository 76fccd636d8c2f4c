"""Does a lead that keeps coming back end on somebody's desk, and does only what the definition counts stop a clock?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadloom.domain.definitions.hand_off_rules import Evidence
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.model import HandOffId, LeadId
from leadloom.store import answering, assignments, attempts
from leadloom.store.attempts import Attempt
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.store.acts import TUESDAY
from tests.store.test_hand_offs import ACCEPT, JUNK, advance, decide, get, minutes, offered, open_one

MARCUS, SAMIRA = "marcus-oyelaran", "samira-haddad"
BUDGET = Decision(kind="reject", by=MARCUS, via="page", reason="no-budget")


def with_recycling(book: Book, **told: object) -> Book:
    contract = book.definition.contract
    return book.but(definition=book.definition.but(contract=contract.but(recycling=contract.recycling.but(**told))))


async def given_back(db: Db, book: Book, lead_id: LeadId, times: int, kind: str = "scored-mql") -> datetime:
    """Offer it and give it back, a day each time; the day after."""
    at = TUESDAY
    for _ in range(times):
        opened = await open_one(db, book, lead_id, kind, at)
        assert opened.hand_off_id is not None
        await decide(db, book, opened.hand_off_id, BUDGET, at=at)
        at += timedelta(days=1)
    return at


async def again(db: Db, book: Book, lead_id: LeadId, at: datetime, **order: object) -> HandOffId:
    opened = await open_one(db, book, lead_id, str(order.pop("kind", "scored-mql")), at, **order)
    assert opened.hand_off_id is not None
    return opened.hand_off_id


async def test_the_third_return_within_the_period_is_for_the_lead_management_owner_to_decide(
    db: Db, book: Book
) -> None:
    lead_id, first = await offered(db, book, "scored-mql")
    await decide(db, book, first, BUDGET)
    at = await given_back(db, book, lead_id, 2)
    parked = await again(db, book, lead_id, at)
    now = await get(db, parked)
    assert (now.state, now.owner, now.waits_until is not None) == ("offered", SAMIRA, True)
    async with db.read() as tx:
        [asked] = (await assignments.of_hand_off(tx, parked))[0].routed
    assert asked.why == "it came back 3 times in 180 days: Samira Haddad decides what is to become of it"
    await decide(db, book, parked, Decision(kind="reject", by=SAMIRA, via="page", reason="junk"), at=at)


async def test_long_ago_does_not_count_and_who_asks_to_talk_is_never_held_up(db: Db, book: Book) -> None:
    lead_id, first = await offered(db, book, "scored-mql")
    await decide(db, book, first, BUDGET)
    at = await given_back(db, book, lead_id, 2)
    talks = await again(db, book, lead_id, at, kind="hand-raise", asked_by="gate:asks")
    assert (await get(db, talks)).owner == MARCUS
    await decide(db, book, talks, JUNK, at=at)
    late = await again(db, book, lead_id, at + timedelta(days=200))
    assert (await get(db, late)).owner == MARCUS


@pytest.mark.parametrize(("same_owner", "owner"), [(True, MARCUS), (False, "dana-whitlock")])
async def test_it_does_not_go_back_to_the_same_rep_unless_the_definition_says_so(
    db: Db, book: Book, same_owner: bool, owner: str
) -> None:
    said = with_recycling(book, same_owner=same_owner)
    lead_id, first = await offered(db, said)
    await decide(db, said, first, BUDGET)
    anew = await again(db, said, lead_id, TUESDAY + timedelta(days=40))
    assert (await get(db, anew)).owner == owner
    async with db.read() as tx:
        why = (await assignments.of_hand_off(tx, anew))[0].routed[-1].why
    assert ("gave this lead back" in why) != same_owner


async def test_who_is_given_back_rests_first_with_the_remedy_named(db: Db, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    soon = Decision(kind="recycle", by=MARCUS, via="page", until=TUESDAY + timedelta(hours=3))
    with pytest.raises(BadInput, match="rests for 12 hours: name a later date, or keep the lead and hide its card"):
        await decide(db, book, hand_off_id, soon)


# -- evidence


async def tries(db: Db, book: Book, hand_off_id: HandOffId, at: datetime = TUESDAY, **told: object) -> None:
    made = Attempt.model_validate({"by": MARCUS, "via": "api", **told})
    async with db.transaction() as tx:
        await attempts.attempt(tx, hand_off_id, made, book=book, at=at)


async def test_what_the_definition_does_not_count_is_kept_and_leaves_the_clock_running(db: Db, book: Book) -> None:
    contract = book.definition.contract
    strict = {**contract.evidence, "self-said": Evidence(means="They say so", counts=False)}
    said = book.but(definition=book.definition.but(contract=contract.but(evidence=strict)))
    _, hand_off_id = await offered(db, said)
    await decide(db, said, hand_off_id, ACCEPT)
    await tries(db, said, hand_off_id, minutes(5))
    assert (await get(db, hand_off_id)).first_try_at is None
    assert (await advance(db, said, hand_off_id, minutes(6))).until == minutes(30)
    for _ in range(2):
        await tries(db, said, hand_off_id, minutes(20), evidence="call-log", reference="call-7", key="call-7")
    assert (await get(db, hand_off_id)).first_try_at == minutes(20)
    async with db.read() as tx:
        made = await attempts.of_hand_off(tx, hand_off_id)
    assert [(one.evidence, one.reference, one.counts) for one in made] == [
        ("self-said", None, False),
        ("call-log", "call-7", True),
    ]


async def test_a_reply_shows_that_they_were_reached_and_nothing_is_noted_on_what_was_given_back(
    db: Db, book: Book
) -> None:
    _, hand_off_id = await offered(db, book)
    await decide(db, book, hand_off_id, ACCEPT)
    await tries(db, book, hand_off_id, evidence="reply", reference="mail-1")
    async with db.transaction() as tx:
        assert [one.reached for one in await attempts.of_hand_off(tx, hand_off_id)] == [True]
        await answering.give_back(tx, hand_off_id, JUNK, book=book, at=minutes(1))
    with pytest.raises(Conflict, match="given back"):
        await tries(db, book, hand_off_id, minutes(2))


async def test_an_offer_that_is_worked_is_not_pulled_from_who_works_it(db: Db, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    await tries(db, book, hand_off_id, minutes(14), evidence="crm", reference="activity-3")
    await advance(db, book, hand_off_id, minutes(31))
    now = await get(db, hand_off_id)
    assert (now.owner, now.waits_until) == (MARCUS, minutes(44)), "it has the time of a first try from there"
