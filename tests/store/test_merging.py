"""Do two leads become one person, and two again, with nothing lost and nothing sent twice?"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.model import LeadId
from leadloom.store import events, leads, merges, merging, parting, permissions, suppressions
from leadloom.store.db import Db
from leadloom.store.merging import Merged, MergeOrder
from leadloom.store.parting import Parted, Undo
from leadloom.store.published import Book
from leadloom.store.suppressions import Order
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY, rows

LATER = TUESDAY + timedelta(days=1)
_KEPT_APART = {"lead_merge", "merged_lead", "merged_row", "duplicate", "lead_to_match", "outbox", "audit", "event",
               "schema_migration", "match_fault", "lead_key", "lane", "server", "fence"}  # fmt: skip


async def merge(db: Db, book: Book, one: LeadId, other: LeadId, at: object = LATER) -> Merged:
    del at
    async with db.transaction() as tx:
        order = MergeOrder(one=one, other=other, by="samira-haddad", why="the same badge")
        return await merging.merge(tx, order, book=book, at=LATER)


async def undo(db: Db, book: Book, merge_id: UUID) -> Parted:
    async with db.transaction() as tx:
        order = Undo(merge_id=merge_id, by="samira-haddad", why="two sisters")
        return await parting.undo(tx, order, book=book, at=LATER + timedelta(hours=1))


def other_ana(*kinds: str, **rest: object) -> LeadDraft:
    """A second record of Ana, under another address, who did something a little later."""
    happened = [world.happened(kind, TUESDAY + timedelta(hours=no + 1)) for no, kind in enumerate(kinds)]
    return world.draft("a.torres", *happened, **{"company": "Meridian Pharma", "first_name": "Ana", **rest})


async def allowed(dsn: str, at: datetime) -> set[UUID]:
    """Who may be sent marketing mail, by the log of permissions."""
    query = "SELECT l.lead_id FROM lead l WHERE EXISTS (SELECT FROM bases_on(l.lead_id, 'marketing', 'mail', $1))"
    return {row["lead_id"] for row in await rows(dsn, query, at)}


def elsewhere(*happened: EventDraft) -> LeadDraft:
    """Ana at another company."""
    return world.draft("ana.torres", *happened, email="ana.torres@lind.example", company="Lind AB")


async def held(dsn: str) -> dict[str, list[str]]:
    """Every row of every table, as text, but what a merge is recorded in."""
    tables = await rows(dsn, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    found: dict[str, list[str]] = {}
    for row in tables:
        if row["tablename"] not in _KEPT_APART:
            told = await rows(dsn, f"SELECT to_jsonb(t)::text AS told FROM {row['tablename']} t")
            found[row["tablename"]] = sorted(each["told"] for each in told)
    found["event"] = [
        each["told"]
        for each in await rows(
            dsn,
            "SELECT to_jsonb(e)::text AS told FROM event e WHERE kind !~ '^leads_' ORDER BY 1",
        )
    ]
    return found


def as_before(now: dict[str, list[str]], before: dict[str, list[str]]) -> dict[str, list[str]]:
    """What differs, without the numbers that the two notes in the timeline took."""

    def plain(told: str) -> str:
        return re.sub(r'"(last_event_no|due_at|not_before|cooling)": [^,}]+', "", told)

    return {
        table: sorted(set(map(plain, now[table])) ^ set(map(plain, before[table])))
        for table in before
        if sorted(map(plain, now[table])) != sorted(map(plain, before[table]))
    }


async def test_the_lead_we_met_first_stays_and_whoever_names_the_other_finds_them(db: Db, book: Book, dsn: str) -> None:
    ana, _ = await acts.in_journey(db, book)
    other = await acts.capture(db, book, other_ana("price_page", "article_read"), LATER)
    done = await merge(db, book, other, ana)
    assert (done.lead_id, done.loser_id) == (ana, other)
    async with db.read() as tx:
        assert (await leads.get(tx, other)).lead_id == ana
        assert await leads.find(tx, "a.torres@meridian-pharma.example") == ana
        assert await leads.find(tx, str(other)) == ana
        told = await events.of_lead(tx, ana)
    assert [event.no for event in reversed(told)] == list(range(1, len(told) + 1))
    instants = [event.at for event in reversed(told)]
    assert instants == sorted(instants)
    assert told[0].kind == "leads_merged"
    earned = await rows(dsn, "SELECT event_no, kind FROM score_entry WHERE lead_id = $1", ana)
    assert {(row["event_no"], row["kind"]) for row in earned} <= {(event.no, event.kind) for event in told}
    assert await rows(dsn, "SELECT FROM lead WHERE lead_id = $1", other) == []


async def test_a_merge_undone_leaves_everything_as_it_was(db: Db, book: Book, dsn: str) -> None:
    ana, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    other, other_run = await acts.in_journey(
        db, book, "a.torres", TUESDAY + timedelta(hours=2), phone="+1 212 555 0143"
    )
    await acts.advance(db, book, other_run, TUESDAY + timedelta(hours=2))
    await acts.happens(db, book, other, world.happened("demo_requested", TUESDAY + timedelta(hours=3)))
    before = await held(dsn)
    done = await merge(db, book, ana, other)
    assert done.lead_id == ana
    back = await undo(db, book, done.merge_id)
    assert (back.events_since, back.said_no_since) == (1, False)
    assert as_before(await held(dsn), before) == {}


async def test_what_happened_since_stays_with_the_survivor(db: Db, book: Book, dsn: str) -> None:
    ana, _ = await acts.in_journey(db, book)
    other = await acts.capture(db, book, other_ana("article_read"), TUESDAY + timedelta(hours=2))
    done = await merge(db, book, ana, other)
    await acts.happens(db, book, ana, world.happened("webinar_attended", LATER + timedelta(minutes=5)))
    await undo(db, book, done.merge_id)
    told = await rows(dsn, "SELECT lead_id, no, kind FROM event ORDER BY lead_id, no")
    of_ana = [(row["no"], row["kind"]) for row in told if row["lead_id"] == ana]
    of_other = [(row["no"], row["kind"]) for row in told if row["lead_id"] == other]
    assert [no for no, _ in of_ana] == list(range(1, len(of_ana) + 1))
    assert [no for no, _ in of_other] == list(range(1, len(of_other) + 1))
    assert "webinar_attended" in [kind for _, kind in of_ana] and "article_read" in [kind for _, kind in of_other]
    assert "article_read" not in [kind for _, kind in of_ana]
    points = await rows(dsn, "SELECT lead_id FROM score_entry WHERE kind = 'webinar_attended'")
    assert [row["lead_id"] for row in points] == [ana]


async def test_one_journey_goes_on_once_and_its_mails_go_once(db: Db, book: Book, dsn: str) -> None:
    _, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    other, other_run = await acts.in_journey(db, book, "a.torres", TUESDAY + timedelta(hours=2))
    await acts.advance(db, book, other_run, TUESDAY + timedelta(hours=2))
    ana = (await rows(dsn, "SELECT lead_id FROM enrolment WHERE enrolment_id = $1", run))[0]["lead_id"]
    done = await merge(db, book, ana, other)
    assert done.ended_runs == 1
    found = await rows(dsn, "SELECT enrolment_id, lead_id, status, outcome FROM enrolment ORDER BY entered_at")
    assert [(row["lead_id"], row["status"], row["outcome"]) for row in found] == [
        (ana, "active", None), (ana, "exited", "merged"),
    ]  # fmt: skip
    planned = await rows(dsn, "SELECT enrolment_id FROM message WHERE status = 'reserved'")
    assert [row["enrolment_id"] for row in planned] == [run]


@pytest.mark.parametrize("who", ["survivor", "loser"])
async def test_a_no_of_either_is_a_no_of_the_person_until_they_are_parted(
    db: Db, book: Book, dsn: str, who: str
) -> None:
    ana, _ = await acts.in_journey(db, book)
    other, _ = await acts.in_journey(db, book, "a.torres", TUESDAY + timedelta(hours=2))
    said_no = ana if who == "survivor" else other
    await acts.happens(db, book, said_no, world.happened("unsubscribed", TUESDAY + timedelta(hours=3)))
    done = await merge(db, book, ana, other)
    async with db.read() as tx:
        person = await leads.get(tx, ana)
        assert any(one.purpose == "marketing" for one in await permissions.suppressions_of(tx, person.email, ana))
    assert await allowed(dsn, LATER + timedelta(minutes=1)) == set()
    await undo(db, book, done.merge_id)
    assert await allowed(dsn, LATER + timedelta(hours=2)) == {ana, other} - {said_no}
    live = await rows(dsn, "SELECT scope FROM suppression WHERE lifted_at IS NULL")
    assert [row["scope"] for row in live] == ["address"]


async def test_a_no_said_while_they_were_one_is_both_leads_no(db: Db, book: Book, dsn: str) -> None:
    ana, _ = await acts.in_journey(db, book)
    other, _ = await acts.in_journey(db, book, "a.torres", TUESDAY + timedelta(hours=2))
    done = await merge(db, book, ana, other)
    await acts.happens(db, book, ana, world.happened("unsubscribed", LATER + timedelta(minutes=1)))
    back = await undo(db, book, done.merge_id)
    assert back.said_no_since
    assert await allowed(dsn, LATER + timedelta(hours=2)) == set()
    async with db.read() as tx:
        for lead_id in (ana, other):
            lead = await leads.get(tx, lead_id)
            assert any(one.purpose == "marketing" for one in await permissions.suppressions_of(tx, lead.email, lead_id))


async def test_a_mail_that_came_back_from_one_address_says_nothing_of_the_other(db: Db, book: Book) -> None:
    ana, _ = await acts.in_journey(db, book)
    other = await acts.capture(db, book, other_ana("article_read"), TUESDAY + timedelta(hours=2))
    await acts.happens(db, book, other, world.happened("bounced", TUESDAY + timedelta(hours=3)))
    await merge(db, book, ana, other)
    async with db.read() as tx:
        person = await leads.get(tx, ana)
        assert await permissions.suppressions_of(tx, person.email, ana) == ()


async def test_one_person_has_one_conversation_and_one_owner(db: Db, book: Book, dsn: str) -> None:
    asked = world.happened("demo_requested", TUESDAY)
    ana = await acts.capture(db, book, world.draft("ana.torres", asked))
    later = TUESDAY + timedelta(hours=1)
    other = await acts.capture(db, book, elsewhere(world.happened("demo_requested", later)), later)
    before = await rows(dsn, "SELECT hand_off_id FROM hand_off WHERE state = 'offered'")
    assert len(before) == 2
    done = await merge(db, book, ana, other)
    assert done.closed_hand_offs == 1
    now = await rows(dsn, "SELECT lead_id, state, decided_via FROM hand_off ORDER BY opened_at")
    assert [(row["lead_id"], row["state"], row["decided_via"]) for row in now] == [
        (ana, "offered", None), (ana, "rejected", "merge"),
    ]  # fmt: skip
    await undo(db, book, done.merge_id)
    again = await rows(dsn, "SELECT lead_id, state FROM hand_off ORDER BY opened_at")
    assert [(row["lead_id"], row["state"]) for row in again] == [(ana, "offered"), (other, "offered")]


async def test_the_further_stage_stands_and_its_log_with_it(db: Db, book: Book, dsn: str) -> None:
    ana, _ = await acts.in_journey(db, book)
    asked = world.happened("demo_requested", TUESDAY + timedelta(hours=1))
    other = await acts.capture(db, book, elsewhere(asked), TUESDAY + timedelta(hours=1))
    done = await merge(db, book, ana, other)
    assert done.lead_id == ana
    told = await rows(dsn, "SELECT no, from_stage, to_stage FROM stage_change WHERE lead_id = $1 ORDER BY no", ana)
    assert [row["to_stage"] for row in told][-1] == "mql"
    assert [row["no"] for row in told] == list(range(1, len(told) + 1))
    assert all(later["from_stage"] == row["to_stage"] for row, later in pairwise(told))
    stands = await rows(dsn, "SELECT stage, change_no FROM lead_stage WHERE lead_id = $1", ana)
    assert [(row["stage"], row["change_no"]) for row in stands] == [("mql", len(told))]


async def test_twice_is_once_whoever_is_named_first_and_also_at_once(db: Db, book: Book, dsn: str) -> None:
    ana, _ = await acts.in_journey(db, book)
    other = await acts.capture(db, book, other_ana("article_read"), TUESDAY + timedelta(hours=2))
    done = await asyncio.gather(merge(db, book, ana, other), merge(db, book, other, ana), return_exceptions=True)
    new = [one for one in done if isinstance(one, Merged) and one.is_new]
    assert len(new) == 1
    again = await merge(db, book, other, ana)
    assert (again.merge_id, again.is_new) == (new[0].merge_id, False)
    assert len(await rows(dsn, "SELECT FROM lead_merge")) == 1


async def test_merges_are_undone_in_turn(db: Db, book: Book, dsn: str) -> None:
    ana, _ = await acts.in_journey(db, book)
    second = await acts.capture(db, book, other_ana("article_read"), TUESDAY + timedelta(hours=2))
    third = await acts.capture(db, book, world.draft("torres"), TUESDAY + timedelta(hours=4))
    before = await held(dsn)
    first_merge = await merge(db, book, second, third)
    second_merge = await merge(db, book, ana, third)
    async with db.read() as tx:
        assert await merges.now_all(tx, [second, third]) == {second: ana, third: ana}
    with pytest.raises(Conflict, match=str(second_merge.merge_id)):
        await undo(db, book, first_merge.merge_id)
    await undo(db, book, second_merge.merge_id)
    await undo(db, book, first_merge.merge_id)
    assert as_before(await held(dsn), before) == {}
    with pytest.raises(Conflict, match="was undone on"):
        await undo(db, book, first_merge.merge_id)


async def test_who_answers_under_the_address_of_the_loser_is_the_survivor(db: Db, book: Book) -> None:
    ana, _ = await acts.in_journey(db, book)
    other = await acts.capture(db, book, other_ana("article_read"), TUESDAY + timedelta(hours=2))
    await merge(db, book, ana, other)
    again = await acts.capture(db, book, other_ana("webinar_attended"), LATER + timedelta(hours=1))
    assert again == ana


async def test_no_lead_is_merged_with_itself_with_nobody_or_without_a_why(db: Db, book: Book) -> None:
    ana, _ = await acts.in_journey(db, book)
    with pytest.raises(BadInput, match="one lead already"):
        await merge(db, book, ana, ana)
    with pytest.raises(NotFound):
        await merge(db, book, ana, LeadId(UUID(int=7)))
    with pytest.raises(BadInput, match="why"):
        async with db.transaction() as tx:
            order = MergeOrder(one=ana, other=LeadId(UUID(int=7)), by="samira-haddad", why=" ")
            await merging.merge(tx, order, book=book, at=LATER)


async def test_somebody_left_alone_by_an_operator_stays_so(db: Db, book: Book) -> None:
    ana, _ = await acts.in_journey(db, book)
    other = await acts.capture(db, book, other_ana("article_read"), TUESDAY + timedelta(hours=2))
    async with db.transaction() as tx:
        order = Order(what=str(other), person=True, topic=None, purpose=None, why="asked by phone", by="samira-haddad")
        await suppressions.add(tx, order, at=TUESDAY)
    await merge(db, book, ana, other)
    async with db.read() as tx:
        assert [one.purpose for one in await permissions.suppressions_of(tx, None, ana)] == [None]
