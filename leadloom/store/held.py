"""What do we hold about a person? Every row of every table that names one lead, for whoever asks (GDPR 15, 20)."""

from __future__ import annotations

from leadloom.domain.model import Json, LeadId, Value
from leadloom.store import leads
from leadloom.store.tx import Tx


class HeldRow(Value):
    """One row, as it is stored."""

    noun: str
    """The table it is in."""
    row: dict[str, Json]


async def of_lead(tx: Tx, lead_id: LeadId) -> tuple[HeldRow, ...]:
    """Everything, nouns in a fixed order, rows within one in order of time. Raises NotFound."""
    await leads.get(tx, lead_id)
    rows = await tx.all("held_of_lead", lead_id=lead_id)
    return tuple(HeldRow(noun=row["noun"], row=row["row"]) for row in rows)
