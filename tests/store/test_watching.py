"""Do conditions that come to hold, and dates that come, let in exactly whom the journey says, once, and again?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadloom.domain.campaigns.membership import LeftOut
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import LeadId
from leadloom.store import audit, entering, published, watching
from leadloom.store.db import Db
from leadloom.store.entering import ByHand
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

DAY = timedelta(days=1)
VIP = "holds: {tag: [vip]}"
TEXT = """
name: watched
purpose: Test.
owner: priya-nair
sender: ines-carvalho
enter: {{{enter}}}
exit: [{{events: [unsubscribed], outcome: asked us to stop}}]
steps: [{{do: wait, id: rest, for: 3d}}]
"""


async def publish(db: Db, enter: str) -> Book:
    async with db.transaction() as tx:
        journey = Journey.model_validate(DraftText("watched.yaml", TEXT.format(enter=enter)).data)
        await published.publish_journey(tx, journey, at=world.MONDAY, by="priya-nair")
        return await published.book(tx)


async def lead(db: Db, book: Book, name: str, **told: object) -> LeadId:
    return await acts.capture(db, book, world.draft(name, email=f"{name}@{name}.example", company=name, **told))


async def tag(dsn: str, lead_id: LeadId, is_on: bool = True) -> None:
    on = "INSERT INTO lead_tag VALUES ($1, 'vip', now(), 'test')"
    await acts.rows(dsn, on if is_on else "DELETE FROM lead_tag WHERE lead_id = $1", lead_id)


async def tell(dsn: str, lead_id: LeadId, day: str) -> None:
    query = "UPDATE lead SET attributes = jsonb_build_object('renewal_date', $2::text) WHERE lead_id = $1"
    await acts.rows(dsn, query, lead_id, day)


async def sweeps(db: Db, book: Book, at: datetime = TUESDAY, *, limit: int = 2) -> None:
    """Two rounds at one instant: the second changes nothing."""
    for _ in range(2):
        async with db.transaction() as tx:
            await watching.forget(tx, book)
        for watch in watching.watches(book):
            async with db.transaction() as tx:
                await watching.notice(tx, watch, book=book, at=at)
            after: LeadId | None = None
            while True:
                async with db.transaction() as tx:
                    after = await watching.page(tx, watch, after, book=book, at=at, limit=limit)
                if after is None:
                    break


async def runs_of(dsn: str, lead_id: LeadId) -> list[tuple[str, str]]:
    query = "SELECT key, status FROM enrolment WHERE lead_id = $1 AND journey = 'watched' ORDER BY entered_at, key"
    return [(row["key"], row["status"]) for row in await acts.rows(dsn, query, lead_id)]


async def end_runs(dsn: str, at: datetime) -> None:
    query = "UPDATE enrolment SET status = 'finished', ended_at = $1, outcome = 'finished' WHERE journey = 'watched'"
    await acts.rows(dsn, query, at)


@pytest.mark.parametrize(
    ("who", "matched_before", "matches_later"), [("from now on", 0, 1), ("now", 1, 0), ("both", 1, 1)]
)
async def test_a_condition_lets_in_those_for_whom_it_holds_now_or_later_as_the_journey_says(
    db: Db, dsn: str, book: Book, who: str, matched_before: int, matches_later: int
) -> None:
    book = await publish(db, f"{VIP}, who: {who}")
    before, later, never = [await lead(db, book, name) for name in ("ana", "ben", "cai")]
    await tag(dsn, before)
    await sweeps(db, book)
    await tag(dsn, later)
    await sweeps(db, book, TUESDAY + DAY)
    assert len(await runs_of(dsn, before)) == matched_before
    assert len(await runs_of(dsn, later)) == matches_later
    assert await runs_of(dsn, never) == []


async def test_what_ceases_to_hold_and_holds_again_lets_in_again(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, f"{VIP}, who: both, again: after exit")
    ana = await lead(db, book, "ana")
    await tag(dsn, ana)
    await sweeps(db, book)
    await end_runs(dsn, TUESDAY + DAY)
    await sweeps(db, book, TUESDAY + DAY)
    assert len(await runs_of(dsn, ana)) == 1
    await tag(dsn, ana, False)
    await sweeps(db, book, TUESDAY + 2 * DAY)
    await tag(dsn, ana)
    await sweeps(db, book, TUESDAY + 3 * DAY)
    assert [status for _, status in await runs_of(dsn, ana)] == ["finished", "active"]


async def test_who_holds_it_but_must_stay_out_is_kept_with_the_one_reason(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, f"{VIP}, who: both, when: {{field: role, one_of: [it]}}")
    ana, ben = [await lead(db, book, name, role=role) for name, role in (("ana", "quality"), ("ben", "it"))]
    for one in (ana, ben):
        await tag(dsn, one)
    await sweeps(db, book)
    async with db.read() as tx:
        kept = await watching.stayed_out(tx, ana, "watched")
        assert await watching.stayed_out(tx, ben, "watched") is None
    assert kept is not None and kept.code == "condition"
    assert len(await runs_of(dsn, ben)) == 1


async def test_another_question_asks_anew_and_an_edited_step_does_not(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, f"{VIP}, who: from now on")
    ana = await lead(db, book, "ana")
    await tag(dsn, ana)
    await sweeps(db, book)
    await sweeps(db, await publish(db, f"{VIP}, who: from now on, rest: 0d, again: after exit"), TUESDAY + DAY)
    assert await runs_of(dsn, ana) == []
    await sweeps(db, await publish(db, f"{VIP}, who: both"), TUESDAY + DAY)
    assert len(await runs_of(dsn, ana)) == 1


async def test_a_journey_that_is_edited_to_ask_no_more_forgets(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, f"{VIP}, who: both")
    await tag(dsn, await lead(db, book, "ana"))
    await sweeps(db, book)
    await sweeps(db, await publish(db, "events: [price_page]"))
    assert await acts.rows(dsn, "SELECT FROM journey_watch UNION ALL SELECT FROM journey_match") == []


BEFORE = "date: {field: renewal_date, before: 30d}, who: both"


async def test_a_date_lets_in_at_the_beginning_of_its_day_where_the_lead_lives(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, "date: {field: renewal_date}, who: both")
    homes = {"tokyo": "Asia/Tokyo", "berlin": "Europe/Berlin", "honolulu": "Pacific/Honolulu"}
    told = {"renewal_date": "2026-04-02"}
    ids = {name: await lead(db, book, name, time_zone=zone, attributes=told) for name, zone in homes.items()}
    begins = {"tokyo": (1, 15), "berlin": (1, 22), "honolulu": (2, 10)}
    for name, (day, hour) in begins.items():
        at = datetime.fromisoformat(f"2026-04-0{day}T{hour:02}:00+00:00")
        await sweeps(db, book, at - timedelta(seconds=1))
        assert await runs_of(dsn, ids[name]) == []
        await sweeps(db, book, at)
        assert await runs_of(dsn, ids[name]) == [("date/2026-04-02", "active")]


async def test_a_date_that_moves_lets_in_anew_once_the_run_before_has_ended(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, BEFORE)
    ana = await lead(db, book, "ana", attributes={"renewal_date": "2026-03-20"})
    await sweeps(db, book)
    assert await runs_of(dsn, ana) == [("date/2026-03-20", "active")]
    await tell(dsn, ana, "2026-03-25")
    await sweeps(db, book, TUESDAY + DAY)
    assert len(await runs_of(dsn, ana)) == 1
    await end_runs(dsn, TUESDAY + 2 * DAY)
    await sweeps(db, book, TUESDAY + 2 * DAY)
    assert await runs_of(dsn, ana) == [("date/2026-03-20", "finished"), ("date/2026-03-25", "active")]


async def test_a_date_that_moves_away_before_it_came_lets_nobody_in(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, BEFORE)
    ana = await lead(db, book, "ana", attributes={"renewal_date": "2026-04-20"})
    await sweeps(db, book)
    await tell(dsn, ana, "2027-04-20")
    await sweeps(db, book, datetime.fromisoformat("2026-04-01T12:00+00:00"))
    assert await runs_of(dsn, ana) == []


async def test_a_date_told_too_late_and_one_from_before_the_publication_say_so(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, "date: {field: renewal_date, before: 30d}")
    before = await lead(db, book, "ana", attributes={"renewal_date": "2026-03-20"})
    late = await lead(db, book, "ben")
    await sweeps(db, book)
    await tell(dsn, late, "2026-02-01")
    await sweeps(db, book, TUESDAY + DAY)
    async with db.read() as tx:
        found = [await watching.stayed_out(tx, one, "watched") for one in (before, late)]
    assert [one.code for one in found if one] == ["held_before", "too_late"]
    assert await runs_of(dsn, before) == await runs_of(dsn, late) == []


MONTHLY = "every: {{rrule: 'FREQ=MONTHLY;BYDAY=1MO', at: '09:00', zone: UTC, whom: {{stage: [inquiry, aware]}}{more}}}"
SECOND_ROUND, THIRD_ROUND = (datetime.fromisoformat(f"2026-{day}T09:00+00:00") for day in ("04-06", "05-04"))
MINUTE = timedelta(minutes=1)


async def test_a_day_that_comes_round_lets_its_audience_in_each_time_by_a_run_of_its_own(
    db: Db, dsn: str, book: Book
) -> None:
    book = await publish(db, MONTHLY.format(more=""))
    ana, ben = [await lead(db, book, name) for name in ("ana", "ben")]
    stage = "INSERT INTO lead_stage VALUES ($1, 'new-business', 'won', now(), 1)"
    await acts.rows(dsn, f"{stage} ON CONFLICT (lead_id, track) DO UPDATE SET stage = 'won'", ben)
    await sweeps(db, book)  # from the publication on: the round of the day before doesn't count
    await sweeps(db, book, SECOND_ROUND - MINUTE)
    assert await runs_of(dsn, ana) == []
    await sweeps(db, book, SECOND_ROUND + MINUTE)
    assert await runs_of(dsn, ana) == [("every/2026-04-06", "active")]
    await end_runs(dsn, SECOND_ROUND + DAY)
    await sweeps(db, book, SECOND_ROUND + 2 * DAY)
    assert len(await runs_of(dsn, ana)) == 1
    await sweeps(db, book, THIRD_ROUND)
    assert await runs_of(dsn, ana) == [("every/2026-04-06", "finished"), ("every/2026-05-04", "active")]
    assert await runs_of(dsn, ben) == []
    matches = await acts.rows(dsn, "SELECT DISTINCT value FROM journey_match WHERE way = 'every'")
    assert [row["value"] for row in matches] == ["2026-05-04"]


async def test_a_round_finds_an_open_run_of_the_lead_and_leaves_it_alone_with_the_reason(
    db: Db, dsn: str, book: Book
) -> None:
    book = await publish(db, MONTHLY.format(more=""))
    ana = await lead(db, book, "ana")
    for at in (TUESDAY, SECOND_ROUND, THIRD_ROUND):
        await sweeps(db, book, at)
    assert await runs_of(dsn, ana) == [("every/2026-04-06", "active")]
    async with db.read() as tx:
        kept = await watching.stayed_out(tx, ana, "watched")
    assert kept is not None and kept.code == "in_already"
    await sweeps(db, await publish(db, MONTHLY.format(more="") + ", again: concurrent"), THIRD_ROUND + MINUTE)
    await sweeps(db, await publish(db, MONTHLY.format(more="") + ", again: concurrent"), THIRD_ROUND + 28 * DAY)
    assert await runs_of(dsn, ana) == [("every/2026-04-06", "active"), ("every/2026-06-01", "active")]


@pytest.mark.parametrize(
    ("more", "late", "came"),
    [
        ("", 9 * DAY, ["every/2026-05-04"]),
        (", missed: catch up", 9 * DAY, ["every/2026-05-04"]),
        (", missed: skip", 9 * DAY, []),
        (", missed: skip", timedelta(minutes=59), ["every/2026-05-04"]),
    ],
)
async def test_rounds_nobody_was_there_for_are_made_up_for_once_or_skipped_and_noted(
    db: Db, dsn: str, book: Book, more: str, late: timedelta, came: list[str]
) -> None:
    book = await publish(db, MONTHLY.format(more=more))
    ana = await lead(db, book, "ana")
    await sweeps(db, book)
    await sweeps(db, book, THIRD_ROUND + late)
    assert [key for key, _ in await runs_of(dsn, ana)] == came
    async with db.read() as tx:
        [note] = [one for one in await audit.notes(tx, "journey watched") if one.action == "missed a round"]
    assert note.after == {"days": ["2026-04-06"] if came else ["2026-04-06", "2026-05-04"]}
    await sweeps(db, book, THIRD_ROUND + 28 * DAY)
    assert [key for key, _ in await runs_of(dsn, ana) if key not in came] == ["every/2026-06-01"] * (not came)


async def test_nobody_has_more_runs_than_the_journey_allows_whichever_way_they_come(
    db: Db, dsn: str, book: Book
) -> None:
    book = await publish(db, MONTHLY.format(more="") + ", again: concurrent, at_most: {count: 1, within: 40d}")
    ana = await lead(db, book, "ana")
    for at in (TUESDAY, SECOND_ROUND, THIRD_ROUND, THIRD_ROUND + 28 * DAY):
        await sweeps(db, book, at)
    assert [key for key, _ in await runs_of(dsn, ana)] == ["every/2026-04-06", "every/2026-06-01"]
    by_hand = ByHand(journey="watched", by="priya-nair", occasion="act")
    async with db.transaction() as tx:
        done = await entering.let_in(tx, [ana], by_hand, book=book, at=THIRD_ROUND + 30 * DAY)
    assert done.left_out == {ana: LeftOut.TOO_MANY}
    async with db.transaction() as tx:
        done = await entering.let_in(tx, [ana], by_hand, book=book, at=THIRD_ROUND + 90 * DAY)
    assert done.enrolled == (ana,)


async def test_a_round_over_many_leads_takes_no_statement_for_those_it_is_not_so_for(
    db: Db, dsn: str, book: Book
) -> None:
    book = await publish(db, f"{VIP}, date: {{field: renewal_date, before: 30d}}, who: both")
    await acts.rows(
        dsn,
        "INSERT INTO lead (lead_id, time_zone, attributes, created_at) SELECT gen_random_uuid(), 'Europe/Berlin',"
        " jsonb_build_object('renewal_date', '2027-01-01'), now() FROM generate_series(1, 20000)",
    )
    ana = await lead(db, book, "ana")
    await tag(dsn, ana)
    for watch in watching.watches(book):
        async with db.transaction() as tx:
            await watching.notice(tx, watch, book=book, at=TUESDAY)
    [row] = await acts.rows(dsn, "SELECT count(*) AS n FROM journey_match")
    assert row["n"] == 1
