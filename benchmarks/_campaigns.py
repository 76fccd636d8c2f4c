"""What do benchmarks of campaigns share? A journey whose first step is a wait, and a campaign over made-up leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from benchmarks import _leads
from benchmarks._stand import publish_journey
from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.campaigns.campaign import Act, Campaign, CampaignDraft
from leadloom.domain.model import LeadId
from leadloom.runtime.wiring import House
from leadloom.store import campaign_progress, campaigns, leads, published
from leadloom.store.campaign_progress import Progress
from leadloom.store.db import Db

NAME, OWNER, JOURNEY = "benchmark", "priya-nair", "a-month-first"
_CAPTURED = 500
"""Leads of one transaction."""

DRAFT = f"""
name: {JOURNEY}
purpose: A wait before the first letter, so that enrolment alone is measured.
owner: {OWNER}
sender: ines-carvalho
enter: {{events: [expo_scanned]}}
steps:
  - {{do: wait, id: month, for: 30d}}
  - {{do: send, id: letter, mail: letter}}
"""


async def made(house: House, count: int) -> Sequence[LeadId]:
    """So many leads who allow mail, captured without a word to Temporal."""
    assert house.settings.database_url is not None
    await publish_journey(house, DRAFT, mails_like="welcome-four-degrees/deliver-guide")
    db = await Db.open(house.settings.database_url)
    at, found = house.now() - timedelta(minutes=1), list[LeadId]()
    try:
        for first in range(0, count, _CAPTURED):
            drafts = [_leads.draft(no, at) for no in range(first, min(first + _CAPTURED, count))]
            async with db.transaction() as tx:
                book = await published.book(tx)
                captured = await leads.capture_all(tx, drafts, book=book, at=at, actor="system")
            found += [one.lead_id for one in captured]
    finally:
        await db.close()
    return found


async def planned(house: House, *, name: str = NAME) -> Campaign:
    """A campaign for everybody."""
    draft = CampaignDraft(
        name=name, journey=JOURNEY, goal="A figure", owner=OWNER,
        audience=Audience(track="new-business", everybody=True),
    )  # fmt: skip
    async with house.db.transaction() as tx:
        return await campaigns.plan(tx, draft, book=await published.book(tx), at=house.now(), by=OWNER)


async def does(house: House, act: Act) -> None:
    """What a person does to it."""
    async with house.db.transaction() as tx:
        await campaigns.act(tx, NAME, act, book=await published.book(tx), at=house.now(), by=OWNER)


async def progress(house: House) -> Progress:
    """How far it has come."""
    async with house.db.read() as tx:
        [found] = await campaign_progress.progress(tx, [await campaigns.find(tx, NAME)])
        return found
