"""Do better scores do better? The calibration report, each number with its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.runtime import reports
from leadloom.store import published
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_FIGURES)])
PLACE = Place(href="/calibration", words="Calibration", means="Whether better scores do better", order=60)


@router.get("/calibration")
async def show(visit: Visit, track: str = "new-business") -> HTMLResponse:
    """The report of one track, newest version of the definition first."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    track = track if track in book.definition.tracks else book.definition.tracks[0]
    report = await reports.calibration(visit.house.db, visit.at, track=track)
    return visit.page("console/calibration.html", book, report=report, track=track, rows_of=_rows_of(track))


def _rows_of(track: str) -> Callable[..., str]:
    def address(version: int, band: str, outcome: str = "") -> str:
        """Where the rows behind a figure are listed; of the sum of a version with band `all`."""
        told: Mapping[str, str] = {"track": track, "version": str(version), "band": band, "outcome": outcome}
        return f"/rows/qualified?{urlencode({name: value for name, value in told.items() if value})}"

    return address
