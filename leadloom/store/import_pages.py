"""What does somebody see who looks at the imports? Each with its figures, and the rows behind every figure."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from leadloom.domain.errors import NotFound
from leadloom.domain.model import Instant, Json, Value
from leadloom.store.imports import Counts, Noun, Outcome
from leadloom.store.rows import Order, Page, PersonRow, Place, page
from leadloom.store.tx import Record, Tx

MOST = 50
"""Imports that are listed; older ones are still found by their id."""


class ImportTold(Value):
    """An import with what became of its rows."""

    import_id: UUID
    noun: Noun
    file_name: str
    header: tuple[str, ...]
    options: dict[str, Json]
    started_at: Instant
    started_by: str
    finished_at: Instant | None
    counts: Counts

    @property
    def rows(self) -> int:
        """All that were read so far."""
        counts = self.counts
        return counts.new + counts.changed + counts.unchanged + counts.refused


class TakenFilter(Value):
    """Which rows that were taken."""

    import_id: UUID
    outcome: Outcome | None = None
    opted_out: bool = False


class TakenRow(PersonRow):
    """A row that was taken, and whom it told of; nobody where a deal is a company's alone."""

    row_no: int
    outcome: Outcome
    opted_out: bool


class FaultFilter(Value):
    """Which rows that something is wrong with."""

    import_id: UUID
    kind: Literal["refused", "quarantined"] | None = None
    field: str | None = None
    reason: str | None = None


class FaultRow(Value):
    """A row with all that is wrong with it; whose it is nobody knows."""

    row_no: int
    kind: Literal["refused", "quarantined"]
    fields: str
    why: str
    cells: tuple[str, ...]


class FaultPage(Value):
    """One page of them."""

    rows: tuple[FaultRow, ...]
    total: int
    next: Place | None


async def newest(tx: Tx) -> tuple[ImportTold, ...]:
    """The imports of leads and of deals, newest first."""
    return tuple(_told(row) for row in await tx.all("imports_told", import_id=None, page_limit=MOST))


async def one(tx: Tx, import_id: UUID) -> ImportTold:
    """That import. Raises NotFound."""
    for row in await tx.all("imports_told", import_id=import_id, page_limit=1):
        return _told(row)
    raise NotFound("import", import_id)


async def taken(tx: Tx, which: TakenFilter, order: Order) -> Page[TakenRow]:
    """Rows that were taken, in the file's order."""
    return page(TakenRow, await tx.all("list_import_rows", **which.model_dump(), **_from(order)), order)


async def faulty(tx: Tx, which: FaultFilter, order: Order) -> FaultPage:
    """Rows that something is wrong with, in the file's order."""
    found = await tx.all("list_import_faults", **which.model_dump(), **_from(order))
    shown = found[: order.limit]
    rows = tuple(FaultRow.model_validate({name: row[name] for name in FaultRow.model_fields}) for row in shown)
    following = Place(key="", row_id=str(rows[-1].row_no)) if len(found) > order.limit else None
    return FaultPage(rows=rows, total=found[0]["total"] if found else 0, next=following)


def _told(row: Record) -> ImportTold:
    told = dict(row)
    counts = Counts.model_validate({name: told.pop(name) for name in Counts.model_fields})
    return ImportTold(**told, counts=counts)


def _from(order: Order) -> dict[str, int]:
    after = order.after.row_id if order.after else "0"
    # One more than a page tells whether another follows.
    return {"after": int(after) if after.isdecimal() else 0, "page_limit": order.limit + 1}
