"""In whose name do I act on the local stack? A page to choose a seat; a cookie remembers it. Elsewhere one signs in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from leadloom.domain.errors import BadInput
from leadloom.store import published
from leadloom.web.console._guard import open_to_all
from leadloom.web.console._visit import Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[open_to_all()])


@router.get("/seat")
async def choose_seat(visit: Visit, next: str = "/inbox") -> Response:
    """Everybody the definition names, by role."""
    if not visit.has_seats:
        return RedirectResponse("/account", status_code=HTTPStatus.SEE_OTHER)
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    return visit.page("console/seat.html", book, next=next)


@router.post("/seat")
async def take_seat(
    visit: Visit, handle: Annotated[str, Form()], token: Annotated[str, Form()], next: Annotated[str, Form()] = "/inbox"
) -> RedirectResponse:
    """From now on this browser acts in their name; an empty handle leaves the seat."""
    visit.check_form(token)
    if not visit.has_seats:
        raise BadInput("handle", handle[:40], "Nobody chooses here who they are: sign in at /sign-in.")
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    if handle and handle not in {entry.handle for entry in book.definition.owners}:
        raise BadInput("handle", handle, "Choose somebody the definition names.")
    response = back_to(next, "/inbox")
    visit.take_seat(response, handle)
    return response
