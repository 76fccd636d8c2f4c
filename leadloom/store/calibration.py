"""What came of the leads that were called ready for sales? For the calibration report, and the rows behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.model import Instant, Value
from leadloom.domain.reports.calibration import Qualified
from leadloom.store.rows import Order, Page, PersonRow, asked, page
from leadloom.store.tx import Tx

Outcome = Literal["accepted", "refused", "answered", "open", "ended", "bought"]


class QualifiedFilter(Value):
    """Which of them."""

    version: int | None = None
    band: str | None = None
    """Empty: where no score decided."""
    outcome: Outcome | None = None


class QualifiedRow(PersonRow):
    """One of them, as a list shows it."""

    definition_version: int
    band: str
    at: Instant
    accepted: bool
    answered: bool
    ended: bool
    won: bool


async def qualified(tx: Tx, definition: Definition, *, track: str, as_of: datetime) -> tuple[Qualified, ...]:
    """Every time somebody was called ready by `as_of`, oldest first."""
    everybody = {**_asked(Order(sort="at")), "page_limit": None}
    rows = await tx.all("qualified", **_which(definition, track, as_of), **QualifiedFilter().model_dump(), **everybody)
    return tuple(Qualified(**{name: row[name] for name in Qualified.model_fields}) for row in rows)


async def listed(
    tx: Tx, definition: Definition, which: QualifiedFilter, order: Order, *, track: str, as_of: datetime
) -> Page[QualifiedRow]:
    """A page of them. Sorts: by when."""
    rows = await tx.all("qualified", **_which(definition, track, as_of), **which.model_dump(), **_asked(order))
    return page(QualifiedRow, rows, order)


def _asked(order: Order) -> dict[str, object]:
    """There is one order: by when."""
    return {name: value for name, value in asked(order).items() if name != "sort"}


def _which(definition: Definition, track: str, as_of: datetime) -> dict[str, object]:
    named = definition.named
    over = [named(part) for part in (Part.RETURNED, Part.CLOSED, Part.QUIET, Part.CUSTOMER)]
    parts = {
        "ready": named(Part.READY),
        "accepted": named(Part.ACCEPTED),
        "customer": named(Part.CUSTOMER),
        "over": over,
    }
    return {"track": track, "as_of": as_of, **parts}
