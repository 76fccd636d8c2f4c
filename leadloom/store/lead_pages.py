"""Which leads are there, as another program asks: one, or a page of those some words fit; how is one changed?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from pydantic import Field

from leadloom.domain.intake.identity import IdentityKey
from leadloom.domain.lead import Lead, LeadDraft
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.store import leads, listeners, standing
from leadloom.store.published import Book
from leadloom.store.tx import Tx, row_of

_LAST = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))
RENAMED = ("first_name", "last_name")
"""What a form tells never overwrites, and who edits a lead may."""


class Asked(Value):
    """Which leads; what isn't said fits all."""

    email: str | None = None
    external_id: str | None = None
    company: str | None = None
    country: str | None = None
    source: str | None = None
    stage: str | None = None
    since: Instant | None = None


class ListedLead(Value):
    """A lead with where it stands."""

    lead: Lead
    external_ids: tuple[str, ...] = ()
    stages: dict[str, str] = Field(default_factory=dict)
    """Track → stage."""


async def page(tx: Tx, asked: Asked, *, after: tuple[datetime, UUID] | None, limit: int) -> tuple[ListedLead, ...]:
    """Newest first; the next page is `after` the last one's created_at and id."""
    at, last = after or _LAST
    rows = await tx.all("leads_page", **vars(asked), before_at=at, before_id=last, page_limit=limit)
    return await _whole(tx, [standing.lead_of(row) for row in rows])


async def get(tx: Tx, lead_id: LeadId) -> ListedLead:
    """One of them. Raises NotFound."""
    return (await _whole(tx, [await leads.get(tx, lead_id)]))[0]


async def hold(tx: Tx, lead_id: LeadId) -> ListedLead:
    """The same, held until the transaction ends. Raises NotFound."""
    held = await standing.lock(tx, [lead_id])
    return (await _whole(tx, [held[lead_id][0]]))[0]


async def change(tx: Tx, draft: LeadDraft, lead_id: LeadId, *, book: Book, at: datetime, actor: str) -> None:
    """Write what a program says of a known lead, names too. The draft carries a key of the lead's."""
    await leads.capture(tx, draft, book=book, at=at, actor=actor)
    lead = await leads.get(tx, lead_id)
    named = {name: told for name in RENAMED if (told := getattr(draft, name)) is not None}
    if any(getattr(lead, name) != told for name, told in named.items()):
        await tx.run("tell_leads", rows=[row_of(lead.but(**named))])
        await listeners.changed(tx, [lead_id])


async def key_of(tx: Tx, lead: Lead) -> IdentityKey | None:
    """A key the lead is known by."""
    if lead.email:
        return IdentityKey("email", lead.email)
    rows = await tx.all("external_ids_of_many", lead_ids=[lead.lead_id])
    return IdentityKey("external_id", rows[0]["value"]) if rows else None


async def _whole(tx: Tx, found: Sequence[Lead]) -> tuple[ListedLead, ...]:
    ids = [lead.lead_id for lead in found]
    stages, names = defaultdict[LeadId, dict[str, str]](dict), defaultdict[LeadId, list[str]](list)
    for row in await tx.all("stages_of_many", lead_ids=ids) if ids else []:
        stages[row["lead_id"]][row["track"]] = row["stage"]
    for row in await tx.all("external_ids_of_many", lead_ids=ids) if ids else []:
        names[row["lead_id"]].append(row["value"])
    return tuple(
        ListedLead.built(lead=lead, external_ids=tuple(names[lead.lead_id]), stages=stages[lead.lead_id])
        for lead in found
    )
