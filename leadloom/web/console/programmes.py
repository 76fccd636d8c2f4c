"""Who came to our webinars and fairs, how far, and was it a success? Each number opens its people."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.store import programmes, published
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_FIGURES)])
PLACE = Place(
    href="/programmes", words="Programmes", means="Webinars and fairs: who came, and was it a success", row="more",
    order=45, also=("/rows/programme",),
)  # fmt: skip


@router.get("/programmes")
async def show(visit: Visit) -> HTMLResponse:
    """All programmes of the definition, and events that belong to none though they should."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        boards = await programmes.boards(tx, book.definition, as_of=visit.at)
        strangers = await programmes.strangers(tx, book.definition)
    return visit.page("console/programmes.html", book, boards=boards, strangers=strangers)
