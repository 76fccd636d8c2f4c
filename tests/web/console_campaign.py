"""A campaign in the console of a test: planned, launched, with somebody in each state, lived through the store."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.campaigns.campaign import Act, Campaign, CampaignDraft
from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import EnrolmentId
from leadloom.store import campaign_steps, campaigns, enrolments, leads
from tests import world
from tests.store.acts import TUESDAY
from tests.web.console import Console

NAME = "Autumn audit letters"
MEMBERS, SHY = 24, 5
BEGAN = TUESDAY - timedelta(hours=3)


async def launched(console: Console, *, pages: int = 1, **said: object) -> Campaign:
    """A campaign over readers of a fair, of whom some allow no mail, with a tenth held out and one page enrolled."""
    site = console.site
    drafts = [
        LeadDraft(
            email=f"reader{no:02}@fair{no}.example", company=f"Fair {no}", country="US", role="quality", source="expo",
            first_name="Reader", last_name=f"No {no}",
            bases=() if no < SHY else (world.permission(at=BEGAN),),
        )
        for no in range(MEMBERS)
    ]  # fmt: skip
    draft = CampaignDraft(
        name=NAME, journey="welcome-four-degrees", goal="Twelve audits talked about before Christmas",
        owner="priya-nair", audience=Audience(sources=("expo",), countries=("US",), track="new-business"),
        holdout=0.1, cost=Decimal(5000), currency="EUR",
    ).model_copy(update=said)  # fmt: skip
    async with site.db.transaction() as tx:
        await leads.capture_all(tx, drafts, book=site.book, at=BEGAN, actor="system")
        planned = await campaigns.plan(tx, draft, book=site.book, at=BEGAN, by="priya-nair")
    if pages:
        await _begins(console, planned, pages)
    return planned


async def _begins(console: Console, planned: Campaign, pages: int) -> None:
    site = console.site
    async with site.db.transaction() as tx:
        await campaigns.act(tx, NAME, Act.LAUNCH, book=site.book, at=BEGAN, by="priya-nair")
    for _ in range(pages):
        async with site.db.transaction() as tx:
            await campaign_steps.page(tx, planned.campaign_id, limit=18, book=site.book, at=BEGAN)
    async with site.db.transaction() as tx:
        await campaign_steps.rest(tx, planned.campaign_id, book=site.book, at=BEGAN)
    for row in await site.rows("SELECT enrolment_id FROM enrolment WHERE campaign_id = $1", planned.campaign_id):
        async with site.db.transaction() as tx:
            await enrolments.advance(tx, EnrolmentId(UUID(str(row["enrolment_id"]))), book=site.book, at=BEGAN)


async def does(console: Console, act: Act) -> None:
    """Somebody acts elsewhere."""
    async with console.site.db.transaction() as tx:
        await campaigns.act(tx, NAME, act, book=console.site.book, at=TUESDAY, by="priya-nair")
