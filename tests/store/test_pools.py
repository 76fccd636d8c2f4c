"""Do pools keep exact turns in the store, whoever asks at once, and does nobody wait for room without an end?"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest

from leadloom.domain.definitions.routing_rules import Pool, PoolMember, Routing, RoutingRule
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.model import HandOffId
from leadloom.domain.stages.stage_walk import OpenHandOff
from leadloom.store import answering, assignments, attempts, audit, hand_offs, owners, pools, reassigning
from leadloom.store.attempts import Attempt
from leadloom.store.db import Db
from leadloom.store.hand_offs import HandOff
from leadloom.store.published import Book
from leadloom.store.reassigning import Word
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

INES, JONAS, MARCUS = "ines-carvalho", "jonas-brandt", "marcus-oyelaran"


def with_pool(book: Book, *members: PoolMember, **rest: object) -> Book:
    """The example world where all hand-raises are shared by a team."""
    values: dict[str, object] = {"means": "The team", "share": "weighted", "members": members, **rest}
    routing = Routing(
        manager=book.definition.routing.manager,
        default_pool="sales",
        pools={"team": Pool.model_validate(values)},
        rules=(RoutingRule(name="the team", kinds=("hand-raise",), pool="team"),),
    )
    return book.but(definition=book.definition.but(routing=routing))


async def hand_over(db: Db, book: Book, name: str, at: datetime = TUESDAY) -> HandOffId:
    draft = world.draft(name).but(email=f"{name}@{name}.example", company=f"The {name} company")
    lead_id = await acts.capture(db, book, draft, at)
    order = OpenHandOff(kind="hand-raise", track="new-business", asked_by="test", why=("asked for a demo",))
    async with db.transaction() as tx:
        opened = await hand_offs.open(tx, lead_id, order, book=book, at=at)
    assert opened.hand_off_id is not None
    return opened.hand_off_id


async def hand_overs(db: Db, book: Book, count: int, at: datetime = TUESDAY, begin: int = 0) -> list[HandOff]:
    made = [await hand_over(db, book, f"lead{begin + no}", at) for no in range(count)]
    async with db.read() as tx:
        return [await hand_offs.get(tx, one) for one in made]


async def look(db: Db, book: Book, hand_off_id: HandOffId, at: datetime) -> HandOff:
    async with db.transaction() as tx:
        await hand_offs.advance(tx, hand_off_id, book=book, at=at)
        return await hand_offs.get(tx, hand_off_id)


async def test_leads_that_come_at_once_are_shared_exactly_by_weight(db: Db, book: Book) -> None:
    shared = with_pool(book, PoolMember(owner=INES, weight=3), PoolMember(owner=MARCUS))
    made = await asyncio.gather(*(hand_over(db, shared, f"lead{no}") for no in range(16)))
    async with db.read() as tx:
        got = Counter([(await hand_offs.get(tx, one)).owner for one in made])
    assert got == {INES: 12, MARCUS: 4}


async def test_an_offer_that_is_rolled_back_costs_nobody_their_turn(db: Db, book: Book) -> None:
    shared = with_pool(book, PoolMember(owner=INES), PoolMember(owner=MARCUS))
    [first] = await hand_overs(db, shared, 1)
    lead_id = await acts.capture(db, shared, world.draft("gone"))
    order = OpenHandOff(kind="hand-raise", track="new-business", asked_by="test", why=())
    with pytest.raises(RuntimeError):
        async with db.transaction() as tx:
            await hand_offs.open(tx, lead_id, order, book=shared, at=TUESDAY)
            raise RuntimeError("the worker dies here")
    [second] = await hand_overs(db, shared, 1, begin=1)
    assert {first.owner, second.owner} == {INES, MARCUS}


async def test_the_routing_path_tells_each_rule_and_how_each_member_stood(db: Db, book: Book) -> None:
    shared = with_pool(book, PoolMember(owner=INES, a_day=1), PoolMember(owner=MARCUS))
    asked = RoutingRule(name="big ones", when=Condition(field="sites", at_least=10), pool="team")
    routing = shared.definition.routing.but(rules=(asked, *shared.definition.routing.rules))
    shared = shared.but(definition=shared.definition.but(routing=routing))
    [one] = await hand_overs(db, shared, 1)
    async with db.read() as tx:
        [assignment] = await assignments.of_hand_off(tx, one.hand_off_id)
    big, team = assignment.routed
    assert (big.matched, big.why, big.saw) == (False, "it isn't so that sites is at least 10", {"sites": 4})
    assert [seen.why for seen in team.members] == ["it is their turn", "has room; it is another's turn"]
    assert (one.owner, one.pool, one.assignment_no) == (INES, "team", 1)


async def test_over_capacity_a_lead_waits_for_the_next_day_and_goes_to_whoever_has_room_then(
    db: Db, dsn: str, book: Book
) -> None:
    shared = with_pool(book, PoolMember(owner=INES, a_day=2))
    late = TUESDAY.replace(hour=22, minute=50)  # 23:50 in Berlin
    first, second, third = await hand_overs(db, shared, 3, at=late)
    assert (first.owner, second.owner, third.owner) == (INES, INES, None)
    assert third.waiting_for == "somebody of team to have room"
    assert third.waits_until == late + timedelta(minutes=10)
    assert third.assignment_no == 0
    assert len(await acts.rows(dsn, "SELECT FROM message WHERE hand_off_id = $1", third.hand_off_id)) == 0
    now = await look(db, shared, third.hand_off_id, late + timedelta(minutes=10))
    assert (now.owner, now.assignment_no, now.room_by) == (INES, 1, None)


async def test_who_gives_a_lead_back_has_room_for_whoever_waited_longest(db: Db, book: Book) -> None:
    shared = with_pool(book, PoolMember(owner=INES, open=1))
    first, second = await hand_overs(db, shared, 2)
    await hand_overs(db, shared, 1, at=TUESDAY + timedelta(minutes=1), begin=2)
    async with db.transaction() as tx:
        junk = Decision(kind="reject", by=INES, via="page", reason="junk", sub_reason="student")
        await answering.decide(tx, first.hand_off_id, 1, junk, book=shared, at=TUESDAY)
        assert str(second.hand_off_id) in str(tx.wakes())
    assert (await look(db, shared, second.hand_off_id, TUESDAY)).owner == INES


async def test_a_lead_nobody_had_room_for_in_time_lies_in_the_pool_and_the_manager_hears_of_it(
    db: Db, dsn: str, book: Book
) -> None:
    shared = with_pool(book, PoolMember(owner=INES, open=1))
    _, waits = await hand_overs(db, shared, 2)
    assert waits.room_by is not None
    now = await look(db, shared, waits.hand_off_id, waits.room_by)
    assert (now.owner, now.pool, now.assignment_no, now.level) == (None, "team", 1, 3)
    [notice] = await acts.rows(
        dsn, "SELECT o.handle FROM message JOIN owner o USING (owner_id) WHERE hand_off_id = $1", waits.hand_off_id
    )
    assert notice["handle"] == "greta-lindqvist"


async def test_what_lies_in_a_pool_is_its_members_to_take(db: Db, book: Book) -> None:
    shared = with_pool(book, PoolMember(owner=INES), share="pull")
    [one] = await hand_overs(db, shared, 1)
    assert (one.owner, one.pool) == (None, "team")
    async with db.transaction() as tx:
        with pytest.raises(BadInput, match="Inês Carvalho may answer"):
            take = Decision(kind="accept", by=MARCUS, via="page")
            await answering.decide(tx, one.hand_off_id, 1, take, book=shared, at=TUESDAY)
        take = Decision(kind="accept", by=INES, via="page")
        assert (await answering.decide(tx, one.hand_off_id, 1, take, book=shared, at=TUESDAY)).owner == INES


async def test_a_lead_that_did_not_count_is_made_good(db: Db, book: Book) -> None:
    shared = with_pool(book, PoolMember(owner=INES), PoolMember(owner=MARCUS), credit_back=("junk",))
    first, _ = await hand_overs(db, shared, 2)
    assert first.owner is not None
    async with db.transaction() as tx:
        junk = Decision(kind="reject", by=first.owner, via="page", reason="junk", sub_reason="student")
        await answering.decide(tx, first.hand_off_id, 1, junk, book=shared, at=TUESDAY)
    [third] = await hand_overs(db, shared, 1, begin=2)
    assert third.owner == first.owner


async def test_where_everybody_is_away_the_default_pool_gets_it(db: Db, book: Book) -> None:
    shared = with_pool(book, PoolMember(owner=INES))
    async with db.transaction() as tx:
        until = TUESDAY + timedelta(days=3)
        await owners.be_away(tx, INES, from_at=TUESDAY, until_at=until, by="greta-lindqvist", at=TUESDAY)
    [one] = await hand_overs(db, shared, 1)
    assert (one.owner, one.pool) == (None, "sales")


async def test_looking_at_pools_holds_nobody_and_says_what_dealing_would(db: Db, book: Book) -> None:
    shared = with_pool(book, PoolMember(owner=INES, weight=2), PoolMember(owner=MARCUS))
    await hand_overs(db, shared, 3)
    async with db.transaction() as tx:
        await pools.members(tx, "team", definition=shared.definition, absent=(), at=TUESDAY)
        async with db.read() as other:
            seen = await pools.seen(other, definition=shared.definition, absent=(), at=TUESDAY)
    assert [(each.owner, each.turn.given, each.today) for each in seen["team"]] == [(INES, 2, 2), (MARCUS, 1, 1)]


async def test_an_offer_is_given_to_somebody_else_with_a_clock_and_a_notice_of_their_own(
    db: Db, dsn: str, book: Book
) -> None:
    shared = with_pool(book, PoolMember(owner=INES))
    [one] = await hand_overs(db, shared, 1)
    word = Word(by="greta-lindqvist", why="he knows them")
    async with db.transaction() as tx:
        now = await reassigning.give(tx, one.hand_off_id, MARCUS, word, book=shared, at=TUESDAY)
        again = await reassigning.give(tx, one.hand_off_id, MARCUS, word, book=shared, at=TUESDAY)
    assert (now.owner, now.assignment_no, now.level, again.assignment_no) == (MARCUS, 2, 0, 2)
    told = await acts.rows(dsn, "SELECT visit FROM message WHERE hand_off_id = $1 ORDER BY visit", one.hand_off_id)
    assert [row["visit"] for row in told] == [1, 2]
    async with db.read() as tx:
        [note] = await audit.notes(tx, f"hand-off {one.hand_off_id}")
        moved = (await assignments.of_hand_off(tx, one.hand_off_id))[-1]
    assert (note.actor, note.why) == ("greta-lindqvist", "he knows them")
    assert moved.routed[-1].why == "Greta Lindqvist: he knows them"


async def test_routed_again_a_lead_costs_nobody_their_turn(db: Db, book: Book) -> None:
    shared = with_pool(book, PoolMember(owner=INES), PoolMember(owner=MARCUS))
    [one] = await hand_overs(db, shared, 1)
    async with db.transaction() as tx:
        word = Word(by="greta-lindqvist", why="the rules were wrong")
        now = await reassigning.route_again(tx, one.hand_off_id, word, book=shared, at=TUESDAY)
        seen = await pools.seen(tx, definition=shared.definition, absent=(), at=TUESDAY)
    assert (now.owner, now.assignment_no) == (one.owner, 2)
    assert sum(each.turn.given for each in seen["team"]) == 1


async def test_what_somebody_has_tried_to_reach_is_not_pulled_from_them(db: Db, book: Book) -> None:
    shared = with_pool(book, PoolMember(owner=INES))
    [one] = await hand_overs(db, shared, 1)
    word = Word(by="greta-lindqvist", why="hurry")
    async with db.transaction() as tx:
        await attempts.attempt(tx, one.hand_off_id, Attempt(by=INES, via="phone"), book=shared, at=TUESDAY)
        with pytest.raises(Conflict, match="Inês Carvalho has tried to reach the lead and keeps it"):
            await reassigning.give(tx, one.hand_off_id, MARCUS, word, book=shared, at=TUESDAY)
        with pytest.raises(Conflict):
            await reassigning.route_again(tx, one.hand_off_id, word, book=shared, at=TUESDAY)
