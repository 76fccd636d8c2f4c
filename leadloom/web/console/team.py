"""How does the team stand: open work, where time was lost, load, what came back, who is away, is anybody forgotten?

Nobody is ranked here: people stand by name, and what took too long is told of the team, as friction.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.runtime import team_figures
from leadloom.store import absences, published
from leadloom.web.console._guard import needs
from leadloom.web.console._period import PERIODS, period_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.STEER_TEAM, whole=True)])
PLACE = Place(
    href="/team", words="Team", means="Open work, load, what came back, holiday cover", row="daily", order=25,
    also=("/rows/team",),
)  # fmt: skip


@router.get("/team")
async def team(visit: Visit, period: str = "") -> HTMLResponse:
    """The team's page."""
    chosen = period_of(period)
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        now = await team_figures.now(tx, book, at=visit.at)
        figures = await team_figures.figures(tx, as_of=visit.at, since=chosen.since(visit.at))
        away = await absences.known(tx, at=visit.at)
    return visit.page(
        "console/team.html", book, now=now, figures=figures, away=away, period=chosen, periods=PERIODS,
        names={entry.handle: entry.name for entry in book.definition.owners},
    )  # fmt: skip
