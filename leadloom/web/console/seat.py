"""In whose name do I act? A page to choose a seat; a cookie remembers it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from leadloom.domain.errors import BadInput
from leadloom.store import published
from leadloom.web.console._visit import Visit, back_to

router = APIRouter(include_in_schema=False)


@router.get("/seat")
async def choose_seat(visit: Visit, next: str = "/inbox") -> HTMLResponse:
    """Everybody the definition names, by role."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    return visit.page("console/seat.html", book, next=next)


@router.post("/seat")
async def take_seat(
    visit: Visit, handle: Annotated[str, Form()], token: Annotated[str, Form()], next: Annotated[str, Form()] = "/inbox"
) -> RedirectResponse:
    """From now on this browser acts in their name."""
    visit.check_form(token)
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    if handle not in {entry.handle for entry in book.definition.owners}:
        raise BadInput("handle", handle, "Choose somebody the definition names.")
    response = back_to(next, "/inbox")
    visit.take_seat(response, handle)
    return response
