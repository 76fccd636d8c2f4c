"""Which hand-offs? The list behind each figure about offers and first tries."""

from __future__ import annotations

from leadloom.store import rows
from leadloom.store.published import Book
from leadloom.store.rows import HandOffFilter, HandOffRow
from leadloom.web.console._listing import (
    Asking,
    Cell,
    Column,
    Filter,
    List,
    Listed,
    choices,
    listed,
    name_of,
    owner_choices,
    routes,
)

STATES = {"offered": "offered", "accepted": "accepted", "rejected": "rejected", "recycled": "recycled"}
COLUMNS = (
    Column(label="Lead", sort="name"),
    Column(label="Kind", sort="kind"),
    Column(label="State", sort="state"),
    Column(label="With", sort="owner"),
    Column(label="Due", sort="due"),
    Column(label="Opened", sort="opened"),
    Column(label="Waits for"),
)


def _filters(book: Book) -> tuple[Filter, ...]:
    return (
        Filter(name="kind", label="Kind", choices=choices(list(book.definition.hand_offs))),
        Filter(name="state", label="State", choices=choices(STATES)),
        Filter(name="owner", label="Owner", choices=owner_choices(book)),
        Filter(name="open", label="Open", choices=choices({"1": "waits for somebody"})),
        Filter(name="overdue", label="Clock", choices=choices({"1": "overdue"})),
    )


async def _read(asking: Asking) -> Listed:
    which = HandOffFilter(
        kind=asking.get("kind"),
        state=asking.get("state"),
        owner=asking.get("owner"),
        open=asking.has("open"),
        overdue=asking.has("overdue"),
    )
    page = await rows.hand_offs(asking.tx, which, asking.order, sight=asking.sight, at=asking.at)
    return listed(page, lambda row: cells_of(row, asking))


def cells_of(row: HandOffRow, asking: Asking) -> tuple[Cell, ...]:
    """A hand-off in the columns of COLUMNS."""
    reason = asking.book.definition.reject_reasons.get(row.reason or "")
    holder = name_of(asking.book, row.owner) if row.owner else f"pool {row.pool}"
    due = row.due_at
    by = name_of(asking.book, row.decided_by)
    return (
        Cell(text=row.person, href=f"/inbox/{row.hand_off_id}", note=row.company or ""),
        Cell(text=row.kind),
        Cell(text=row.state, note=reason.label if reason else row.reason or ""),
        Cell(text=holder, note=f"level {row.level}" if row.level else ""),
        Cell(due=due, mark="bad" if due < asking.at else "") if due else Cell(text=f"decided by {by}" if by else "–"),
        Cell(at=row.opened_at),
        Cell(text=row.waiting_for or "nothing more"),
    )


router = routes(
    List(
        path="/rows/hand-offs",
        title="Hand-offs",
        hint="One row per lead that was offered to somebody.",
        columns=COLUMNS,
        first_sort="opened",
        first_descending=True,
        empty="No hand-off is here now. One is opened when a lead asks to talk, or fits and engages enough.",
        filters=_filters,
        is_scoped=True,
        read=_read,
    )
)
