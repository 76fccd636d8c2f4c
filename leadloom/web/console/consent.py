"""Whom may we write to, on which permission, and who still has to confirm? Every number opens its people."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.store import consent_report, published, sunset
from leadloom.store.consent_report import STATES
from leadloom.store.rows import Order
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
    also=("/rows/consent", "/rows/confirmations", "/rows/silent"),
)
SOON = timedelta(days=30)
"""So far ahead the page counts who is about to be asked whether to go on."""


@router.get("/consent")
async def show(visit: Visit) -> HTMLResponse:
    """How everybody stands, by country, and what became of the ticks we asked about."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        report = await consent_report.report(tx, at=visit.at)
        order = Order(sort="at", limit=1)
        silent = await sunset.silent(tx, book.definition, order, until=visit.at + SOON, at=visit.at)
    return visit.page(
        "console/consent.html",
        book,
        report=report,
        silent=silent.total,
        sunset=book.definition.consent.sunset,
        soon=SOON.days,
        states={state: words for state, words in STATES.items() if any(state in c.by_state for c in report.countries)},
    )
