"""Who comes to a deal that is open already? Somebody of its company who asks, or who would be offered to sales now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.lead import EventDraft
from leadloom.domain.model import DealId, LeadId
from leadloom.store import events
from leadloom.store.published import Book
from leadloom.store.tx import Tx

JOINED = "deal_joined"


async def join(
    tx: Tx, lead_id: LeadId, *, track: str | None = None, why: Sequence[str], book: Book, at: datetime
) -> DealId | None:
    """Let the lead join the oldest open deal of their company, in that track or in any; None when there is none.

    They belong to the deal's owner unless they have one, and it is on their timeline, once per deal. The one whose deal
    it is has nothing to join.
    """
    deal = await tx.maybe("open_deal_of_company", lead_id=lead_id, track=track)
    if deal is None:
        return None
    if deal["owner_id"] is not None:
        await tx.run("own_leads_unowned", lead_id=lead_id, owner_id=deal["owner_id"])
    if deal["lead_id"] != lead_id:
        key = f"deal/{deal['external_id']}/joined"
        data = {"deal": deal["external_id"], "why": list(why)}
        draft = EventDraft.model_validate({"kind": JOINED, "at": at, "key": key, "actor": "system", "data": data})
        await events.record(tx, lead_id, [draft], book=book, at=at)
    return deal["deal_id"]
