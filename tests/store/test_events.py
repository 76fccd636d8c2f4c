"""Does the one write path keep its promises: gapless, once, scored, gated, and nobody told who need not hear?"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.lead import BasisKind, EventDraft, Verdict
from leadloom.domain.model import LeadId
from leadloom.domain.standing import CodeEntry
from leadloom.store import events, leads, permissions, published, runs
from leadloom.store.db import Db, OutboxRow
from leadloom.store.events import Happening, Recorded
from leadloom.store.published import Book
from tests import world
from tests.world import MONDAY, happened

NOBODY = LeadId(UUID(int=7))
WAITS_FOR_A_LOCK = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Ear:
    """A relay that remembers which workflows were told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def __call__(self, rows: list[OutboxRow]) -> None:
        self.heard += [row.wake.workflow_id for row in rows]


@pytest.fixture
async def ear(db: Db) -> Ear:
    """What Temporal hears."""
    db.relay = relay = Ear()
    return relay


@pytest.fixture
async def sql(dsn: str):
    """A connection to look at rows with."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


async def capture(db: Db, book: Book, name: str = "ana.torres", *drafts: EventDraft, **rest: object) -> LeadId:
    async with db.transaction() as tx:
        draft = world.draft(name, *drafts, **rest)
        return (await leads.capture(tx, draft, book=book, at=MONDAY, actor="lead")).lead_id


async def record(db: Db, book: Book, lead_id: LeadId, *drafts: EventDraft, at=MONDAY + DAY) -> Recorded:
    async with db.transaction() as tx:
        return await events.record(tx, lead_id, drafts, book=book, at=at)


async def test_events_are_numbered_from_one_without_gaps_under_twenty_recorders(db: Db, book: Book, sql) -> None:
    lead_id = await capture(db, book)

    async def recorder(number: int) -> list[int]:
        drafts = [happened("article_read", key=f"{number}/{each}") for each in range(number % 4 + 1)]
        return [event.no for event in (await record(db, book, lead_id, *drafts)).events]

    numbers = await asyncio.gather(*(recorder(number) for number in range(20)))
    told = sorted(no for each in numbers for no in each)
    assert told == list(range(1, len(told) + 1))
    assert [row["no"] for row in await sql.fetch("SELECT no FROM event ORDER BY no")] == told
    assert await sql.fetchval("SELECT last_event_no FROM lead") == told[-1]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.integers(0, 5), max_size=4), min_size=1, max_size=20))
async def test_whatever_is_sent_again_by_whomever_numbers_have_no_gap_and_keys_are_once(
    db: Db, book: Book, batches: list[list[int]]
) -> None:
    lead_id = await capture(db, book, email=f"{uuid4().hex}@meridian-pharma.example")

    async def recorder(keys: list[int]) -> None:
        await record(db, book, lead_id, *(happened("article_read", key=str(key)) for key in keys))

    await asyncio.gather(*(recorder(keys) for keys in batches))
    async with db.read() as tx:
        found = await events.of_lead(tx, lead_id)
    assert [event.no for event in reversed(found)] == list(range(1, len(found) + 1))
    assert sorted(event.key or "" for event in found) == sorted({str(key) for keys in batches for key in keys})


async def test_the_same_key_twice_is_one_event_and_one_score(db: Db, book: Book, sql) -> None:
    lead_id = await capture(db, book)
    one = happened("calculator_finished", key="calc/1")
    first, again = await record(db, book, lead_id, one), await record(db, book, lead_id, one, one)
    assert (len(first.events), again.events) == (1, ())
    assert await sql.fetchval("SELECT sum(points) FROM score_entry") == 20


async def test_events_without_a_key_cannot_be_told_apart_and_all_count(db: Db, book: Book) -> None:
    lead_id = await capture(db, book)
    recorded = await record(db, book, lead_id, happened("article_read"), happened("article_read"))
    assert [event.no for event in recorded.events] == [1, 2]


async def test_an_event_nobody_defined_is_refused_and_nothing_is_written(db: Db, book: Book, sql) -> None:
    lead_id = await capture(db, book)
    with pytest.raises(BadInput, match="article_red"):
        await record(db, book, lead_id, happened("article_read"), happened("article_red"))
    assert await sql.fetchval("SELECT count(*) FROM event") == 0


async def test_an_unknown_lead_is_named(db: Db, book: Book) -> None:
    with pytest.raises(NotFound, match=str(NOBODY)):
        await record(db, book, NOBODY, happened("article_read"))


async def test_lead_stage_is_the_last_stage_change_whatever_happened(db: Db, book: Book, sql) -> None:
    ana = await capture(db, book, "ana.torres", happened("guide_requested"), happened("demo_requested"))
    await capture(db, book, "ben.ito")
    cleo = await capture(db, book, "cleo.marsh", happened("article_read"))
    await record(db, book, ana, happened("hand_off_accepted", MONDAY + HOUR, actor="marcus-oyelaran"))
    await record(db, book, ana, happened("deal_opened", MONDAY + HOUR), happened("deal_won", MONDAY + HOUR))
    await record(db, book, cleo, happened("went_inactive", MONDAY + 200 * DAY, actor="system"), at=MONDAY + 200 * DAY)
    differing = await sql.fetch(
        """SELECT * FROM (SELECT DISTINCT ON (lead_id, track) lead_id, track, to_stage, at, no FROM stage_change
                           ORDER BY lead_id, track, no DESC) AS log (lead_id, track, stage, since, change_no)
             FULL JOIN lead_stage s USING (lead_id, track, stage, since, change_no)
            WHERE log IS NULL OR s IS NULL"""
    )
    assert differing == []
    assert {row[0] for row in await sql.fetch("SELECT stage FROM lead_stage")} == {"won", "aware", "inactive"}


async def test_stage_changes_name_the_definition_and_what_decided(db: Db, book: Book) -> None:
    lead_id = await capture(db, book, "ana.torres", happened("demo_requested"))
    async with db.read() as tx:
        changes = await events.stage_changes(tx, lead_id)
    assert [change.to_stage for change in changes] == ["aware", "inquiry", "mql"]
    assert changes[-1].definition_version == book.definition_version
    assert changes[-1].evidence["rule"] == "asks"


async def test_a_hand_raise_opens_one_hand_off_in_the_same_transaction(db: Db, book: Book, ear: Ear, sql) -> None:
    await capture(db, book, "ana.torres", happened("demo_requested"))
    rows = await sql.fetch("SELECT hand_off_id, kind, state FROM hand_off")
    assert [(row["kind"], row["state"]) for row in rows] == [("hand-raise", "offered")]
    assert f"hand-off/{rows[0]['hand_off_id']}" in ear.heard


async def test_a_lead_enters_a_journey_once_and_its_workflow_is_told(db: Db, book: Book, ear: Ear, sql) -> None:
    lead_id = await capture(db, book, "ana.torres", happened("guide_requested"))
    run = await sql.fetchrow("SELECT * FROM enrolment")
    assert (run["status"], run["waiting_for"], run["waits_until"]) == ("active", "its first step", MONDAY)
    assert (run["journey_hash"], run["prospect"], run["workflow"]) == (book.journeys[0].hash, True, "Nurture")
    assert f"run/{run['enrolment_id']}" in ear.heard
    await record(db, book, lead_id, happened("guide_requested", MONDAY + DAY))
    assert await sql.fetchval("SELECT count(*) FROM enrolment") == 1


async def test_an_exit_ends_the_run_at_once_and_its_unclaimed_mail_never_goes(
    db: Db, book: Book, ear: Ear, sql
) -> None:
    lead_id = await capture(db, book, "ana.torres", happened("guide_requested"))
    run = await sql.fetchval("SELECT enrolment_id FROM enrolment")
    for step, status in enumerate(("reserved", "deferred", "held", "claimed", "sent")):
        await plant_mail(sql, lead_id, run, str(step), status)
    ear.heard.clear()
    await record(db, book, lead_id, happened("call_requested", MONDAY + HOUR), at=MONDAY + HOUR)
    ended = await sql.fetchrow("SELECT * FROM enrolment WHERE enrolment_id = $1", run)
    assert (ended["status"], ended["outcome"], ended["ended_at"]) == ("exited", "asked to talk", MONDAY + HOUR)
    assert (ended["waiting_for"], ended["waits_until"], ended["listens"]) == (None, None, [])
    mails = await sql.fetch("SELECT status, reason FROM message WHERE enrolment_id = $1 ORDER BY step", run)
    assert [row["status"] for row in mails] == ["cancelled", "cancelled", "cancelled", "claimed", "sent"]
    assert {row["reason"] for row in mails[:3]} == {"asked to talk"}
    assert f"run/{run}" in ear.heard


async def test_only_runs_that_listen_and_only_for_humans_are_woken(db: Db, book: Book, ear: Ear, sql) -> None:
    lead_id = await capture(db, book, "ana.torres", happened("guide_requested"))
    run = await sql.fetchval("UPDATE enrolment SET listens = '{link_clicked}' RETURNING enrolment_id")
    ear.heard.clear()
    await record(db, book, lead_id, happened("article_read", MONDAY + HOUR))
    await record(db, book, lead_id, happened("link_clicked", MONDAY + HOUR, verdict=Verdict.MACHINE))
    assert f"run/{run}" not in ear.heard
    await record(db, book, lead_id, happened("link_clicked", MONDAY + HOUR))
    assert f"run/{run}" in ear.heard


async def test_the_lifecycle_hears_of_a_first_clock_and_not_of_one_that_moves_later(
    db: Db, book: Book, ear: Ear
) -> None:
    lead_id = await capture(db, book, "ana.torres", happened("article_read"))
    assert f"lead/{lead_id}" in ear.heard
    ear.heard.clear()
    await record(db, book, lead_id, happened("mail_opened", MONDAY + HOUR), at=MONDAY + HOUR)
    assert f"lead/{lead_id}" not in ear.heard


async def test_unsubscribing_ends_the_permission_and_closes_the_address_for_marketing_at_once(
    db: Db, book: Book
) -> None:
    lead_id = await capture(db, book, bases=(world.permission(),))
    await record(db, book, lead_id, happened("unsubscribed", MONDAY + DAY, verdict=Verdict.UNSURE))
    async with db.read() as tx:
        basis, no = await permissions.of_lead(tx, lead_id)
        (suppression,) = await permissions.suppressions_of(tx, "ana.torres@meridian-pharma.example")
    assert (basis.revoked_at, basis.wording) == (MONDAY + DAY, "Yes, write to me.")
    assert (no.act, no.at, no.source, no.proof) == (
        "withdrawn",
        MONDAY + DAY,
        "unsubscribed",
        {"event": 1, "by": "lead"},
    )
    assert (suppression.purpose, suppression.reason) == ("marketing", "unsubscribed")


async def test_whoever_allows_it_again_after_unsubscribing_may_be_written_to_again(db: Db, book: Book) -> None:
    lead_id = await capture(db, book, bases=(world.permission(),))
    await record(db, book, lead_id, happened("unsubscribed", MONDAY + DAY))
    address = "ana.torres@meridian-pharma.example"
    async with db.transaction() as tx:
        await permissions.grant(tx, lead_id, [world.permission(BasisKind.LEGITIMATE_INTEREST, MONDAY + 2 * DAY)])
        assert await permissions.suppressions_of(tx, address) != ()
        await permissions.grant(tx, lead_id, [world.permission(BasisKind.EXPRESS, MONDAY)])
        assert await permissions.suppressions_of(tx, address) != ()
        await permissions.grant(tx, lead_id, [world.permission(BasisKind.EXPRESS, MONDAY + 3 * DAY)])
        assert await permissions.suppressions_of(tx, address) == ()


@pytest.mark.parametrize("kind", ["bounced", "complained"])
async def test_an_address_that_bounced_or_complained_gets_nothing_any_more(db: Db, book: Book, kind: str) -> None:
    lead_id = await capture(db, book, bases=(world.permission(),))
    await record(db, book, lead_id, happened(kind), happened(kind))
    async with db.transaction() as tx:
        (suppression,) = await permissions.suppressions_of(tx, "ana.torres@meridian-pharma.example")
        assert suppression.purpose is None
        await permissions.grant(tx, lead_id, [world.permission(BasisKind.EXPRESS, MONDAY + 9 * DAY)])
        assert len(await permissions.suppressions_of(tx, "ana.torres@meridian-pharma.example")) == 1
        await permissions.lift(tx, suppression.suppression_id, why="mended", by="priya-nair", at=MONDAY + 9 * DAY)
        assert await permissions.suppressions_of(tx, "ana.torres@meridian-pharma.example") == ()


async def test_many_leads_cost_as_many_statements_as_one(db: Db, book: Book) -> None:
    ids = [await capture(db, book, f"p{number}.x", email=f"p{number}@c{number}.example") for number in range(30)]
    asked: list[str] = []

    async def count(happenings: list[Happening]) -> int:
        async with db.transaction() as tx:
            connection = tx._connection
            start = len(asked)
            connection.add_query_logger(log := lambda record: asked.append(record.query))
            await events.record_all(tx, happenings, book=book, at=MONDAY + DAY)
            connection.remove_query_logger(log)
            return len(asked) - start

    drafts = (happened("guide_requested", MONDAY + DAY), happened("article_read", MONDAY + DAY))
    one = await count([Happening(lead_id=ids[0], drafts=drafts)])
    many = await count([Happening(lead_id=lead_id, drafts=drafts) for lead_id in ids[1:]])
    assert 0 < many <= one


async def test_two_lists_that_name_the_same_leads_in_other_orders_do_not_deadlock(db: Db, book: Book, sql) -> None:
    ids = [await capture(db, book, f"p{number}.x", email=f"p{number}@c{number}.example") for number in range(6)]

    async def write(order: list[LeadId], key: str) -> None:
        async with db.transaction() as tx:
            each = [Happening(lead_id=one, drafts=(happened("article_read", key=key),)) for one in order]
            await events.record_all(tx, each, book=book, at=MONDAY + DAY)

    await asyncio.gather(*(write(ids if n % 2 else ids[::-1], str(n)) for n in range(8)))
    assert await sql.fetchval("SELECT count(*) FROM event") == 48


async def test_a_journey_for_the_company_starts_once_when_colleagues_answer_at_once(db: Db, book: Book, sql) -> None:
    door = CodeEntry(name="circle", workflow="BuyingCircle", events=("article_read",), per="account")
    async with db.transaction() as tx:
        await published.publish_code_journey(tx, door, at=MONDAY, by="leo-novak")
        with_door = await published.book(tx)
    ana, ben = [await capture(db, with_door, name) for name in ("ana.torres", "ben.ito")]
    async with db.transaction() as tx:
        await events.record(tx, ana, [happened("article_read")], book=with_door, at=MONDAY + DAY)
        colleague = asyncio.create_task(record(db, with_door, ben, happened("article_read")))
        # Ana's run isn't committed: Ben's transaction can only wait for it, or go wrong.
        while not colleague.done() and not await sql.fetchval(WAITS_FOR_A_LOCK):
            pass
    await colleague
    assert await sql.fetchval("SELECT count(*) FROM enrolment WHERE journey = 'circle'") == 1


async def test_in_one_list_too_the_company_comes_in_once(db: Db, book: Book, sql) -> None:
    door = CodeEntry(name="circle", workflow="BuyingCircle", events=("article_read",), per="account")
    async with db.transaction() as tx:
        await published.publish_code_journey(tx, door, at=MONDAY, by="leo-novak")
        with_door = await published.book(tx)
    ids = [await capture(db, with_door, name) for name in ("ana.torres", "ben.ito", "cleo.marsh")]
    async with db.transaction() as tx:
        each = [Happening(lead_id=lead_id, drafts=(happened("article_read"),)) for lead_id in ids]
        await events.record_all(tx, each, book=with_door, at=MONDAY + DAY)
    assert await sql.fetchval("SELECT count(*) FROM enrolment WHERE journey = 'circle'") == 1


def test_a_run_has_the_same_id_on_every_try() -> None:
    assert runs.run_id(NOBODY, "small", "1") == runs.run_id(NOBODY, "small", "1")
    assert runs.run_id(NOBODY, "small", "1") != runs.run_id(NOBODY, "small", "2")


async def plant_mail(sql, lead_id: LeadId, run: object, step: str, status: str) -> None:
    """A message row of a run in some state."""
    await sql.execute(
        """INSERT INTO message (message_id, enrolment_id, step, visit, lead_id, mail, template_hash, mail_class, sender,
                  lane, priority, status, asked_at, not_before, slot_at, deadline, sent_at)
           VALUES (gen_random_uuid(), $1, $2, 1, $3, 'dock', 'h', 'marketing', 'ines-carvalho', 'default/0', 3, $4,
                   $5, $5, $5, $5, $5)""",
        run,
        step,
        lead_id,
        status,
        MONDAY,
    )
