"""Is each lead offered to one owner, reminded, escalated and decided once, with everybody told?"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from leadloom.domain.definitions.hand_off_rules import LocalCalendar
from leadloom.domain.definitions.variants import variants
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.deciding import Decided
from leadloom.domain.model import HandOffId, LeadId
from leadloom.domain.stages.stage_walk import OpenHandOff
from leadloom.store import answering, assignments, attempts, audit, hand_offs, inbox, owners, published
from leadloom.store.advanced import Advanced
from leadloom.store.attempts import Attempt
from leadloom.store.db import Db
from leadloom.store.hand_offs import Opened
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

ACCEPT = Decision(kind="accept", by="marcus-oyelaran", via="link")
JUNK = Decision(kind="reject", by="marcus-oyelaran", via="page", reason="junk")


def minutes(count: float) -> datetime:
    return TUESDAY + timedelta(minutes=count)


async def open_one(
    db: Db, book: Book, lead_id: LeadId, kind: str = "hand-raise", at: datetime = TUESDAY, **rest: object
) -> Opened:
    values = {"kind": kind, "track": "new-business", "asked_by": "test", "why": ("asked for a demo",), **rest}
    async with db.transaction() as tx:
        return await hand_offs.open(tx, lead_id, OpenHandOff.model_validate(values), book=book, at=at)


async def offered(db: Db, book: Book, kind: str = "hand-raise") -> tuple[LeadId, HandOffId]:
    lead_id = await acts.capture(db, book, world.draft("ana.torres"))
    opened = await open_one(db, book, lead_id, kind)
    assert opened.hand_off_id is not None
    return lead_id, opened.hand_off_id


async def advance(db: Db, book: Book, hand_off_id: HandOffId, at: datetime) -> Advanced:
    async with db.transaction() as tx:
        return await hand_offs.advance(tx, hand_off_id, book=book, at=at)


async def decide(
    db: Db, book: Book, hand_off_id: HandOffId, decision: Decision, no: int = 1, at: datetime = TUESDAY
) -> Decided:
    async with db.transaction() as tx:
        return await answering.decide(tx, hand_off_id, no, decision, book=book, at=at)


async def give_back(db: Db, book: Book, hand_off_id: HandOffId, decision: Decision, at: datetime) -> Decided:
    async with db.transaction() as tx:
        return await answering.give_back(tx, hand_off_id, decision, book=book, at=at)


async def get(db: Db, hand_off_id: HandOffId) -> hand_offs.HandOff:
    async with db.read() as tx:
        return await hand_offs.get(tx, hand_off_id)


async def notices(dsn: str) -> list[tuple[str, int, str, str]]:
    query = """SELECT m.step, m.visit, m.mail, o.handle FROM message m JOIN owner o USING (owner_id)
               ORDER BY m.asked_at, m.visit, m.step"""
    return [tuple(row) for row in await acts.rows(dsn, query)]


async def kinds(dsn: str, lead_id: LeadId) -> list[str]:
    return [
        row["kind"] for row in await acts.rows(dsn, "SELECT kind FROM event WHERE lead_id = $1 ORDER BY no", lead_id)
    ]


# -- opening and joining


async def test_a_hand_raise_is_offered_in_the_same_transaction_with_its_clock_and_one_notice(
    db: Db, dsn: str, book: Book
) -> None:
    _, hand_off_id = await offered(db, book)
    now = await get(db, hand_off_id)
    assert (now.state, now.owner, now.assignment_no, now.accept_by) == ("offered", "marcus-oyelaran", 1, minutes(15))
    assert now.waiting_for is not None
    assert now.waits_until == minutes(10)
    assert await notices(dsn) == [("offer", 1, "offer", "marcus-oyelaran")]
    async with db.read() as tx:
        [assignment] = await assignments.of_hand_off(tx, hand_off_id)
    assert assignment.routed[-1].matched


async def test_an_offer_at_night_gives_the_owner_their_working_time(db: Db, book: Book) -> None:
    lead_id = await acts.capture(db, book, world.draft("ana.torres"))
    opened = await open_one(db, book, lead_id, at=TUESDAY + timedelta(hours=12))
    assert opened.hand_off_id is not None
    now = await get(db, opened.hand_off_id)
    assert now.accept_by == datetime.fromisoformat("2026-03-04T14:15:00+00:00")


async def test_asking_twice_is_one_hand_off(db: Db, dsn: str, book: Book) -> None:
    lead_id, hand_off_id = await offered(db, book)
    again = await open_one(db, book, lead_id)
    assert again == Opened(kind="joined hand-off", hand_off_id=hand_off_id)
    assert len(await notices(dsn)) == 1


async def test_colleagues_who_ask_at_once_make_one_hand_off_with_one_notice(db: Db, dsn: str, book: Book) -> None:
    people = [await acts.capture(db, book, world.draft(f"lead{no}.torres")) for no in range(6)]
    opened = await asyncio.gather(*(open_one(db, book, person) for person in people))
    assert sorted(each.kind for each in opened) == ["joined hand-off"] * 5 + ["opened"]
    assert len({each.hand_off_id for each in opened}) == 1
    assert len(await notices(dsn)) == 1
    assert len(await acts.rows(dsn, "SELECT FROM hand_off_member")) == 5


async def test_a_colleague_who_asks_to_talk_hurries_a_slow_offer(db: Db, dsn: str, book: Book) -> None:
    _, hand_off_id = await offered(db, book, "scored-mql")
    ben = await acts.capture(db, book, world.draft("ben.torres"))
    await open_one(db, book, ben, "hand-raise", minutes(60))
    now = await get(db, hand_off_id)
    assert (now.kind, now.assignment_no, now.accept_by) == ("hand-raise", 2, minutes(75))
    with pytest.raises(Conflict):
        await decide(db, book, hand_off_id, ACCEPT, no=1, at=minutes(61))


async def test_passing_a_lead_on_does_not_join_the_hand_off_it_comes_from(db: Db, book: Book) -> None:
    lead_id, hand_off_id = await offered(db, book)
    await decide(db, book, hand_off_id, ACCEPT)
    passed_on = await open_one(db, book, lead_id, "sal-to-sql")
    assert passed_on.kind == "opened"
    assert passed_on.hand_off_id is not None
    assert (await get(db, passed_on.hand_off_id)).owner == "dana-whitlock"


async def test_repaired_data_goes_back_to_the_same_owner_unless_they_are_away(db: Db, book: Book) -> None:
    lead_id = await acts.capture(db, book, world.draft("ana.torres"))
    back = await open_one(db, book, lead_id, prefer="wei-jie-tan")
    assert back.hand_off_id is not None
    assert (await get(db, back.hand_off_id)).owner == "wei-jie-tan"
    other = world.draft("carl.weiss", email="carl.weiss@nordkueche.example", company="Nordküche")
    async with db.transaction() as tx:
        until = TUESDAY + timedelta(days=9)
        await owners.be_away(tx, "wei-jie-tan", from_at=TUESDAY, until_at=until, by="greta-lindqvist", at=TUESDAY)
    away = await open_one(db, book, await acts.capture(db, book, other), prefer="wei-jie-tan")
    assert away.hand_off_id is not None
    assert (await get(db, away.hand_off_id)).owner == "marcus-oyelaran"


# -- clocks


async def test_it_reminds_then_climbs_the_ladder_with_a_new_assignment_and_a_notice_each(
    db: Db, dsn: str, book: Book
) -> None:
    lead_id, hand_off_id = await offered(db, book)
    at = TUESDAY
    for _ in range(8):
        waiting = await advance(db, book, hand_off_id, at)
        assert waiting.until is not None and waiting.until > at
        at = waiting.until
        if (await get(db, hand_off_id)).owner is None:
            break
    told = [(step, mail, handle) for step, _, mail, handle in await notices(dsn)]
    assert told[:3] == [
        ("offer", "offer", "marcus-oyelaran"),
        ("remind", "remind", "marcus-oyelaran"),
        ("offer", "escalated", "dana-whitlock"),
    ]
    assert (await get(db, hand_off_id)).pool == "sales"
    assert (await kinds(dsn, lead_id)).count("clock_missed") == 1


async def test_looking_twice_at_one_instant_reminds_once(db: Db, dsn: str, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    answers = await asyncio.gather(*(advance(db, book, hand_off_id, minutes(10)) for _ in range(4)))
    assert len(set(map(str, answers))) == 1
    assert [step for step, *_ in await notices(dsn)] == ["offer", "remind"]


async def test_a_first_try_that_is_missed_is_told_once_and_one_in_time_is_not(db: Db, dsn: str, book: Book) -> None:
    lead_id, hand_off_id = await offered(db, book)
    await decide(db, book, hand_off_id, ACCEPT)
    waiting = await advance(db, book, hand_off_id, TUESDAY)
    assert (waiting.kind, waiting.until) == ("wait", minutes(30))
    for _ in range(2):
        assert (await advance(db, book, hand_off_id, minutes(31))).kind == "done"
    assert [step for step, *_ in await notices(dsn)].count("first-try-missed") == 1
    assert (await kinds(dsn, lead_id)).count("clock_missed") == 1


async def test_the_first_attempt_stops_the_clock_and_each_attempt_is_an_event(db: Db, dsn: str, book: Book) -> None:
    lead_id, hand_off_id = await offered(db, book)
    await decide(db, book, hand_off_id, ACCEPT)
    for no in range(2):
        async with db.transaction() as tx:
            made = Attempt(by="marcus-oyelaran", via="phone", key=f"call-{no}")
            await attempts.attempt(tx, hand_off_id, made, book=book, at=minutes(5 + no))
    assert (await get(db, hand_off_id)).first_try_at == minutes(5)
    assert (await advance(db, book, hand_off_id, minutes(40))).kind == "done"
    assert (await kinds(dsn, lead_id)).count("attempt_made") == 2


# -- decisions


async def test_of_many_who_decide_at_once_one_wins_and_the_others_hear_who_and_when(
    db: Db, dsn: str, book: Book
) -> None:
    lead_id, hand_off_id = await offered(db, book)
    race = [ACCEPT, JUNK, ACCEPT.model_copy(update={"by": "dana-whitlock", "via": "cli"})]
    ended = await asyncio.gather(*(decide(db, book, hand_off_id, each) for each in race), return_exceptions=True)
    losers = [each for each in ended if isinstance(each, Conflict)]
    assert len(losers) == 2
    now = await get(db, hand_off_id)
    assert all(now.state in str(each) and "2026-03-03 15:00" in str(each) for each in losers)
    assert sum(kind.startswith("hand_off_") for kind in await kinds(dsn, lead_id)) == 1


async def test_accepting_makes_an_owner_moves_the_stage_and_starts_the_clock_of_the_first_try(
    db: Db, dsn: str, book: Book
) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres", world.happened("demo_requested", TUESDAY)))
    async with db.read() as tx:
        [row] = await inbox.list_open(tx)
    await decide(db, book, row.hand_off_id, ACCEPT)
    [lead] = await acts.rows(dsn, "SELECT o.handle FROM lead JOIN owner o USING (owner_id)")
    [account] = await acts.rows(dsn, "SELECT o.handle FROM account JOIN owner o USING (owner_id)")
    [stage] = await acts.rows(dsn, "SELECT stage FROM lead_stage")
    now = await get(db, row.hand_off_id)
    assert (lead["handle"], account["handle"], stage["stage"]) == ("marcus-oyelaran", "marcus-oyelaran", "sal")
    assert (now.first_try_by, now.waits_until) == (minutes(30), minutes(30))
    assert "hand_off_accepted" in await kinds(dsn, ana)
    async with db.read() as tx:
        [note] = await audit.notes(tx, f"hand-off {row.hand_off_id}")
    assert note.actor == "marcus-oyelaran"


async def test_a_date_to_come_back_is_kept_where_journeys_look_for_dates(db: Db, dsn: str, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    later = TUESDAY + timedelta(days=60)
    not_yet = Decision(kind="reject", by="marcus-oyelaran", via="link", reason="not-yet", until=later)
    await decide(db, book, hand_off_id, not_yet)
    [row] = await acts.rows(dsn, "SELECT attributes ->> 'recycle_date' AS day FROM lead")
    assert row["day"] == later.date().isoformat()


async def test_who_came_along_gets_the_same_owner_on_accept(db: Db, dsn: str, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    ben = await acts.capture(db, book, world.draft("ben.torres"))
    await open_one(db, book, ben)
    await decide(db, book, hand_off_id, ACCEPT)
    handles = await acts.rows(dsn, "SELECT o.handle FROM lead JOIN owner o USING (owner_id)")
    assert [row["handle"] for row in handles] == ["marcus-oyelaran"] * 2
    assert "hand_off_accepted" in await kinds(dsn, ben)


async def test_who_came_along_with_a_rejected_lead_is_offered_on_their_own(db: Db, dsn: str, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    ben = await acts.capture(db, book, world.draft("ben.torres"))
    await open_one(db, book, ben)
    await decide(db, book, hand_off_id, JUNK)
    async with db.read() as tx:
        [row] = await inbox.list_open(tx, "marcus-oyelaran")
    assert (row.lead_id, row.first_name, row.company) == (ben, "Ben", "Meridian Pharma")
    assert "hand_off_rejected" not in await kinds(dsn, ben)


async def test_an_answer_to_an_older_offer_loses_and_says_who_has_it(db: Db, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    await advance(db, book, hand_off_id, minutes(40))
    with pytest.raises(Conflict, match="Dana Whitlock"):
        await decide(db, book, hand_off_id, ACCEPT, no=1, at=minutes(41))
    assert (await get(db, hand_off_id)).state == "offered"


async def test_a_chip_that_asks_for_more_changes_nothing(db: Db, dsn: str, book: Book) -> None:
    lead_id, hand_off_id = await offered(db, book)
    with pytest.raises(BadInput):
        await decide(db, book, hand_off_id, JUNK.model_copy(update={"reason": "cant-reach"}))
    assert (await get(db, hand_off_id)).state == "offered"
    assert not any(kind.startswith("hand_off_") for kind in await kinds(dsn, lead_id))


async def test_an_accepted_lead_is_given_back_after_six_tries_and_stays_accepted_in_the_log(
    db: Db, dsn: str, book: Book
) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres", world.happened("demo_requested", TUESDAY)))
    async with db.read() as tx:
        [row] = await inbox.list_open(tx)
    await decide(db, book, row.hand_off_id, ACCEPT)
    for no in range(6):
        async with db.transaction() as tx:
            made = Attempt(by="marcus-oyelaran", via="phone", key=f"call-{no}")
            await attempts.attempt(tx, row.hand_off_id, made, book=book, at=minutes(5 + no))
    back = Decision(kind="recycle", by="marcus-oyelaran", via="page", reason="cant-reach")
    await give_back(db, book, row.hand_off_id, back, minutes(60))
    now = await get(db, row.hand_off_id)
    [stage] = await acts.rows(dsn, "SELECT stage FROM lead_stage WHERE lead_id = $1", ana)
    assert (now.state, now.closed_at, now.reason, stage["stage"]) == ("accepted", minutes(60), "cant-reach", "recycled")
    with pytest.raises(Conflict, match="ended"):
        await give_back(db, book, row.hand_off_id, back, minutes(61))


async def test_who_rejects_an_offer_too_late_does_not_undo_the_acceptance(db: Db, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    await decide(db, book, hand_off_id, ACCEPT)
    with pytest.raises(Conflict, match="Marcus Oyelaran accepted it"):
        await decide(db, book, hand_off_id, JUNK)
    assert (await get(db, hand_off_id)).closed_at is None


async def test_what_is_only_offered_cannot_be_given_back(db: Db, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    with pytest.raises(Conflict, match="not accepted yet"):
        await give_back(db, book, hand_off_id, JUNK, minutes(1))


async def test_a_notice_is_not_sent_once_the_offer_is_decided(db: Db, dsn: str, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    await decide(db, book, hand_off_id, ACCEPT)
    [row] = await acts.rows(dsn, "SELECT lane FROM message")
    assert await acts.claim(db, book, row["lane"]) == []
    [mail] = await acts.rows(dsn, "SELECT status FROM message")
    assert mail["status"] == "cancelled"


@pytest.mark.parametrize(("reached_on", "told"), [(None, 1), (2, 0)])
async def test_six_tries_in_vain_are_told_once_and_not_when_somebody_was_reached(
    db: Db, dsn: str, book: Book, reached_on: int | None, told: int
) -> None:
    lead_id, hand_off_id = await offered(db, book)
    for no in range(7):
        async with db.transaction() as tx:
            made = Attempt(by="marcus-oyelaran", via="phone", key=f"call-{no}", reached=no == reached_on)
            await attempts.attempt(tx, hand_off_id, made, book=book, at=minutes(5 + no))
    assert (await kinds(dsn, lead_id)).count("tries_used_up") == told


async def test_a_region_s_hours_hold_for_offers_of_its_leads_and_for_nobody_else_s(db: Db, book: Book) -> None:
    """16:00 in Berlin: an hour and a half of the working day is left, unless the region closes at 16:30."""
    europe = book.definition.regions["europe"].but(
        calendars={"berlin": LocalCalendar.model_validate({"until": "16:30"})}, calendar="singapore"
    )
    local = book.definition.but(regions={**book.definition.regions, "europe": europe})
    async with db.transaction() as tx:
        await published.publish_definition(tx, local, at=TUESDAY, by="samira-haddad")
        there = await published.book(tx)
    leads = [
        await acts.capture(db, there, world.draft(name, email=f"{name}@{name}.example", company=name, country=country))
        for name, country in (("berlin", "DE"), ("paris", "FR"), ("elsewhere", "ZA"))
    ]
    due = {}
    for lead_id in leads[:2]:
        opened = await open_one(db, there, lead_id, "scored-mql")
        assert opened.hand_off_id is not None
        due[lead_id] = (await get(db, opened.hand_off_id)).accept_by
    # Four hours from 16:00: half an hour today, three and a half tomorrow from 9.
    assert due[leads[0]] == TUESDAY.replace(day=4, hour=11, minute=30)
    everywhere = await open_one(db, book, leads[2], "scored-mql")
    assert everywhere.hand_off_id is not None
    assert (await get(db, everywhere.hand_off_id)).accept_by != due[leads[0]]
    assert {(one.what, one.there) for one in variants(local)} == {
        ("calendar berlin", "mon, tue, wed, thu, fri 09:00 to 16:30, holidays of DE, off on 12-24, 12-31"),
        ("clock of what nobody has", "singapore"),
    }
