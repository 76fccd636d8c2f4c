"""Does a small campaign wait behind a large one, through real lanes and an SMTP relay?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.campaigns.campaign import Act, Campaign, CampaignDraft
from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import EnrolmentId
from leadloom.store import campaign_steps, campaigns, enrolments, leads, published
from tests.acts_in_house import rows
from tests.crowding import many_like_one
from tests.live_house import LiveHouse

BACKLOG = 5000
FEW = 20
ROLES = {"one": "it", "few": "quality"}
"""What tells the two audiences apart."""


async def test_a_campaign_of_20_behind_a_backlog_of_5000_sends_is_done_before_5_percent_of_it(live: LiveHouse) -> None:
    await backlog(live)
    await crowd(live, "few", FEW)
    await planned(live, "small", "few")
    async with live.worker(), asyncio.timeout(60):
        await live.trap.arrived(FEW)  # the lanes are at work on the large one
        async with live.db.transaction() as tx:
            book, at = await published.book(tx), await live.now()
            await campaigns.act(tx, "small", Act.LAUNCH, book=book, at=at, by="priya-nair")
        while got(live, "few") < FEW:  # noqa: ASYNC110  the trap tells how many came, not which
            await asyncio.sleep(0.02)
        before_it = got(live, "many")
    assert before_it < 0.05 * BACKLOG
    assert live.trap.duplicates() == {}


async def backlog(live: LiveHouse) -> None:
    """A campaign whose 5,000 mails are due in both lanes; nobody works yet."""
    await crowd(live, "one", 1)
    large = await planned(live, "large", "one")
    async with live.db.transaction() as tx:
        book, at = await published.book(tx), await live.now()
        await campaigns.act(tx, "large", Act.LAUNCH, book=book, at=at, by="priya-nair")
        await campaign_steps.page(tx, large.campaign_id, limit=10, book=book, at=at)
    [run] = await rows(live, "SELECT enrolment_id FROM enrolment")
    async with live.db.transaction() as tx:
        await enrolments.advance(tx, EnrolmentId(run["enrolment_id"]), book=book, at=at + timedelta(seconds=1))
    assert live.house.settings.database_url is not None
    lanes = ["default/0", "default/1"]
    await many_like_one(live.house.settings.database_url, large.campaign_id, BACKLOG, lanes=lanes)


async def crowd(live: LiveHouse, source: str, count: int) -> None:
    """People of as many companies, all from one list."""
    drafts = [
        LeadDraft(
            email=f"reader{no}@{source}.example", external_id=f"{source}-{no}", source="pharmalog", role=ROLES[source]
        )
        for no in range(count)
    ]
    async with live.db.transaction() as tx:
        at = await live.now()
        await leads.capture_all(tx, drafts, book=await published.book(tx), at=at, actor="system")


async def planned(live: LiveHouse, name: str, whom: str) -> Campaign:
    """A campaign that sends them two letters of a class without windows or caps."""
    audience = Audience.model_validate({"where": {"field": "role", "is": ROLES[whom]}, "track": "new-business"})
    words = {"name": name, "journey": "two-letters", "goal": "Be read", "owner": "priya-nair", "audience": audience}
    async with live.db.transaction() as tx:
        book = await published.book(tx)
        draft = CampaignDraft.model_validate(words)
        return await campaigns.plan(tx, draft, book=book, at=await live.now(), by="priya-nair")


def got(live: LiveHouse, whom: str) -> int:
    """How many people of that list have had a letter."""
    return len({one for mail in live.trap.mails for one in mail.recipients if one.endswith(f"@{whom}.example")})
