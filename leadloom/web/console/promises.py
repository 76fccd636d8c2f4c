"""What did marketing and sales promise each other, and how does it go? Side by side; every number opens its rows."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.reports.mutual_promises import PromisesQuestion
from leadloom.runtime import reports
from leadloom.store import journeys_now, published
from leadloom.web.console._guard import needs
from leadloom.web.console._period import PERIODS, period_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_FIGURES)])
PLACE = Place(
    href="/promises", words="Promises", means="What marketing and sales promised each other, beside today's figures",
    order=55, also=("/rows/promises",),
)  # fmt: skip


@router.get("/promises")
async def side_by_side(visit: Visit, period: str = "") -> HTMLResponse:
    """Both sides' promises, in the period asked for."""
    chosen = period_of(period)
    report = await reports.promises(visit.house.db, PromisesQuestion(as_of=visit.at, last=chosen.last))
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        in_force = await journeys_now.in_force(tx, "definition")
    version = in_force[book.definition.name]
    return visit.page(
        "console/promises.html", book, report=report, period=chosen, periods=PERIODS, version=version,
        signers=(book.definition.owner, book.definition.approver),
        names={entry.handle: entry.name for entry in book.definition.owners},
    )  # fmt: skip
