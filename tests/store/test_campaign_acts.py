"""Do a pause, a resume and a stop of a campaign hold, and does its progress say what is so?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from leadloom.domain.campaigns.campaign import Act, Campaign, Status
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.facts import MessageStatus
from leadloom.domain.lead import BasisKind
from leadloom.store import (
    campaign_steps,
    campaigns,
    enrolments,
    permissions,
    stuck,
)
from leadloom.store.campaigns import Cost, CostDraft
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.campaign_story import LATER, act, crowd, look, planned, progress


async def test_a_second_launch_is_told_since_when_it_runs(db: Db, book: Book) -> None:
    await crowd(db, book, 1)
    await planned(db, book)
    await act(db, book, Act.LAUNCH)
    with pytest.raises(Conflict, match="is running already, since 2026-03-03 15:00"):
        await act(db, book, Act.LAUNCH, at=LATER)


async def test_a_pause_stops_enrolment_at_the_next_page_and_a_resume_goes_on(db: Db, book: Book) -> None:
    await crowd(db, book, 6)
    campaign = await planned(db, book)
    await act(db, book, Act.LAUNCH)
    await look(db, book, campaign, limit=2, pages=1)
    await act(db, book, Act.PAUSE)
    waits = await look(db, book, campaign)
    assert (waits.kind, waits.until, (await progress(db)).enrolled) == ("wait", None, 2)
    await act(db, book, Act.RESUME)
    await look(db, book, campaign)
    assert (await progress(db)).enrolled == 6


async def first_mails_due(db: Db, dsn: str, book: Book, count: int) -> Campaign:
    """A campaign whose runs have asked for their first mail, due and not claimed."""
    await crowd(db, book, count)
    campaign = await planned(db, book)
    await act(db, book, Act.LAUNCH)
    await look(db, book, campaign)
    for row in await acts.rows(dsn, "SELECT enrolment_id FROM enrolment"):
        await acts.advance(db, book, row["enrolment_id"])
    return campaign


async def claims(db: Db, dsn: str, book: Book, at=LATER) -> int:
    lanes: Sequence[str] = [row["lane"] for row in await acts.rows(dsn, "SELECT lane FROM lane")]
    return sum([len(await acts.claim(db, book, lane, at)) for lane in lanes])


async def statuses(dsn: str) -> Counter[str]:
    return Counter(row["status"] for row in await acts.rows(dsn, "SELECT status FROM message"))


async def test_mail_of_a_paused_campaign_is_held_and_goes_after_the_resume(db: Db, dsn: str, book: Book) -> None:
    campaign = await first_mails_due(db, dsn, book, 4)
    await act(db, book, Act.PAUSE)
    assert await claims(db, dsn, book) == 0
    assert await statuses(dsn) == {"held": 4}
    await act(db, book, Act.RESUME, at=LATER)
    async with db.transaction() as tx:
        assert await campaign_steps.release(tx, campaign.campaign_id, book=book, at=LATER) is False
    assert await statuses(dsn) == {"reserved": 4}
    assert await claims(db, dsn, book, LATER + timedelta(hours=1)) == 4


async def test_a_stop_ends_runs_and_mail_and_says_what_is_at_the_relay(db: Db, dsn: str, book: Book) -> None:
    campaign = await first_mails_due(db, dsn, book, 5)
    [lane, *_] = [row["lane"] for row in await acts.rows(dsn, "SELECT lane FROM message ORDER BY lane")]
    held = await acts.claim(db, book, lane, LATER)
    await act(db, book, Act.STOP, at=LATER)
    async with db.read() as tx:
        found = await campaigns.under_way(tx, campaign.campaign_id)
    assert (found.runs, found.mails, found.at_relay) == (5, 5 - len(held), len(held))
    assert await claims(db, dsn, book) == 0  # before a page has ended anything
    while (ended := await look(db, book, campaign, LATER, limit=2)).kind != "done":
        pass
    assert ended.waiting_for == "stopped"
    rows = await acts.rows(dsn, "SELECT status, outcome FROM enrolment")
    assert {(row["status"], row["outcome"]) for row in rows} == {("exited", "campaign stopped")}
    assert (await statuses(dsn))["cancelled"] == 5 - len(held)


async def test_what_is_planned_and_stopped_never_begins(db: Db, book: Book) -> None:
    await crowd(db, book, 2)
    await planned(db, book)
    assert (await act(db, book, Act.STOP)).status is Status.STOPPED
    with pytest.raises(Conflict, match="Plan a new one"):
        await act(db, book, Act.LAUNCH)


async def test_it_is_finished_when_its_last_run_has_ended(db: Db, dsn: str, book: Book) -> None:
    [ana] = await crowd(db, book, 1)
    campaign = await planned(db, book)
    await act(db, book, Act.LAUNCH)
    assert (await look(db, book, campaign)).kind == "wait"
    await acts.happens(db, book, ana, world.happened("calculator_finished", LATER))
    async with db.transaction() as tx:
        assert await campaign_steps.wake_overdue(tx, overdue_since=TUESDAY) == 1
    assert (await look(db, book, campaign, LATER)).kind == "done"
    assert (await progress(db)).campaign.status is Status.FINISHED
    with pytest.raises(Conflict, match="is finished"):
        await act(db, book, Act.PAUSE)


# ── What one sees ──


async def test_progress_counts_members_runs_mails_and_costs(db: Db, dsn: str, book: Book) -> None:
    await first_mails_due(db, dsn, book, 3)
    async with db.transaction() as tx:
        for amount in ("500", "-120.50"):
            cost = CostDraft(amount=Decimal(amount), currency="EUR", what="printing")
            await campaigns.add_cost(tx, "autumn", cost, book=book, at=TUESDAY, by="priya-nair")
    found = await progress(db)
    assert (found.members, found.enrolled, found.active, found.mails) == (3, 3, 3, {MessageStatus.RESERVED: 3})
    assert found.costs == {"EUR": Decimal("379.50")}
    assert found.next == "everybody is decided; the next mail is planned"


async def test_a_correction_of_more_than_was_paid_is_refused(db: Db, book: Book) -> None:
    await crowd(db, book, 1)
    await planned(db, book, cost=Decimal(100), currency="EUR")
    with pytest.raises(BadInput, match=r"Only 100\.00 EUR"):
        await pays(db, book, "-100.01")
    assert (await pays(db, book, "-100")).no == 2


async def pays(db: Db, book: Book, amount: str) -> Cost:
    async with db.transaction() as tx:
        cost = CostDraft(amount=Decimal(amount), currency="EUR", what="correction")
        return await campaigns.add_cost(tx, "autumn", cost, book=book, at=TUESDAY, by="priya-nair")


async def test_an_error_is_shown_counts_as_stuck_and_a_resume_clears_it(db: Db, book: Book) -> None:
    await crowd(db, book, 1)
    campaign = await planned(db, book)
    await act(db, book, Act.LAUNCH)
    async with db.transaction() as tx:
        await campaign_steps.block(tx, campaign.campaign_id, "NotFound: NotFound")
        assert [one.why for one in await stuck.stuck(tx, TUESDAY, book=book)] == ["blocked: NotFound: NotFound"]
    assert (await progress(db)).next.startswith("nothing until somebody resumes it")
    await act(db, book, Act.RESUME)
    async with db.read() as tx:
        assert await stuck.stuck(tx, TUESDAY, book=book) == ()


async def test_a_campaign_that_waits_for_nothing_or_past_its_wait_is_stuck(db: Db, dsn: str, book: Book) -> None:
    await crowd(db, book, 1)
    await planned(db, book)
    await act(db, book, Act.LAUNCH)
    async with db.read() as tx:
        [late] = await stuck.stuck(tx, TUESDAY + timedelta(hours=1), book=book)
    assert (late.noun, late.what, late.why) == ("campaign", "autumn", "its next look is overdue and nothing happened")
    await acts.rows(dsn, "UPDATE campaign SET waiting_for = NULL RETURNING name")
    async with db.read() as tx:
        [lost] = await stuck.stuck(tx, TUESDAY, book=book)
    assert lost.why == "waits for nothing with a name and a deadline"


async def test_who_allowed_mail_only_after_the_plan_comes_in(db: Db, book: Book) -> None:
    [ana] = await crowd(db, book, 1, bases=())
    campaign = await planned(db, book)
    async with db.transaction() as tx:
        await permissions.grant(tx, ana, [world.permission(BasisKind.EXPRESS, TUESDAY)])
    await act(db, book, Act.LAUNCH)
    await look(db, book, campaign)
    assert (await progress(db)).enrolled == 1
    async with db.read() as tx:
        [run] = await enrolments.of_lead(tx, ana)
    assert run.entered_by == "campaign"
