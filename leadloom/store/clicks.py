"""Which clicks and opens stand behind a campaign's figures: all of them raw, and what each was taken for?"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from leadloom.domain.model import CampaignId, Instant, MessageId, Value
from leadloom.store.rows import Order, Page, PersonRow, asked, page
from leadloom.store.tx import Tx

Kind = Literal["click", "open"]


class MailVisits(Value):
    """Visits of one mail's tracked addresses, over all who got it."""

    mail: str
    kind: Kind
    raw: int
    """All of them: the sum of the others."""
    human: int
    """What scores, reports and journeys go by."""
    proxy: int
    machine: int
    unsure: int
    waiting: int
    """Not judged yet: the rules wait a minute for what comes with them."""


class ClickFilter(Value):
    """Which visits."""

    campaign: str | None = None
    """Its name."""
    mail: str | None = None
    kind: str | None = None
    verdict: str | None = None
    """`human`, `proxy`, `machine`, `unsure`; `waiting` before there is one."""


class ClickRow(PersonRow):
    """A visit, as it came and as it was judged."""

    visit_id: UUID
    kind: Kind
    link: int
    """Which of the mail's links, from 1; 0 for the picture of an open."""
    at: Instant
    method: str
    agent: str
    """What the program calls itself, without its versions."""
    verdict: str | None
    why: str | None
    """The rule that gave the verdict."""
    message_id: MessageId
    mail: str
    journey: str


async def of_campaign(tx: Tx, campaign_id: CampaignId) -> tuple[MailVisits, ...]:
    """By mail and kind; a mail nobody visited is missing."""
    return tuple(MailVisits(**row) for row in await tx.all("campaign_visits", campaign_id=campaign_id))


async def clicks(tx: Tx, which: ClickFilter, order: Order) -> Page[ClickRow]:
    """The visits. Sorts: when, name, mail, verdict."""
    return page(ClickRow, await tx.all("list_clicks", **which.model_dump(), **asked(order)), order)
