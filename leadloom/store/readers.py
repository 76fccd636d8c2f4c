"""Who is behind the leads that a page of mails goes to, and what did they tell us last?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.model import Json, LeadId, Value
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

    @property
    def name(self) -> str:
        """First and last name as far as known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class Told(Value):
    """What a lead said in their last event of a kind."""

    lead_id: LeadId
    kind: str
    data: dict[str, Json]


async def of(tx: Tx, lead_ids: Sequence[LeadId]) -> dict[LeadId, Reader]:
    """The leads of those ids; who is gone is missing."""
    return {row["lead_id"]: Reader(**row) for row in await tx.all("readers", lead_ids=lead_ids)}


async def told(tx: Tx, lead_ids: Sequence[LeadId], *, kinds: Sequence[str], at: datetime) -> tuple[Told, ...]:
    """The last human event of each of these kinds of each lead, until `at`."""
    rows = await tx.all("last_told_of_leads", lead_ids=lead_ids, kinds=sorted(set(kinds)), at=at)
    return tuple(Told(**row) for row in rows)
