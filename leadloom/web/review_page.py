"""How does an owner hold, edit or skip a letter that goes in their name, from the notice alone? Silence lets it go."""

from __future__ import annotations

from http import HTTPStatus
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.errors import BadInput, Conflict
from leadloom.runtime import reviews
from leadloom.runtime.reviews import Looked
from leadloom.runtime.wiring import House
from leadloom.web._public import fields_of, house_of, page
from leadloom.web._wishes import wish_of
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)


@router.api_route("/v/{token}", methods=["GET", "HEAD"])
async def show(request: Request, token: str) -> HTMLResponse:
    """The letter as it would go. Looking decides nothing, however often a gateway looks."""
    house = house_of(request)
    return _page(house, await reviews.look_by_link(house, token, at=house.now()))


@router.post("/v/{token}")
@open_to_other_sites
async def act(request: Request, token: str) -> Response:
    """Do what the button says, then show the page again."""
    house, at = house_of(request), house_of(request).now()
    # Read first: a link that doesn't open says so, whatever was posted with it.
    await reviews.look_by_link(house, token, at=at)
    fields = await fields_of(request)
    try:
        await reviews.act_by_link(house, token, wish_of(fields), at=at)
    except BadInput as error:
        status, problem, field = HTTPStatus.UNPROCESSABLE_ENTITY, error.remedy, error.field
    except Conflict as error:
        status, problem, field = HTTPStatus.CONFLICT, str(error), ""
    else:
        return RedirectResponse(request.url.path, status_code=HTTPStatus.SEE_OTHER)
    now = await reviews.look_by_link(house, token, at=at)
    return _page(house, now, status=status, fields=fields, problem=problem, field=field)


def _page(
    house: House,
    looked: Looked,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    fields: dict[str, str] | None = None,
    problem: str = "",
    field: str = "",
) -> HTMLResponse:
    definition = looked.definition
    return page(
        "review.html",
        at=house.now(),
        zone=ZoneInfo(definition.calendars[looked.reader.calendar].zone),
        company=definition.company,
        status=status,
        problem=problem,
        field=field,
        values=fields or {},
        looked=looked,
    )
