"""What became of everybody at each step, does each figure open its rows, and is lateness kept with its reason?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadloom.domain.mails.outcome import Deferred, Sent
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.store import lanes, messages, pauses, steps, stuck
from leadloom.store.db import Db
from leadloom.store.messages import ClaimedMessage
from leadloom.store.pauses import PauseOrder
from leadloom.store.published import Book
from leadloom.store.rows import Order
from leadloom.store.steps import StepCounts, VisitFilter, VisitRow, Whose
from tests import world
from tests.store import acts, campaign_story
from tests.store.acts import TUESDAY

DAY = timedelta(days=1)
SUM = ("waiting", "blocked", "passed", "skipped", "failed", "expired", "left", "moved")


async def whose(db: Db, book: Book) -> Whose:
    async with db.read() as tx:
        return await steps.of_journey(tx, "small", None, book=book)


async def counted(db: Db, book: Book) -> dict[str, StepCounts]:
    meant = await whose(db, book)
    async with db.read() as tx:
        return {one.step: one for one in await steps.counts(tx, meant)}


async def visits(db: Db, book: Book, step: str | None = None, fate: str | None = None) -> tuple[VisitRow, ...]:
    meant = await whose(db, book)
    async with db.read() as tx:
        which = VisitFilter(step=step, fate=fate)
        return (await steps.visits(tx, meant, which, Order(sort="at", limit=100))).rows


async def claimed(db: Db, book: Book, lead_id: LeadId, at: datetime) -> ClaimedMessage:
    [mail] = [one for one in await acts.claim(db, book, lanes.lane_of(lead_id), at) if one.lead_id == lead_id]
    return mail


async def sent(db: Db, book: Book, lead_id: LeadId, at: datetime = TUESDAY) -> None:
    mail = await claimed(db, book, lead_id, at)
    async with db.transaction() as tx:
        await messages.mark_at_dot(tx, [(mail.message_id, mail.claim)], at=at)
        outcome = Sent(message_id=mail.message_id, claim=mail.claim, reply="250 ok")
        await messages.settle(tx, [outcome], book=book, at=at)


async def late_why(dsn: str, lead_id: LeadId) -> str | None:
    [row] = await acts.rows(dsn, "SELECT late_why FROM message WHERE lead_id = $1", lead_id)
    return row["late_why"]


async def at_work(db: Db, book: Book, at: datetime) -> None:
    """A lane that looks, with nothing to send."""
    for no in range(lanes.SHARDS):
        async with db.transaction() as tx:
            await lanes.ensure(tx, f"default/{no}")
        await acts.claim(db, book, f"default/{no}", at, limit=1)


@pytest.fixture
async def crowd(db: Db, dsn: str, book: Book) -> dict[str, tuple[LeadId, EnrolmentId]]:
    """One who waits, one who is stopped by an error, one who reached the goal, one who goes on three hours late."""
    found = {name: await acts.in_journey(db, book, f"{name}.moss") for name in ("waits", "stuck", "goal", "late")}
    for _, run in found.values():
        await acts.advance(db, book, run)
    await acts.rows(dsn, "UPDATE enrolment SET blocked_at = entered_at WHERE enrolment_id = $1", found["stuck"][1])
    await acts.happens(db, book, found["goal"][0], world.happened("calculator_finished", TUESDAY))
    await sent(db, book, found["late"][0])
    await acts.advance(db, book, found["late"][1], TUESDAY + 3 * DAY + timedelta(hours=3))
    return found


async def test_each_visit_is_counted_once_and_each_figure_opens_as_many_rows(
    db: Db, book: Book, crowd: dict[str, tuple[LeadId, EnrolmentId]]
) -> None:
    by_step = await counted(db, book)
    assert list(by_step) == ["guide", "pause", "dock", "heard"]
    guide, pause, dock = by_step["guide"], by_step["pause"], by_step["dock"]
    assert (guide.came, guide.passed, guide.skipped) == (4, 3, 1)  # the mail of who reached the goal was taken back
    assert (pause.came, pause.waiting, pause.blocked, pause.left, pause.passed) == (4, 1, 1, 1, 1)
    assert (dock.came, dock.passed, dock.coming) == (1, 1, 1)
    for one in by_step.values():
        assert one.came == sum(getattr(one, name) for name in SUM)
        assert len(await visits(db, book, one.step)) == one.came
        for fate in (*SUM, "capped", "coming", "late"):
            rows = await visits(db, book, one.step, fate)
            assert len(rows) == getattr(one, fate), (one.step, fate)


async def test_a_run_that_comes_late_to_a_step_shows_there_with_how_much(
    db: Db, book: Book, crowd: dict[str, tuple[LeadId, EnrolmentId]]
) -> None:
    by_step = await counted(db, book)
    late = by_step["dock"].came_late
    assert late is not None and late.p50_s == late.p99_s == 3 * 3600
    [row] = await visits(db, book, "dock", "late")
    assert (row.lead_id, row.late_why) == (crowd["late"][0], "worker")
    on_time = by_step["guide"].came_late
    assert on_time is not None and on_time.p99_s == 0


async def test_mail_that_no_worker_took_in_time_is_late_by_the_worker(db: Db, dsn: str, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    await sent(db, book, lead_id, TUESDAY + timedelta(hours=2))
    assert await late_why(dsn, lead_id) == "worker"
    guide = (await counted(db, book))["guide"]
    assert guide.sent_late is not None and guide.sent_late.p50_s == 2 * 3600
    [row] = await visits(db, book, "guide", "late")
    assert row.planned_at == TUESDAY and row.actual_at == TUESDAY + timedelta(hours=2)


async def test_mail_its_lane_did_not_get_to_is_late_by_the_backlog(db: Db, dsn: str, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    await acts.rows(dsn, "UPDATE lane SET looked_at = $1", TUESDAY + timedelta(minutes=1))
    await sent(db, book, lead_id, TUESDAY + timedelta(minutes=5))
    assert await late_why(dsn, lead_id) == "backlog"


async def test_mail_of_a_lane_that_an_operator_stopped_is_late_by_that(db: Db, dsn: str, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    lane = lanes.lane_of(lead_id)
    await acts.advance(db, book, run)
    async with db.transaction() as tx:
        await lanes.pause(tx, lane, why="maintenance")
    async with db.transaction() as tx:
        await lanes.resume(tx, lane)
    await sent(db, book, lead_id, TUESDAY + timedelta(hours=1))
    assert await late_why(dsn, lead_id) == "stopped"


async def test_mail_the_relay_put_off_is_late_by_the_relay_and_counts_from_its_first_slot(
    db: Db, dsn: str, book: Book
) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    mail = await claimed(db, book, lead_id, TUESDAY)
    later = TUESDAY + timedelta(minutes=30)
    async with db.transaction() as tx:
        outcome = Deferred(message_id=mail.message_id, claim=mail.claim, until=later, reply="451 later")
        await messages.settle(tx, [outcome], book=book, at=TUESDAY)
    await at_work(db, book, TUESDAY)
    await sent(db, book, lead_id, later)
    assert await late_why(dsn, lead_id) == "relay"
    guide = (await counted(db, book))["guide"]
    assert guide.sent_late is not None and guide.sent_late.p50_s == 30 * 60


async def test_mail_that_went_in_time_is_late_by_nothing(db: Db, dsn: str, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    await sent(db, book, lead_id)
    assert await late_why(dsn, lead_id) is None
    assert await visits(db, book, "guide", "late") == ()


async def test_a_campaign_counts_its_own_runs_only(db: Db, book: Book) -> None:
    await acts.in_journey(db, book)
    await campaign_story.crowd(db, book, 3)
    campaign = await campaign_story.planned(db, book)
    await campaign_story.act(db, book, campaign_story.Act.LAUNCH)
    await campaign_story.look(db, book, campaign)
    async with db.read() as tx:
        meant = steps.of_campaign(campaign.campaign_id, campaign.name, campaign.journey, book=book)
        guide = (await steps.counts(tx, meant))[0]
    assert (guide.step, guide.came, guide.waiting) == ("guide", 3, 3)


async def test_what_of_a_campaign_is_stuck_is_its_own_and_empty_in_health(db: Db, dsn: str, book: Book) -> None:
    await acts.in_journey(db, book)
    await campaign_story.crowd(db, book, 2)
    campaign = await campaign_story.planned(db, book)
    await campaign_story.act(db, book, campaign_story.Act.LAUNCH)
    await campaign_story.look(db, book, campaign)

    async def found(at: datetime = TUESDAY) -> list[tuple[str, str]]:
        async with db.read() as tx:
            return [(one.noun, one.why) for one in await stuck.stuck(tx, at, book=book, campaign="autumn")]

    assert await found() == []
    await acts.rows(dsn, "UPDATE enrolment SET blocked_at = entered_at, error = 'boom'")
    assert await found() == [("run", "blocked: boom")] * 2  # of three blocked runs these are the campaign's
    await acts.rows(dsn, "UPDATE enrolment SET blocked_at = NULL, waits_until = $1", TUESDAY + 9 * DAY)
    async with db.transaction() as tx:
        order = PauseOrder(journey="small", review_at=TUESDAY + DAY)
        await pauses.pause(tx, order, book=book, at=TUESDAY, by="priya-nair")
    await acts.rows(dsn, "UPDATE campaign SET waits_until = $1", TUESDAY + 9 * DAY)
    assert await found(TUESDAY + DAY) == []
    after = [why for noun, why in await found(TUESDAY + DAY + timedelta(seconds=1)) if noun == "pause"]
    assert after == ["paused by priya-nair, and the day of its review has passed"]


async def test_every_reason_of_lateness_has_its_words(dsn: str) -> None:
    for why in steps.LATE_WORDS:
        await acts.rows(dsn, "SELECT 1 FROM message WHERE late_why = $1", why)
    rows = await acts.rows(
        dsn, "SELECT pg_get_constraintdef(oid) AS said FROM pg_constraint WHERE conname = 'message_late_why_check'"
    )
    assert all(f"'{why}'" in rows[0]["said"] for why in steps.LATE_WORDS)
    assert rows[0]["said"].count("::text") >= len(steps.LATE_WORDS)
