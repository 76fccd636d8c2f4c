"""In whose name do I act on the local stack? A page of seats, each with three steps to do; elsewhere one signs in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from leadloom.domain.errors import BadInput
from leadloom.runtime import first_steps
from leadloom.runtime.first_steps import Seat
from leadloom.store import published
from leadloom.web.console._guard import open_to_all
from leadloom.web.console._visit import Looking, Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[open_to_all()])

_FIRST = ("sdr", "marketer", "lead-management-owner", "head-of-marketing", "engineer", "sales-lead-manager", "support")
"""Seats whose steps tell most, in this order; other roles follow."""


@router.get("/seat")
async def choose_seat(visit: Visit, next: str = "/seat") -> Response:
    """Everybody the definition names, by role, with what waits for them."""
    if not visit.has_seats:
        return RedirectResponse("/account", status_code=HTTPStatus.SEE_OTHER)
    return await seats_page(visit, next=next)


@router.post("/seat")
async def take_seat(
    visit: Visit,
    token: Annotated[str, Form()],
    handle: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/seat",
) -> RedirectResponse:
    """From now on this browser acts in their name; an empty handle leaves the seat."""
    visit.check_form(token)
    if not visit.has_seats:
        raise BadInput("handle", handle[:40], "Nobody chooses here who they are: sign in at /sign-in.")
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    if handle and handle not in {entry.handle for entry in book.definition.owners}:
        raise BadInput("handle", handle, "Choose somebody the definition names.")
    response = back_to(next, "/seat")
    visit.take_seat(response, handle)
    return response


async def seats_page(visit: Looking, *, next: str) -> Response:
    """The page of seats."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        seats = await first_steps.seats(tx, book, at=visit.at, since=visit.seated_since)
    return visit.page("console/seat.html", book, next=next, seats=seats, roles=_by_role(seats), role_words=_role_words)


def _by_role(seats: tuple[Seat, ...]) -> list[tuple[str, list[Seat]]]:
    """Who answers for leads first; within a role, whoever has work waiting."""
    found: dict[str, list[Seat]] = {}
    for seat in seats:
        found.setdefault(seat.entry.role, []).append(seat)
    by_work = {role: sorted(people, key=lambda one: -one.offers) for role, people in found.items()}
    return sorted(by_work.items(), key=lambda named: _FIRST.index(named[0]) if named[0] in _FIRST else len(_FIRST))


def _role_words(role: str) -> str:
    return role.upper() if len(role) <= 3 else role.replace("-", " ")
