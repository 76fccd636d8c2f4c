"""Who was asked whether they ticked the box themselves, and what came of it? The rows behind the cohorts of consent."""

from __future__ import annotations

from leadloom.store import consent_report
from leadloom.store.consent_report import ANSWERS, AskedRow
from leadloom.store.published import Book
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, listed, person_of, routes


def _filters(_: Book) -> tuple[Filter, ...]:
    return (
        Filter(name="month", label="Ticked in (2026-03)"),
        Filter(name="state", label="What came of it", choices=choices(dict(ANSWERS))),
    )


async def _read(asking: Asking) -> Listed:
    state = asking.get("state")
    known = state if state in ANSWERS else None
    page = await consent_report.asked_to_confirm(asking.tx, asking.get("month"), known, asking.order, at=asking.at)
    return listed(page, _cells)


def _cells(row: AskedRow) -> tuple[Cell, ...]:
    ended = Cell(text=ANSWERS[row.state], mark={"confirmed": "good", "ran-out": "bad"}.get(row.state, ""))
    return person_of(row), Cell(at=row.asked_at), ended, Cell(at=row.yes_at or row.until)


router = routes(
    List(
        path="/rows/confirmations",
        title="Confirmed by mail",
        hint="Each tick that had to be confirmed by mail: when it was made, what came of it, and when it came or ends.",
        columns=(
            Column(label="Lead", sort="name"),
            Column(label="Ticked"),
            Column(label="What came of it"),
            Column(label="Confirmed, or ends"),
        ),
        first_sort="name",
        first_descending=False,
        empty="Nobody was asked so.",
        filters=_filters,
        read=_read,
    )
)
