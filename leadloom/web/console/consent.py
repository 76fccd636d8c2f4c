"""Whom may we write to, on which permission, and who still has to confirm? Every number opens its people."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.store import consent_report, published
from leadloom.store.consent_report import STATES
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_FIGURES)])

PLACE = Place(
    href="/consent",
    words="Consent",
    means="Whom we may write to, and on which permission",
    row="more",
    order=50,
    also=("/rows/consent", "/rows/confirmations"),
)


@router.get("/consent")
async def show(visit: Visit) -> HTMLResponse:
    """How everybody stands, by country, and what became of the ticks we asked about."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        report = await consent_report.report(tx, at=visit.at)
    return visit.page(
        "console/consent.html",
        book,
        report=report,
        states={state: words for state, words in STATES.items() if any(state in c.by_state for c in report.countries)},
    )
