"""Does a lane go from turn to turn: is a small campaign done while a large one has hardly begun?"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.campaigns.campaign import Act, Campaign, CampaignDraft
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.store import campaigns, lanes
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.crowding import many_like_one
from tests.store import acts, campaign_story
from tests.store.acts import TUESDAY

LANE = "default/0"
BACKLOG = 5000
FEW = 20
OVERDUE = timedelta(hours=1)
"""Long enough for a lane to plan mail anew before it goes."""


async def launched(db: Db, book: Book, name: str, source: str) -> Campaign:
    """A campaign into the small journey, enrolled, each run's first mail asked for."""
    draft = CampaignDraft.model_validate(
        {
            "name": name, "journey": "small", "goal": "Be read", "owner": "priya-nair",
            "audience": Audience(sources=(source,), track="new-business"),
        }
    )  # fmt: skip
    async with db.transaction() as tx:
        planned = await campaigns.plan(tx, draft, book=book, at=TUESDAY, by="priya-nair")
        await campaigns.act(tx, name, Act.LAUNCH, book=book, at=TUESDAY, by="priya-nair")
    await campaign_story.look(db, book, planned)
    return planned


async def asks(db: Db, dsn: str, book: Book, campaign: Campaign) -> None:
    """Each run of the campaign asks for its first mail."""
    query = "SELECT enrolment_id FROM enrolment WHERE campaign_id = $1"
    for row in await acts.rows(dsn, query, campaign.campaign_id):
        await acts.advance(db, book, EnrolmentId(row["enrolment_id"]))


@pytest.fixture
async def backlog(db: Db, dsn: str, book: Book) -> Campaign:
    """5,000 mails of one campaign, due in one lane."""
    await campaign_story.crowd(db, book, 1)
    large = await launched(db, book, "large", "webinar")
    await asks(db, dsn, book, large)
    await many_like_one(dsn, large.campaign_id, BACKLOG, lanes=[LANE])
    return large


async def a_few(db: Db, dsn: str, book: Book) -> Campaign:
    """A second campaign of 20, launched when the first one's mail is due already, all of it in that lane."""
    at = TUESDAY
    found: list[LeadId] = []
    for no in range(200):
        if len(found) == FEW:
            break
        draft = world.draft(
            f"few{no}.moss", email=f"few{no}@few{no}.example", company=f"Few {no}", source="referral",
            bases=(world.permission(at=at),),
        )  # fmt: skip
        lead_id = await acts.capture(db, book, draft)
        if lanes.lane_of(lead_id) != LANE:
            await acts.rows(dsn, "UPDATE lead SET source = 'elsewhere' WHERE lead_id = $1", lead_id)
            continue
        found.append(lead_id)
    small = await launched(db, book, "small", "referral")
    await asks(db, dsn, book, small)
    return small


async def sent_until_done(
    db: Db, dsn: str, book: Book, small: Campaign, at: datetime, *, limit: int = 40
) -> Counter[str]:
    """How many mails of each campaign the lane has claimed when the small one's last is."""
    rows = await acts.rows(dsn, "SELECT enrolment_id FROM enrolment WHERE campaign_id = $1", small.campaign_id)
    few: set[UUID] = {row["enrolment_id"] for row in rows}
    assert len(few) == FEW
    done: Counter[str] = Counter()
    while done["few"] < FEW:
        page = await acts.claim(db, book, LANE, at, limit=limit)
        assert page, f"the lane is empty and {FEW - done['few']} are missing"
        for mail in page:
            done["few" if mail.enrolment_id in few else "many"] += 1
            if done["few"] == FEW:
                break
    return done


async def test_a_campaign_of_20_behind_a_backlog_of_5000_is_done_before_5_percent_of_it(
    db: Db, dsn: str, book: Book, backlog: Campaign
) -> None:
    small = await a_few(db, dsn, book)
    done = await sent_until_done(db, dsn, book, small, TUESDAY)
    assert done["many"] <= FEW + 1 < 0.05 * BACKLOG


async def test_so_it_is_when_the_lane_was_away_and_must_plan_everything_anew(
    db: Db, dsn: str, book: Book, backlog: Campaign
) -> None:
    small = await a_few(db, dsn, book)
    done = await sent_until_done(db, dsn, book, small, TUESDAY + OVERDUE)
    assert done["many"] <= FEW + 1 < 0.05 * BACKLOG


async def test_what_waited_too_long_never_goes_before_it_is_planned_anew(
    db: Db, dsn: str, book: Book, backlog: Campaign
) -> None:
    await acts.rows(dsn, "UPDATE message SET mail_class = 'marketing', priority = 33")
    night = TUESDAY.replace(hour=23)
    for _ in range(4):
        assert await acts.claim(db, book, LANE, night, limit=40) == []
    moved = await acts.rows(dsn, "SELECT count(*) FROM message WHERE lane = $1 AND slot_at > $2", LANE, night)
    assert moved[0][0] >= 160
