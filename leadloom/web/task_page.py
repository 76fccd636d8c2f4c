"""How does an owner say what came of a task without opening anything else? The signed page of its notice."""

from __future__ import annotations

from http import HTTPStatus
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.errors import BadInput, Conflict
from leadloom.runtime import tasks
from leadloom.runtime.tasks import Asked
from leadloom.runtime.wiring import House
from leadloom.web._public import fields_of, house_of, page
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)


@router.api_route("/k/{token}", methods=["GET", "HEAD"])
async def show(request: Request, token: str, answer: int = 0) -> HTMLResponse:
    """The task; `answer` is the number of the button to bring forward. Looking decides nothing, however often."""
    house = house_of(request)
    return _page(house, await tasks.read_by_link(house, token, at=house.now()), forward=answer)


@router.post("/k/{token}")
@open_to_other_sites
async def act(request: Request, token: str) -> Response:
    """Say what the button says, then show the page again. Whoever was too late sees who was faster."""
    house, at = house_of(request), house_of(request).now()
    # Read first: a link that doesn't open says so, whatever was posted with it.
    await tasks.read_by_link(house, token, at=at)
    fields = await fields_of(request)
    try:
        await tasks.answer_by_link(house, token, fields.get("outcome", "")[:200], at=at)
    except BadInput as error:
        status, problem = HTTPStatus.UNPROCESSABLE_ENTITY, error.remedy
    except Conflict as error:
        status, problem = HTTPStatus.CONFLICT, str(error)
    else:
        return RedirectResponse(request.url.path, status_code=HTTPStatus.SEE_OTHER)
    return _page(house, await tasks.read_by_link(house, token, at=at), status=status, problem=problem)


def _page(
    house: House, asked: Asked, *, forward: int = 0, status: HTTPStatus = HTTPStatus.OK, problem: str = ""
) -> HTMLResponse:
    definition, outcomes = asked.definition, asked.task.outcomes
    chosen = outcomes[forward - 1] if 0 < forward <= len(outcomes) else None
    return page(
        "task.html",
        at=house.now(),
        zone=ZoneInfo(definition.calendars[asked.reader.calendar].zone),
        company=definition.company,
        status=status,
        problem=problem,
        asked=asked,
        task=asked.task,
        chosen=chosen,
        others=[outcome for outcome in outcomes if outcome != chosen],
    )
