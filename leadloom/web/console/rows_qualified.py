"""Who was called ready for sales, with which score, and what came of it? The rows behind the calibration report."""

from __future__ import annotations

from typing import cast, get_args

from leadloom.domain.access.rights import Right
from leadloom.store import calibration
from leadloom.store.calibration import Outcome, QualifiedFilter, QualifiedRow
from leadloom.store.published import Book
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, listed, person_of, routes

NO_SCORE = "none"
"""Band of those for whom no score decided."""
_OUTCOMES: dict[str, str] = {
    "open": "nobody answered yet",
    "answered": "accepted or given back",
    "accepted": "accepted",
    "refused": "given back, not accepted",
    "ended": "accepted, and won or given back since",
    "bought": "the deal was won",
}


def _filters(book: Book) -> tuple[Filter, ...]:
    letters = (*book.definition.fit.letters, "D")
    digits = (*book.definition.engagement_digits, max(book.definition.engagement_digits) + 1)
    bands = {f"{letter}{digit}": f"{letter}{digit}" for letter in letters for digit in digits}
    return (
        Filter(name="track", label="Track", choices=choices(book.definition.tracks)),
        Filter(name="version", label="Definition version"),
        Filter(name="band", label="Score then", choices=choices({**bands, NO_SCORE: "no score decided"})),
        Filter(name="outcome", label="What came of it", choices=choices(_OUTCOMES)),
    )


async def _read(asking: Asking) -> Listed:
    version, band, outcome = asking.get("version"), asking.get("band"), asking.get("outcome")
    which = QualifiedFilter(
        version=int(version) if version and version.isdigit() and len(version) < 10 else None,
        band=None if band is None else "" if band == NO_SCORE else band,
        outcome=cast("Outcome", outcome) if outcome in get_args(Outcome) else None,
    )
    definition = asking.book.definition
    track = asking.get("track") or definition.tracks[0]
    page = await calibration.listed(asking.tx, definition, which, asking.order, track=track, as_of=asking.at)
    return listed(page, _cells)


def _cells(row: QualifiedRow) -> tuple[Cell, ...]:
    won = "deal won" if row.won else "given back since" if row.ended else ""
    said = "accepted" if row.accepted else "given back" if row.answered else "nobody answered yet"
    return (
        person_of(row),
        Cell(at=row.at),
        Cell(text=row.band or "no score decided"),
        Cell(text=str(row.definition_version)),
        Cell(text=said, note=won),
    )


router = routes(
    List(
        path="/rows/qualified",
        title="Called ready for sales",
        hint="A row for each time somebody was, with the score that decided.",
        columns=(
            Column(label="Lead"),
            Column(label="When", sort="at"),
            Column(label="Score then"),
            Column(label="Definition"),
            Column(label="What came of it"),
        ),
        first_sort="at",
        first_descending=True,
        empty="Nobody like this. The figures of Calibration lead here.",
        filters=_filters,
        right=Right.SEE_FIGURES,
        read=_read,
    )
)
