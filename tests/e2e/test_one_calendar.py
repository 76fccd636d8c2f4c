"""Two journeys and a campaign fight for one lead: who wins, and was all that goes or is lost said beforehand?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.campaigns.campaign import Act, CampaignDraft
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.facts import MessageStatus
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import read_journey
from leadloom.domain.model import LeadId, MessageId
from leadloom.store import campaigns, lead_calendar, published
from leadloom.store.lead_calendar import LeadCalendar
from tests import world
from tests.acts_in_house import comes, does, rows
from tests.house import TestHouse, a_house

HEAD = """
name: {name}
purpose: To fight for a slot.
owner: priya-nair
sender: priya-nair
priority: {priority}
enter: {{events: [{event}]}}
exit: [{{events: [unsubscribed], outcome: asked us to stop}}]
goal: [demo_requested]
steps:
"""
LETTER = (
    "  - {{do: send, id: {step}, mail: letter, worth: {worth}}}\n  - {{do: wait, id: after-{step}, for: {pause}}}\n"
)
JOURNEYS = {
    "audit": (1, "audit_date_told", "3d", {"a1": "30d", "a2": "30d", "a3": "30d"}),
    "news": (3, "article_read", "1h", {"n1": "30d", "n2": "30d"}),
    "offer": (5, "exploring_told", "1h", {"o1": "12d", "o2": "30d"}),
}
"""Name → priority, what lets a lead in, how long after each letter, each letter with how long it is worth sending."""
CONVERSATION = "sales is in conversation with the company"
HALF_A_DAY = timedelta(hours=12)
A_MOMENT = timedelta(seconds=30)
"""How late a lane may be in virtual time: both mails of an edge, and the rate of the lane."""


@pytest.fixture
async def house(dsn: str) -> AsyncIterator[TestHouse]:
    async with a_house(dsn) as running:
        at = await running.now()
        async with running.db.transaction() as tx:
            for name in JOURNEYS:
                await published.publish_journey(tx, a_journey(name), at=at, by="priya-nair")
                await published.publish_template(tx, name, "letter", world.template(name), at=at, by="priya-nair")
        yield running


def a_journey(name: str) -> Journey:
    priority, event, pause, letters = JOURNEYS[name]
    steps = "".join(LETTER.format(step=step, worth=worth, pause=pause) for step, worth in letters.items())
    text = HEAD.format(name=name, priority=priority, event=event) + steps
    return read_journey(DraftText(f"{name}.yaml", text))


async def launch(house: TestHouse) -> None:
    at = await house.now()
    draft = CampaignDraft(
        name="autumn", journey="offer", goal="Ten meetings", owner="priya-nair",
        audience=Audience(sources=("webinar",), track="new-business"),
    )  # fmt: skip
    async with house.db.transaction() as tx:
        book = await published.book(tx)
        await campaigns.plan(tx, draft, book=book, at=at, by="priya-nair")
        await campaigns.act(tx, "autumn", Act.LAUNCH, book=book, at=at, by="priya-nair")


async def calendar_of(house: TestHouse, lead_id: LeadId) -> LeadCalendar:
    async with house.db.read() as tx:
        return await lead_calendar.read(tx, lead_id, book=await published.book(tx), at=await house.now())


async def test_priority_decides_and_the_calendar_says_beforehand_what_goes_and_what_does_not(house: TestHouse) -> None:
    lead_id = await comes(house, "ana.torres", "audit_date_told", "article_read", source="webinar")
    await launch(house)
    await house.pass_time(timedelta(minutes=5))

    first = await calendar_of(house, lead_id)
    assert days_of(first) == {"a1": "Tue 2026-03-03", "n1": "Tue 2026-03-03", "o1": "Tue 2026-03-10"}
    assert [(mail.step, mail.campaign) for mail in first.planned if mail.campaign] == [("o1", "autumn")]
    assert any("no more than 2 mails in 7 days" in why for why in first.planned[2].slot_why)

    said: dict[MessageId, datetime] = {}
    for _ in range(2 * 21):
        said |= {mail.message_id: mail.slot_at for mail in (await calendar_of(house, lead_id)).planned}
        await house.pass_time(HALF_A_DAY)

    went = await rows(house, "SELECT message_id, step, sent_at FROM message WHERE status = 'sent' ORDER BY sent_at")
    assert [{row["step"] for row in went[week : week + 2]} for week in (0, 2, 4)] == [
        {"a1", "n1"}, {"a2", "n2"}, {"a3", "o2"},
    ]  # fmt: skip
    late = {row["step"]: abs(row["sent_at"] - said[row["message_id"]]) for row in went}
    assert all(by <= A_MOMENT for by in late.values()), late
    assert_never_more_than_two_a_week([row["sent_at"] for row in went])
    last = await calendar_of(house, lead_id)
    assert (last.planned, last.held) == ((), ())
    assert [(lost.step, lost.campaign, lost.status) for lost in last.lost] == [("o1", "autumn", MessageStatus.EXPIRED)]
    assert "no more than 2 mails in 7 days go to a person" in (last.lost[0].reason or "")
    assert len(went) == 6  # with the one that was lost: all seven that were ever asked for


def assert_never_more_than_two_a_week(instants: list[datetime]) -> None:
    assert len(instants) > 2
    for first in instants:
        assert sum(first <= one < first + timedelta(days=7) for one in instants) <= 2


async def test_a_higher_one_that_asks_later_takes_the_slot_of_the_lowest(house: TestHouse) -> None:
    lead_id = await comes(house, "ana.torres", "article_read", source="webinar")
    await launch(house)
    await house.pass_time(timedelta(minutes=5))
    before = await calendar_of(house, lead_id)
    assert days_of(before) == {"n1": "Tue 2026-03-03", "o1": "Tue 2026-03-03"}
    await does(house, lead_id, "audit_date_told")
    await house.pass_time(timedelta(minutes=5))
    after = await calendar_of(house, lead_id)
    assert days_of(after) == {"a1": "Tue 2026-03-03", "n1": "Tue 2026-03-03", "o1": "Tue 2026-03-10"}
    slots = {mail.step: mail.slot_at for mail in before.planned}
    assert {mail.step: mail.slot_at for mail in after.planned}["n1"] == slots["n1"]


def days_of(calendar: LeadCalendar) -> dict[str, str]:
    """On which of the lead's own days each mail stands."""
    return {mail.step: mail.local[:14] for mail in calendar.planned}


async def test_what_sales_talks_about_is_held_in_the_calendar_and_gets_a_slot_again(house: TestHouse) -> None:
    lead_id = await comes(house, "ana.torres", "audit_date_told")
    await house.pass_time(timedelta(minutes=5))
    slots = [mail.slot_at for mail in (await calendar_of(house, lead_id)).planned]
    await does(house, lead_id, "price_requested")
    calendar = await calendar_of(house, lead_id)
    assert [mail.against for mail in calendar.planned if mail.step == "a1"] == [CONVERSATION]
    await house.pass_time(max(slots) - await house.now() + A_MOMENT)
    assert [mail.step for mail in (await calendar_of(house, lead_id)).held] == ["a1"]
