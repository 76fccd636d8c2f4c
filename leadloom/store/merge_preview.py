"""What would a merge of two leads make of them? The merge's own rules, asked without doing anything."""

from __future__ import annotations

from leadloom.domain.model import LeadId, Value
from leadloom.domain.people.merging import Side, United, unite
from leadloom.store.merging import sides
from leadloom.store.published import Book
from leadloom.store.tx import Tx


class Preview(Value):
    """What a merge would make of them, field by field."""

    survivor: Side
    loser: Side
    united: dict[str, United]


async def preview(tx: Tx, one: LeadId, other: LeadId, *, book: Book) -> Preview:
    """What a merge of the two would make of their fields. Changes nothing. Raises NotFound, BadInput for one lead."""
    rows = await tx.all("lead_by_ids", lead_ids=[one, other])
    survivor, loser = await sides(tx, rows, [one, other])
    return Preview(survivor=survivor, loser=loser, united=unite(book.definition.one_person, survivor, loser))
