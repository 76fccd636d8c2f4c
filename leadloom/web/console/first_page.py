"""What does whoever comes see first? On the local stack the seats; then where things stand, or what they may open."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.web.console._guard import needs
from leadloom.web.console._places import places
from leadloom.web.console._visit import Visit
from leadloom.web.console.seat import seats_page
from leadloom.web.console.today import where_things_stand

router = APIRouter(include_in_schema=False, dependencies=[needs()])


@router.get("/")
async def first_page(visit: Visit) -> Response:
    """The seats, until somebody sits; then where things stand, or the first place one may open."""
    viewer = visit.viewer
    if visit.has_seats and (viewer is None or viewer.person is None):
        return await seats_page(visit, next="/seat")
    if visit.may(Right.SEE_FIGURES):
        return await where_things_stand(visit)
    mine = [place.href for place in places() if viewer is not None and place.needs <= viewer.rights]
    return RedirectResponse(mine[0] if mine else "/account", status_code=HTTPStatus.SEE_OTHER)
