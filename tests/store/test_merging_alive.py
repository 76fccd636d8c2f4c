"""Does a merge stand what happens around it: a death in the middle, workflows that name the loser, browsers, lives?"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import asyncpg
import pytest

from leadloom.domain.errors import Transient
from leadloom.domain.lead import BasisDraft, BasisKind
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.store import leads, lifecycle, merges, permissions, rescoring, visitors
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY, rows
from tests.store.test_merging import LATER, allowed, as_before, held, merge, other_ana, undo

HOUR = timedelta(hours=1)
_WAITING = (
    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    " AND application_name = 'leadloom'"
)


async def test_a_merge_whose_connection_dies_between_two_statements_leaves_both_as_they_were(
    db: Db, book: Book, dsn: str
) -> None:
    ana, _ = await acts.in_journey(db, book)
    other, _ = await acts.in_journey(db, book, "a.torres", TUESDAY + HOUR)
    before = await held(dsn)
    for table in ("lead_stage", "basis", "identity_key", "merged_lead"):  # early, midway, late, last
        killer = await asyncpg.connect(dsn)
        async with killer.transaction():
            await killer.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
            merging = asyncio.create_task(merge(db, book, ana, other))
            await acts.wait_for_a_lock(dsn)
            for row in await killer.fetch(_WAITING):
                await killer.execute("SELECT pg_terminate_backend($1)", row["pid"])
            with pytest.raises(Transient):
                await merging
        await killer.close()
        assert (table, as_before(await held(dsn), before)) == (table, {})
        assert await rows(dsn, "SELECT FROM lead_merge") == []
    assert (await merge(db, book, ana, other)).is_new


async def test_whoever_names_the_loser_after_the_merge_finds_the_survivor_or_ends(db: Db, book: Book, dsn: str) -> None:
    ana, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    other, other_run = await acts.in_journey(db, book, "a.torres", TUESDAY + HOUR)
    await merge(db, book, ana, other)
    ended = await acts.advance(db, book, other_run, LATER)
    assert (ended.kind, ended.waiting_for) == ("done", "merged"), "its workflow hears that it is over"
    assert (await acts.advance(db, book, run, LATER)).kind == "wait"
    async with db.transaction() as tx:
        assert (await lifecycle.advance(tx, other, book=book, at=LATER)).waiting_for == "merged into another lead"
        assert [wake.workflow_id for wake in tx.wakes()] == [f"lead/{ana}"]
    with pytest.raises(Transient, match=str(ana)):
        await acts.happens(db, book, other, world.happened("article_read", LATER))
    async with db.read() as tx:
        now = (await leads.get(tx, other)).lead_id
    await acts.happens(db, book, now, world.happened("article_read", LATER))
    assert (await rows(dsn, "SELECT lead_id FROM event WHERE kind = 'article_read'"))[0]["lead_id"] == ana


async def test_a_run_of_the_loser_in_another_journey_goes_on_as_the_survivors(db: Db, book: Book, dsn: str) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres", world.happened("article_read", TUESDAY)))
    other, run = await acts.in_journey(db, book, "a.torres", TUESDAY + HOUR)
    await acts.advance(db, book, run, TUESDAY + HOUR)
    await merge(db, book, ana, other)
    assert (await acts.advance(db, book, run, LATER)).kind == "wait"
    await acts.happens(db, book, ana, world.happened("demo_requested", LATER + HOUR))
    [ended] = await rows(dsn, "SELECT lead_id, outcome FROM enrolment WHERE enrolment_id = $1", run)
    assert (ended["lead_id"], ended["outcome"]) == (ana, "asked to talk"), "what the survivor does ends it"


async def test_browsers_and_touches_go_with_the_merge_and_come_back(db: Db, book: Book, dsn: str) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres"))
    other = await acts.capture(db, book, other_ana(), TUESDAY + HOUR)
    for no, lead_id in enumerate((ana, other)):
        await rows(dsn, "INSERT INTO visitor (name, lead_id, at) VALUES ($1, $2, $3)", f"a:b{no}", lead_id, TUESDAY)
        view = "INSERT INTO visitor_event (key, visitor, lead_id, at, heard_at, data) VALUES ($1, $2, $3, $4, $4, $5)"
        await rows(dsn, view, f"v{no}", f"a:b{no}", lead_id, TUESDAY + no * HOUR, '{"page": "/"}')

    async def whose() -> tuple[list[object], int, int]:
        browsers = [row["lead_id"] for row in await rows(dsn, "SELECT lead_id FROM visitor ORDER BY name")]
        async with db.read() as tx:
            return browsers, len(await visitors.touches(tx, ana)), len(await visitors.touches(tx, other))

    assert await whose() == ([ana, other], 1, 1)
    done = await merge(db, book, ana, other)
    assert await whose() == ([ana, ana], 2, 0)
    await undo(db, book, done.merge_id)
    assert await whose() == ([ana, other], 1, 1)


_KINDS = ("article_read", "webinar_attended", "price_page", "calculator_finished", "unsubscribed", "demo_requested")


async def lived(db: Db, book: Book, rng: random.Random, name: str) -> LeadId:
    """A lead with a life by the seed: what they did, allowed, took back, and the journey they stand in."""
    born = TUESDAY + rng.randint(0, 5) * HOUR
    if rng.random() < 0.6:
        lead_id, run = await acts.in_journey(db, book, name, born)
        if rng.random() < 0.7:
            await acts.advance(db, book, EnrolmentId(run), born)
    else:
        lead_id = await acts.capture(db, book, world.draft(name), born)
    for no in range(rng.randint(0, 4)):
        key, at = f"k{rng.randint(0, 3)}/{no}", born + timedelta(minutes=no + 1)
        await acts.happens(db, book, lead_id, world.happened(rng.choice(_KINDS), at, key=key))
    async with db.transaction() as tx:
        for no in range(rng.randint(0, 2)):
            kind = rng.choice([BasisKind.EXPRESS, BasisKind.SERVICE, BasisKind.LEGITIMATE_INTEREST])
            draft = BasisDraft(kind=kind, source="a form", wording="Yes.", at=born + timedelta(minutes=30 + no))
            await permissions.grant(tx, lead_id, [draft])
    return lead_id


async def counted(dsn: str) -> dict[str, int]:
    tables = ("event", "basis", "enrolment", "message", "identity_key", "hand_off", "visitor")
    return {table: (await rows(dsn, f"SELECT count(*) AS n FROM {table}"))[0]["n"] for table in tables}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_of_any_two_lives_nothing_is_lost_and_an_undo_gives_both_back(
    db: Db, book: Book, dsn: str, seed: int
) -> None:
    rng = random.Random(seed)
    people = [await lived(db, book, rng, name) for name in ("ana.torres", "a.torres", "torres")]
    before, had, could = await held(dsn), await counted(dsn), await allowed(dsn, LATER)
    said_no = {row["lead_id"] for row in await rows(dsn, "SELECT lead_id FROM event WHERE kind = 'unsubscribed'")}
    met = {row["lead_id"]: (row["created_at"], row["lead_id"]) for row in await rows(dsn, "SELECT * FROM lead")}
    pairs = rng.sample([(0, 1), (1, 2), (2, 0)], 2)
    done = [await merge(db, book, people[one], people[other]) for one, other in pairs]
    for (first, second), was in zip(pairs, done, strict=True):
        again = await merge(db, book, people[second], people[first])
        assert (again.merge_id, again.is_new) == (was.merge_id, False), "merging twice is once"
    [survivor] = await rows(dsn, "SELECT lead_id, last_event_no FROM lead")
    one: LeadId = survivor["lead_id"]
    assert one == min(people, key=lambda each: met[each]), "the oldest identified id stays"
    now = await counted(dsn)
    notes = await rows(dsn, "SELECT FROM event WHERE kind IN ('leads_merged', 'rescored')")
    assert now["event"] == had["event"] + len(notes) == survivor["last_event_no"]
    assert all(now[table] >= had[table] for table in had), "nothing of either is lost"
    open_runs = "SELECT journey FROM enrolment WHERE status = 'active' GROUP BY journey HAVING count(*) > 1"
    assert await rows(dsn, open_runs) == [], "one run for each journey"
    if said_no:
        assert await allowed(dsn, LATER + HOUR) == set(), "the strictest word wins"
    redirects = {row["into_id"] for row in await rows(dsn, "SELECT into_id FROM merged_lead")}
    assert redirects == {one}, "redirects never chain"
    async with db.transaction() as tx:
        [rescored] = await rescoring.rescore(tx, [one], book=book, at=LATER + HOUR, by="system")
    assert rescored.before.engagement == pytest.approx(rescored.after.engagement), "one person's points"
    for each in reversed(done):
        await undo(db, book, each.merge_id)
    async with db.read() as tx:
        assert await merges.now_all(tx, people) == {}
    left = as_before(await held(dsn), before)
    assert all("rescored" in told for told in left.pop("score_entry", ()))
    # What the merge carried over is lifted; that it once stood is kept.
    assert all('"by": "merge ' in told and "lifted_at" in told for told in left.pop("suppression", ()))
    assert left == {}
    assert await allowed(dsn, LATER) == could
