"""Sign in with the company's account: away to its provider, and back with a proof."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from leadloom.domain.errors import NotFound, Unreachable
from leadloom.runtime.company_sign_in import NotLetIn, by_company
from leadloom.runtime.oidc import NotProven, Oidc
from leadloom.store import published
from leadloom.web.console._guard import open_to_all
from leadloom.web.console._visit import Looking, Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[open_to_all()])
log = logging.getLogger(__name__)

_AWAY = "The company's accounts do not answer now. Try again in a minute, or sign in with a password if you have one."


@router.get("/sign-in/company")
async def go(visit: Visit, next: str = "/") -> Response:
    """Off to the provider; the browser keeps what it must come back to."""
    try:
        where, errand = await _oidc(visit).away(next)
    except Unreachable as away:
        log.warning("the company's accounts are away", extra={"why": away.why})
        return await _refused(visit, _AWAY, HTTPStatus.SERVICE_UNAVAILABLE)
    response = RedirectResponse(where, status_code=HTTPStatus.SEE_OTHER)
    visit.keep_errand(response, errand)
    return response


@router.get("/sign-in/company/back")
async def come_back(visit: Visit) -> Response:
    """Back with a code: proven, or refused in words. The code is good once, so is the errand."""
    errand = visit.errand()
    if errand is None:
        return await _refused(visit, "This took too long, or began in another browser. Begin again.", HTTPStatus.GONE)
    try:
        identity = await _oidc(visit).identity(dict(visit.request.query_params), errand)
        signed_in = await by_company(visit.house, identity, visit.caller())
    except (NotProven, NotLetIn) as refused:
        return await _refused(visit, str(refused), HTTPStatus.FORBIDDEN)
    except Unreachable as away:
        log.warning("the company's accounts are away", extra={"why": away.why})
        return await _refused(visit, _AWAY, HTTPStatus.SERVICE_UNAVAILABLE)
    response = back_to(errand.next)
    visit.come_in(response, signed_in)
    visit.keep_errand(response, None)
    return response


def _oidc(visit: Looking) -> Oidc:
    if visit.house.settings.sign_in != "oidc":
        raise NotFound("way in by", "the company's accounts")
    return visit.request.app.state.oidc


async def _refused(visit: Looking, problem: str, status: HTTPStatus) -> Response:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    response = visit.page(
        "console/sign_in.html", book, status=status, next="/", name="", problem=problem, has_oidc=True
    )  # fmt: skip
    visit.keep_errand(response, None)
    return response
