"""Who is it now? Leads that were merged, where they went, and how: for whoever still names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.people.merging import United
from leadloom.store.tx import Tx

Rule = Literal["by hand", "one mailbox", "phone and name"]


class Merge(Value):
    """Two leads that became one."""

    merge_id: UUID
    lead_id: LeadId
    """Who the survivor is today."""
    survivor_id: LeadId
    loser_id: LeadId
    at: Instant
    by: str
    why: str
    rule: Rule
    united: dict[str, United]
    undone_at: Instant | None
    undone_by: str | None
    undone_why: str | None


async def now(tx: Tx, lead_id: LeadId) -> LeadId:
    """Who a lead is today: the survivor of one that was merged, else the same. Whether it exists is not asked."""
    return (await now_all(tx, [lead_id])).get(lead_id, lead_id)


async def now_all(tx: Tx, lead_ids: Sequence[LeadId]) -> dict[LeadId, LeadId]:
    """Who merged leads are today; all others are missing. A survivor that was merged itself has taken its own along."""
    return {row["lead_id"]: row["into_id"] for row in await tx.all("who_it_is_now", lead_ids=list(lead_ids))}


async def listed(tx: Tx, *, lead_id: LeadId | None = None, limit: int = 100) -> tuple[Merge, ...]:
    """Merges, the newest first; undone ones, too."""
    rows = await tx.all("merges", lead_id=lead_id, page_limit=limit)
    return tuple(Merge.model_validate(dict(row)) for row in rows)
