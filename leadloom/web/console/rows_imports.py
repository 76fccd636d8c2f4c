"""Which rows of an imported file were taken, and as whom; and which weren't, and why?"""

from __future__ import annotations

from typing import Literal, cast
from uuid import UUID

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import NotFound
from leadloom.store import import_pages
from leadloom.store.import_pages import FaultFilter, FaultRow, TakenFilter, TakenRow
from leadloom.store.imports import Outcome
from leadloom.store.published import Book
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, listed, person_of, routes

OUTCOME_WORDS: dict[str, str] = {"new": "new", "changed": "told something new", "unchanged": "known already"}
_OPTED_OUT = "opted_out"
FAULT_WORDS: dict[str, str] = {"refused": "refused", "quarantined": "taken, but in no figure"}
_LONGEST_CELLS = 300


def _taken_filters(_: Book) -> tuple[Filter, ...]:
    shown = {**OUTCOME_WORDS, _OPTED_OUT: "said no to marketing mail"}
    return Filter(name="import", label="Import"), Filter(name="outcome", label="Outcome", choices=choices(shown))


def _fault_filters(_: Book) -> tuple[Filter, ...]:
    return (
        Filter(name="import", label="Import"),
        Filter(name="kind", label="What became of it", choices=choices(FAULT_WORDS)),
        Filter(name="field", label="Field"),
        Filter(name="reason", label="Reason"),
    )


async def _taken(asking: Asking) -> Listed:
    import_id, outcome = _import_id(asking), asking.get("outcome")
    if import_id is None:
        return Listed(rows=(), total=0)
    which = TakenFilter(
        import_id=import_id,
        outcome=cast("Outcome", outcome) if outcome in OUTCOME_WORDS else None,
        opted_out=outcome == _OPTED_OUT,
    )
    return listed(await import_pages.taken(asking.tx, which, asking.order), _taken_cells)


def _taken_cells(row: TakenRow) -> tuple[Cell, ...]:
    no = "said no to marketing mail" if row.opted_out else ""
    who = person_of(row) if row.lead_id else Cell(text="a company's deal")
    return Cell(text=f"{row.row_no:,}"), who, Cell(text=OUTCOME_WORDS[row.outcome], note=no)


async def _faulty(asking: Asking) -> Listed:
    import_id, kind = _import_id(asking), asking.get("kind")
    if import_id is None:
        return Listed(rows=(), total=0)
    which = FaultFilter(
        import_id=import_id,
        kind=cast("Literal['refused', 'quarantined']", kind) if kind in FAULT_WORDS else None,
        field=asking.get("field"),
        reason=asking.get("reason"),
    )
    try:
        header = (await import_pages.one(asking.tx, import_id)).header
    except NotFound:
        return Listed(rows=(), total=0)
    page = await import_pages.faulty(asking.tx, which, asking.order)
    return Listed(rows=tuple(_fault_cells(row, header) for row in page.rows), total=page.total, next=page.next)


def _fault_cells(row: FaultRow, header: tuple[str, ...]) -> tuple[Cell, ...]:
    named = zip(header, row.cells, strict=True) if len(header) == len(row.cells) else (("", cell) for cell in row.cells)
    told = " · ".join(f"{name}: {cell}" if name else cell for name, cell in named if cell.strip())
    short = told if len(told) <= _LONGEST_CELLS else f"{told[:_LONGEST_CELLS]} …"
    return (
        Cell(text=f"{row.row_no:,}"),
        Cell(
            text=row.fields.replace("_", " "), note=FAULT_WORDS[row.kind], mark="bad" if row.kind == "refused" else ""
        ),
        Cell(text=row.why),
        Cell(text=short or "nothing"),
    )


def _import_id(asking: Asking) -> UUID | None:
    """None for what is no id: an old bookmark shows an empty list."""
    try:
        return UUID(asking.get("import") or "")
    except ValueError:
        return None


router = routes(
    List(
        path="/rows/import-rows",
        title="Rows that were taken",
        hint="Rows of one imported file, in its order, and whom each told of.",
        columns=(Column(label="Row"), Column(label="Lead"), Column(label="What became of it")),
        first_sort="",
        first_descending=False,
        empty="No such row. Open an import under Imports: its figures lead here.",
        filters=_taken_filters,
        right=Right.SEE_OPERATION,
        read=_taken,
    )
)
router.include_router(
    routes(
        List(
            path="/rows/import-faults",
            title="Rows with something wrong",
            hint="Rows of one imported file that were refused, or taken but kept out of figures they would spoil.",
            columns=(Column(label="Row"), Column(label="Field"), Column(label="Why"), Column(label="What it says")),
            first_sort="",
            first_descending=False,
            empty="No such row. Open an import under Imports: its figures lead here.",
            filters=_fault_filters,
            right=Right.SEE_OPERATION,
            read=_faulty,
        )
    )
)
