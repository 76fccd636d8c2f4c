"""What do tests of campaigns do again and again: bring a crowd in, plan, launch, look as the activity does?"""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.campaigns.campaign import Act, Campaign, CampaignDraft
from leadloom.domain.model import LeadId
from leadloom.store import (
    campaign_progress,
    campaign_steps,
    campaigns,
)
from leadloom.store.advanced import Advanced
from leadloom.store.campaign_progress import Progress
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

LATER = TUESDAY + timedelta(minutes=1)


async def crowd(db: Db, book: Book, count: int, **rest: object) -> list[LeadId]:
    """People of as many companies, who allow mail."""
    said = {"bases": (world.permission(at=TUESDAY),), "source": "webinar", **rest}
    return [
        await acts.capture(
            db,
            book,
            world.draft(f"reader{no}.moss", email=f"reader{no}@crowd{no}.example", company=f"Crowd {no}", **said),
        )
        for no in range(count)
    ]


def a_draft(**said: object) -> CampaignDraft:
    words = {
        "name": "autumn", "journey": "small", "goal": "Twenty meetings", "owner": "priya-nair",
        "audience": Audience(sources=("webinar",), track="new-business"),
    }  # fmt: skip
    return CampaignDraft.model_validate({**words, **said})


async def planned(db: Db, book: Book, **said: object) -> Campaign:
    async with db.transaction() as tx:
        return await campaigns.plan(tx, a_draft(**said), book=book, at=TUESDAY, by="priya-nair")


async def act(db: Db, book: Book, what: Act, *, by: str = "priya-nair", at: datetime = TUESDAY) -> Campaign:
    async with db.transaction() as tx:
        return await campaigns.act(tx, "autumn", what, book=book, at=at, by=by)


async def look(
    db: Db, book: Book, campaign: Campaign, at: datetime = TUESDAY, *, pages: int = 1000, limit: int = 100
) -> Advanced:
    """As many pages as there are, then what it waits for: what the activity does."""
    async with db.read() as tx:
        left = await campaign_steps.quota(tx, campaign.campaign_id, at=at)
    done = 1
    while left > 0 and pages > 0 and done:
        async with db.transaction() as tx:
            done = await campaign_steps.page(tx, campaign.campaign_id, limit=min(limit, left), book=book, at=at)
        left, pages = left - limit, pages - 1
    async with db.transaction() as tx:
        return await campaign_steps.rest(tx, campaign.campaign_id, book=book, at=at)


async def progress(db: Db) -> Progress:
    async with db.read() as tx:
        [found] = await campaign_progress.progress(tx, [await campaigns.find(tx, "autumn")])
        return found
