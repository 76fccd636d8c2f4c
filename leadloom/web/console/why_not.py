"""Why has a lead not got a mail, or why are they not in a journey or campaign? A page that only reads."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.model import LeadId
from leadloom.runtime.why_not import Told, asked_about, tell
from leadloom.store import leads, published
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS)])


@router.get("/leads/{lead_id}/why-not")
async def why_not(visit: Visit, lead_id: UUID, about: str = "") -> HTMLResponse:
    """The first thing that stands against it, with the choice of what else to ask about."""
    told: Told | None = None
    problem = ""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        lead = await leads.get(tx, LeadId(lead_id))
        asks = await asked_about(tx, book)
        try:
            told = await tell(tx, lead.lead_id, about, book=book, at=visit.at) if about else None
        except (NotFound, BadInput) as unknown:
            problem = str(unknown)
    name = " ".join(part for part in (lead.first_name, lead.last_name) if part) or lead.email or "no name yet"
    status = HTTPStatus.NOT_FOUND if problem else HTTPStatus.OK
    return visit.page(
        "console/why_not.html", book, status=status, lead=lead, person=name, told=told, asks=asks, about=about,
        problem=problem,
    )  # fmt: skip
