"""Who is in a programme, and how far did they come? The rows behind its numbers."""

from __future__ import annotations

from leadloom.store import programmes
from leadloom.store.programmes import MemberRow
from leadloom.store.published import Book
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, listed, person_of, routes

_SUCCESS = "success"


def _filters(book: Book) -> tuple[Filter, ...]:
    every = book.definition.programmes
    statuses = {status: status for programme in every.values() for status in programme.statuses}
    return (
        Filter(
            name="programme",
            label="Programme",
            choices=choices({name: programme.means for name, programme in every.items()}),
        ),
        Filter(name="status", label="Stands", choices=choices(statuses)),
        Filter(name="had", label="Had", choices=choices({_SUCCESS: "success"})),
    )


async def _read(asking: Asking) -> Listed:
    every = asking.book.definition.programmes
    name = asking.get("programme") or next(iter(every), "")
    if name not in every or (status := asking.get("status")) not in (None, *every[name].statuses):
        return Listed(rows=(), total=0)
    page = await programmes.members(
        asking.tx, asking.book.definition, name, asking.order, status=status,
        succeeded=True if asking.get("had") == _SUCCESS else None, as_of=asking.at,
    )  # fmt: skip
    statuses = list(every[name].statuses)
    return listed(page, lambda row: _cells(row, statuses))


def _cells(row: MemberRow, statuses: list[str]) -> tuple[Cell, ...]:
    return (
        person_of(row),
        Cell(text=statuses[row.place - 1], note="success" if row.success else "", mark="good" if row.success else ""),
        Cell(at=row.at),
    )


router = routes(
    List(
        path="/rows/programme",
        title="In a programme",
        hint="Everybody of a webinar, a fair or a course, and how far they came.",
        columns=(Column(label="Lead"), Column(label="Stands"), Column(label="Since", sort="at")),
        first_sort="at",
        first_descending=True,
        empty="Nobody stands so.",
        filters=_filters,
        read=_read,
    )
)
