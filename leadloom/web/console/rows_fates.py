"""Which runs were under way when a version was published, and what became of each? The list behind its balance."""

from __future__ import annotations

from leadloom.domain.access.rights import Right
from leadloom.store import rows
from leadloom.store.published import Book
from leadloom.store.rows import FateFilter, FateRow
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, listed, person_of, routes

FATES = {
    "migrated": "goes on with the new version",
    "finishing": "finishes on its own version",
    "exited": "ended by the new version",
    "undecided": "has not had its turn yet",
}


def _filters(book: Book) -> tuple[Filter, ...]:
    return (
        Filter(name="journey", label="Journey", choices=choices([one.journey.name for one in book.journeys])),
        Filter(name="version", label="Version published"),
        Filter(name="fate", label="What became of it", choices=choices(FATES)),
        Filter(name="step", label="Stood at"),
        Filter(name="misses", label="Mails missed", choices=choices({"1": "only who misses one"})),
    )


async def _read(asking: Asking) -> Listed:
    which = FateFilter(
        journey=asking.get("journey"),
        version=asking.get("version"),
        fate=asking.get("fate"),
        step=asking.get("step"),
        misses=asking.has("misses"),
    )
    page = await rows.fates(asking.tx, which, asking.order)
    return listed(page, _cells)


def _cells(row: FateRow) -> tuple[Cell, ...]:
    note = "it came to its end before its turn" if row.had_ended else ""
    misses = f"misses {', '.join(row.misses)}" if row.misses else ""
    return (
        person_of(row),
        Cell(text=row.step_before, note=f"version {row.version_before}"),
        Cell(text=FATES[row.fate], note=note),
        Cell(text=row.step_after or "", note=misses),
        Cell(at=row.decided_at),
        Cell(text=row.journey, href=f"/journeys/{row.journey}/versions", note=f"version {row.version}"),
        Cell(text=str(row.no)),
    )


router = routes(
    List(
        path="/rows/fates",
        title="Fates",
        hint="One row per run that was under way when a version of its journey was published.",
        columns=(
            Column(label="Lead", sort="name"),
            Column(label="Stood at", sort="step"),
            Column(label="What became of it", sort="fate"),
            Column(label="Goes on at"),
            Column(label="Decided"),
            Column(label="Published"),
            Column(label="No", sort="no", numeric=True),
        ),
        first_sort="no",
        first_descending=False,
        empty="No run was under way. Each publication of a journey lists the runs it finds.",
        filters=_filters,
        right=Right.SEE_JOURNEYS,
        read=_read,
    )
)
