"""Which runs? One lead in one journey each: the list behind each figure about journeys."""

from __future__ import annotations

from leadloom.domain.access.rights import Right
from leadloom.store import rows
from leadloom.store.published import Book
from leadloom.store.rows import RunFilter, RunRow
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, listed, person_of, routes

STATES = {"active": "running", "finished": "finished", "exited": "left early"}


def _filters(book: Book) -> tuple[Filter, ...]:
    journeys = [published.journey.name for published in book.journeys] + [entry.name for entry in book.code]
    return (
        Filter(name="journey", label="Journey", choices=choices(journeys)),
        Filter(name="status", label="State", choices=choices(STATES)),
        Filter(name="step", label="Step"),
        Filter(name="waiting_for", label="Waits for"),
        Filter(name="outcome", label="Outcome"),
        Filter(name="campaign", label="Campaign"),
        Filter(name="blocked", label="Blocked", choices=choices({"1": "only blocked ones"})),
    )


async def _read(asking: Asking) -> Listed:
    which = RunFilter(
        journey=asking.get("journey"),
        status=asking.get("status"),
        step=asking.get("step"),
        waiting_for=asking.get("waiting_for"),
        blocked=asking.has("blocked"),
        outcome=asking.get("outcome"),
        campaign=asking.get("campaign"),
    )
    page = await rows.runs(asking.tx, which, asking.order, sight=asking.sight)
    return listed(page, _cells)


def _cells(row: RunRow) -> tuple[Cell, ...]:
    if row.status == "active":
        until = Cell(due=row.waits_until)
        waits = Cell(text=row.waiting_for or "nothing: it is stuck", mark="" if row.waiting_for else "bad")
    else:
        until = Cell(at=row.ended_at)
        waits = Cell(text=row.outcome or "ended")
    state = "blocked" if row.blocked_at else STATES[row.status]
    return (
        person_of(row),
        Cell(text=row.journey, href=f"/journeys/{row.journey}"),
        Cell(text=state, note=row.error or "", mark="bad" if row.blocked_at else ""),
        Cell(text=row.step or ""),
        waits,
        until,
        Cell(at=row.entered_at, note=row.entered_by.replace("_", " ")),
    )


router = routes(
    List(
        path="/rows/runs",
        title="Runs",
        hint="One row per lead in a journey.",
        columns=(
            Column(label="Lead", sort="name"),
            Column(label="Journey", sort="journey"),
            Column(label="State"),
            Column(label="Step", sort="step"),
            Column(label="Waits for, or how it ended"),
            Column(label="Until, or ended", sort="until"),
            Column(label="Entered", sort="entered"),
        ),
        first_sort="entered",
        first_descending=True,
        empty="No run is here. A lead enters a journey when one of its events happens; the journey's page names them.",
        filters=_filters,
        right=Right.SEE_JOURNEYS,
        is_scoped=True,
        read=_read,
    )
)
