"""Who is behind the leads that a page of mails goes to, and what did they tell us last?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from leadloom.domain.model import Json, LeadId, MessageId, Value
from leadloom.store.tx import Tx


class Reader(Value):
    """As much of a lead as a mail says."""

    lead_id: LeadId
    email: str | None
    first_name: str | None
    last_name: str | None
    company: str | None
    role: str | None
    country: str | None
    account: str | None
    """Name of their company's account."""
    attributes: dict[str, Json]
    language: str
    time_zone: str | None

    @property
    def name(self) -> str:
        """First and last name as far as known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class Told(Value):
    """What a lead said in their last event of a kind."""

    lead_id: LeadId
    kind: str
    data: dict[str, Json]


class Sources(Value):
    """Where the variables of a mail get their values from: by their names."""

    lead: dict[str, Json] = Field(default_factory=dict)
    account: dict[str, Json] = Field(default_factory=dict)


async def of(tx: Tx, lead_ids: Sequence[LeadId]) -> dict[LeadId, Reader]:
    """The leads of those ids; who is gone is missing."""
    return {row["lead_id"]: Reader.built(**row) for row in await tx.all("readers", lead_ids=lead_ids)}


async def told(tx: Tx, lead_ids: Sequence[LeadId], *, kinds: Sequence[str], at: datetime) -> tuple[Told, ...]:
    """The last human event of each of these kinds of each lead, until `at`."""
    rows = await tx.all("last_told_of_leads", lead_ids=lead_ids, kinds=sorted(set(kinds)), at=at)
    return tuple(Told(**row) for row in rows)


async def sources(tx: Tx, lead_ids: Sequence[LeadId]) -> dict[LeadId, Sources]:
    """All that variables may say of these leads and their companies; who is gone is missing."""
    rows = await tx.all("variable_sources", lead_ids=lead_ids)
    return {row["lead_id"]: Sources(lead=row["lead"], account=row["account"] or {}) for row in rows}


async def campaign_values(tx: Tx, message_ids: Sequence[MessageId]) -> dict[MessageId, dict[str, Json]]:
    """What the campaign says that brought each mail's run; mail without a campaign is missing."""
    rows = await tx.all("campaign_values", message_ids=message_ids)
    return {row["message_id"]: row["values"] for row in rows}
