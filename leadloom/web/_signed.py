"""How does a page behind a signed link work? Looking decides nothing; a button acts, and the page is shown again."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Generic, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.errors import BadInput, Conflict
from leadloom.runtime.wiring import House
from leadloom.web._public import fields_of, house_of
from leadloom.web.security import open_to_other_sites

T = TypeVar("T")
"""All that the page shows."""


@dataclass(frozen=True)
class Said:
    """What the reader pressed and what stood against it; with nothing pressed, only the question of the address."""

    status: HTTPStatus = HTTPStatus.OK
    problem: str = ""
    """Why nothing was done, with what to do."""
    field: str = ""
    """Which field it is about; empty for none."""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    """What stood in the fields, so that nobody writes it twice."""
    asked: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    """The query of the address."""


@dataclass(frozen=True)
class SignedPage(Generic[T]):
    """One kind of page behind a link that needs no login. Whoever has the link acts as its reader."""

    path: str
    """Before the token, such as `/h`."""
    read: Callable[[House, str, datetime], Awaitable[T]]
    """What is behind a token, whatever became of it. Raises BadLink, NotFound."""
    act: Callable[[House, str, T, Mapping[str, str]], Awaitable[object]]
    """Do what the fields say. Raises BadInput for what can't be done, Conflict that says who was faster."""
    draw: Callable[[House, T, Said], HTMLResponse]


def routes(shown: SignedPage[T]) -> APIRouter:
    """The page and its buttons."""
    router = APIRouter(include_in_schema=False)

    @router.api_route(f"{shown.path}/{{token}}", methods=["GET", "HEAD"])
    async def show(request: Request, token: str) -> HTMLResponse:
        """As it stands, however often a gateway looks."""
        house = house_of(request)
        return shown.draw(house, await shown.read(house, token, house.now()), Said(asked=request.query_params))

    @router.post(f"{shown.path}/{{token}}")
    @open_to_other_sites
    async def press(request: Request, token: str) -> Response:
        """Do what the button says, then show the page again. Whoever was too late sees who was faster."""
        house, at = house_of(request), house_of(request).now()
        # Read first: a link that doesn't open says so, whatever was posted with it.
        seen = await shown.read(house, token, at)
        fields = await fields_of(request)
        try:
            await shown.act(house, token, seen, fields)
        except BadInput as error:
            said = Said(HTTPStatus.UNPROCESSABLE_ENTITY, error.remedy, error.field, fields)
        except Conflict as error:
            said = Said(HTTPStatus.CONFLICT, str(error), "", fields)
        else:
            return RedirectResponse(request.url.path, status_code=HTTPStatus.SEE_OTHER)
        return shown.draw(house, await shown.read(house, token, at), said)

    return router
