"""Does an audience come in stage by stage, in its arms, and does a campaign stop by itself when mail is unwelcome?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from leadloom.domain.campaigns.arms import Arm
from leadloom.domain.campaigns.campaign import Act, Campaign, Status
from leadloom.domain.campaigns.stages import stages_of
from leadloom.domain.errors import Conflict
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.steps.branch import Branch, Case
from leadloom.domain.model import LeadId
from leadloom.store import audit, campaign_approvals, campaign_stages, campaign_steps, campaigns, published, stuck
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.campaign_story import LATER, act, crowd, look, planned, progress

HOUR = timedelta(hours=1)


async def launched(
    db: Db, book: Book, shares: tuple[float, ...], *, wait: timedelta | None = None, members: int = 10, **said: object
) -> Campaign:
    """A campaign over a crowd, launched in stages."""
    await crowd(db, book, members)
    campaign = await planned(db, book, **said)
    async with db.transaction() as tx:
        found = stages_of(shares, members, wait)
        await campaign_stages.plan(tx, campaign, found, at=TUESDAY, by="priya-nair")
    await act(db, book, Act.LAUNCH)
    return campaign


async def goes_on(db: Db, book: Book) -> int:
    async with db.transaction() as tx:
        return (await campaign_stages.go_on(tx, "autumn", book=book, at=LATER, by="priya-nair")).no


async def test_the_next_stage_waits_for_a_word_and_then_comes_in(db: Db, book: Book) -> None:
    campaign = await launched(db, book, (20, 60, 100), per_minute=100)
    waits = await look(db, book, campaign)
    assert (waits.waiting_for, (await progress(db)).enrolled) == ("somebody to say go on after stage 1 of 3", 2)
    assert (await progress(db)).next == "it waits for somebody to say go on after stage 1 of 3"
    assert await goes_on(db, book) == 2
    await look(db, book, campaign, LATER)
    assert (await progress(db)).enrolled == 6
    assert await goes_on(db, book) == 3
    await look(db, book, campaign, LATER)
    assert (await progress(db)).enrolled == 10
    with pytest.raises(Conflict, match="opened its last stage"):
        await goes_on(db, book)
    async with db.read() as tx:
        assert await stuck.stuck(tx, LATER, book=book) == ()


async def test_the_next_stage_opens_by_itself_when_its_wait_is_over(db: Db, book: Book) -> None:
    campaign = await launched(db, book, (20, 100), wait=HOUR)
    waits = await look(db, book, campaign)
    assert (waits.waiting_for, waits.until) == ("the results of stage 1 of 2", TUESDAY + HOUR)
    await look(db, book, campaign, TUESDAY + HOUR / 2)
    assert (await progress(db)).enrolled == 2
    opened = await look(db, book, campaign, TUESDAY + HOUR)
    assert opened.until == TUESDAY + HOUR
    await look(db, book, campaign, TUESDAY + HOUR)
    assert (await progress(db)).enrolled == 10
    async with db.read() as tx:
        [first, second] = (await campaign_stages.of(tx, [campaign.campaign_id]))[campaign.campaign_id]
    assert (first.opened_by, second.opened_by, second.opened_at) == ("priya-nair", "leadloom", TUESDAY + HOUR)


async def test_a_campaign_that_is_resumed_at_its_gate_still_says_what_it_waits_for(db: Db, book: Book) -> None:
    campaign = await launched(db, book, (20, 100), wait=HOUR)
    await look(db, book, campaign)
    await act(db, book, Act.PAUSE)
    await act(db, book, Act.RESUME)
    found = await progress(db)
    assert (found.next, found.next_at) == ("it waits for the results of stage 1 of 2", TUESDAY + HOUR)


async def mailed(db: Db, dsn: str, book: Book, campaign: Campaign) -> list[LeadId]:
    """Whoever has come in got a mail a minute ago."""
    await look(db, book, campaign)
    runs = await acts.rows(dsn, "SELECT enrolment_id FROM enrolment")
    for row in runs:
        await acts.advance(db, book, row["enrolment_id"])
    rows = await acts.rows(
        dsn, "UPDATE message SET status = 'sent', sent_at = $1, settled_at = $1 RETURNING lead_id", TUESDAY
    )
    return [row["lead_id"] for row in rows]


async def test_unwelcome_mail_holds_the_campaign_at_its_gate_and_a_resume_counts_anew(
    db: Db, dsn: str, book: Book
) -> None:
    book = await with_hold(db, of_at_least=4)
    campaign = await launched(db, book, (50, 100), wait=HOUR)
    reached = await mailed(db, dsn, book, campaign)
    await acts.happens(db, book, reached[0], world.happened("complained", LATER))
    await look(db, book, campaign, TUESDAY + HOUR)
    found = (await progress(db)).campaign
    assert (found.status, (await progress(db)).enrolled) == (Status.PAUSED, 5)
    assert found.held_because == "1 of 5 mails called our mail spam: 20.00 %, and 0.3 % is the most"
    async with db.read() as tx:
        note = (await audit.notes(tx, f"campaign {campaign.campaign_id}"))[-1]
        groups = await campaign_stages.results(tx, campaign.campaign_id)
    assert (note.actor, note.action, note.why) == ("leadloom", "paused", found.held_because)
    assert [(one.stage, one.results.sent, one.results.complained) for one in groups] == [(1, 5, 1), (2, 0, 0)]
    await act(db, book, Act.RESUME, at=TUESDAY + 2 * HOUR)
    assert (await progress(db)).campaign.held_because is None
    await look(db, book, campaign, TUESDAY + 2 * HOUR)
    await look(db, book, campaign, TUESDAY + 2 * HOUR)
    assert (await progress(db)).enrolled == 10


async def test_the_sweep_holds_a_campaign_that_is_long_past_its_gates(db: Db, dsn: str, book: Book) -> None:
    book = await with_hold(db, of_at_least=4)
    campaign = await launched(db, book, (100,))
    reached = await mailed(db, dsn, book, campaign)
    async with db.transaction() as tx:
        assert await campaign_stages.hold_in_trouble(tx, book=book, at=LATER) == 0
    await acts.happens(db, book, reached[0], world.happened("bounced", LATER))
    async with db.transaction() as tx:
        assert await campaign_stages.hold_in_trouble(tx, book=book, at=LATER) == 1
        assert await campaign_stages.hold_in_trouble(tx, book=book, at=LATER) == 0
    assert (await progress(db)).next.startswith("nothing until somebody resumes it: it paused by itself, because 1 of")


async def with_hold(db: Db, *, of_at_least: int) -> Book:
    policy = world.definition().campaigns
    changed = policy.model_copy(update={"hold": policy.hold.model_copy(update={"of_at_least": of_at_least})})
    async with db.transaction() as tx:
        definition = world.definition().model_copy(update={"campaigns": changed})
        await published.publish_definition(tx, definition, at=TUESDAY, by="samira-haddad")
        return await published.book(tx)


# ── Arms ──

ARMS = (Arm(name="short", share=50), Arm(name="long", share=50))


async def test_a_branch_asks_the_arm_and_each_arm_is_counted(db: Db, dsn: str, book: Book) -> None:
    asked = Branch(do="branch", id="which", cases=(Case(when=Condition(arm=("short",)), go="end"),), otherwise="guide")
    small = world.small_journey()
    changed = small.model_copy(update={"steps": (asked, *small.steps)})
    async with db.transaction() as tx:
        await published.publish_journey(tx, changed, at=TUESDAY, by="priya-nair")
        book = await published.book(tx)
    campaign = await launched(db, book, (100,), members=48, arms=ARMS, holdout=0.2)  # of 16 one in 35 has no holdout
    await look(db, book, campaign)
    for row in await acts.rows(dsn, "SELECT enrolment_id FROM enrolment"):
        await acts.advance(db, book, row["enrolment_id"])
    rows = await acts.rows(
        dsn,
        """SELECT m.arm, e.arm AS of_run, e.status FROM campaign_member m
             LEFT JOIN enrolment e USING (enrolment_id)""",
    )
    assert {(row["arm"], row["of_run"], row["status"]) for row in rows} == {
        ("short", "short", "finished"),
        ("long", "long", "active"),
        ("holdout", None, None),
    }
    async with db.read() as tx:
        groups = await campaign_stages.results(tx, campaign.campaign_id)
    assert {one.arm: one.members for one in groups} == Counter(row["arm"] for row in rows)


async def test_an_arm_with_a_journey_of_its_own_leads_there(db: Db, dsn: str, book: Book) -> None:
    other = world.small_journey().model_copy(update={"name": "other"})
    async with db.transaction() as tx:
        await published.publish_journey(tx, other, at=TUESDAY, by="priya-nair")
        book = await published.book(tx)
    arms = (Arm(name="short", share=50), Arm(name="long", share=50, journey="other"))
    campaign = await launched(db, book, (100,), members=12, arms=arms)
    await look(db, book, campaign)
    rows = await acts.rows(dsn, "SELECT DISTINCT arm, journey FROM enrolment")
    assert {(row["arm"], row["journey"]) for row in rows} == {("short", "small"), ("long", "other")}


# ── What was approved ──


async def test_a_journey_that_changes_after_the_approval_stops_enrolment_until_somebody_says_yes_again(
    db: Db, book: Book
) -> None:
    await crowd(db, book, 4)
    campaign = await planned(db, book)
    await approved(db, book)
    await act(db, book, Act.LAUNCH)
    await look(db, book, campaign, pages=1, limit=2)
    async with db.transaction() as tx:
        changed = world.small_journey().model_copy(update={"purpose": "Something else."})
        await published.publish_journey(tx, changed, at=LATER, by="priya-nair")
        book = await published.book(tx)
    await look(db, book, campaign, LATER)
    found = await progress(db)
    assert (found.enrolled, found.campaign.error) == (
        2, "the journey small changed since it was approved: submit and approve it anew, then resume it",
    )  # fmt: skip
    await submitted(db, book)
    await act(db, book, Act.RESUME, at=LATER)
    await look(db, book, campaign, LATER)
    assert (await progress(db)).enrolled == 2  # asking gives nothing
    await says_yes(db, book)
    await act(db, book, Act.RESUME, at=LATER)
    await look(db, book, campaign, LATER)
    assert (await progress(db)).enrolled == 4


async def approved(db: Db, book: Book) -> None:
    await submitted(db, book)
    await says_yes(db, book)


async def submitted(db: Db, book: Book) -> None:
    async with db.transaction() as tx:
        await campaign_approvals.submit(tx, "autumn", book=book, at=TUESDAY, by="priya-nair")


async def says_yes(db: Db, book: Book) -> None:
    async with db.transaction() as tx:
        await campaign_approvals.approve(tx, "autumn", book=book, at=TUESDAY, by="tom-achterberg")


async def test_a_pause_says_how_far_each_mail_is(db: Db, dsn: str, book: Book) -> None:
    campaign = await launched(db, book, (100,), members=4)
    await mailed(db, dsn, book, campaign)
    states = {1: "reserved", 2: "claimed", 3: "at_dot"}
    for no, state in states.items():
        await acts.rows(
            dsn,
            """UPDATE message SET status = $1, sent_at = NULL WHERE enrolment_id =
                 (SELECT enrolment_id FROM campaign_member WHERE no = $2) RETURNING message_id""",
            state, no,
        )  # fmt: skip
    await act(db, book, Act.PAUSE, at=LATER)
    async with db.read() as tx:
        found = await campaigns.under_way(tx, campaign.campaign_id)
    assert (found.mails, found.claimed, found.at_dot, found.accepted, found.at_relay) == (1, 1, 1, 1, 2)


async def test_nobody_goes_on_in_a_campaign_that_is_paused(db: Db, book: Book) -> None:
    campaign = await launched(db, book, (50, 100))
    await look(db, book, campaign)
    await act(db, book, Act.PAUSE)
    with pytest.raises(Conflict, match="Resume it first"):
        await goes_on(db, book)
    async with db.transaction() as tx:
        assert await campaign_steps.page(tx, campaign.campaign_id, limit=10, book=book, at=LATER) == 0
