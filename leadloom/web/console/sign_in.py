"""Who are you? Sign in with a password or the company's account, set a password by a link, sign out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.passwords import SHORTEST
from leadloom.domain.errors import BadInput
from leadloom.runtime import signing_in
from leadloom.runtime.signing_in import LinkIsOver, TooSoon, WrongPassword
from leadloom.store import published, users
from leadloom.web.console._guard import open_to_all
from leadloom.web.console._visit import Looking, Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[open_to_all()])

_LONGEST_NAME = 254
_TOKEN_PAGE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
"""The address is the right to act: it must reach no other site and no search engine."""


@router.get("/sign-in")
async def ask(visit: Visit, next: str = "/") -> Response:
    """The form, and the way to the company's accounts where there is one."""
    if visit.has_seats:
        return RedirectResponse("/seat", status_code=HTTPStatus.SEE_OTHER)
    if visit.viewer is not None:
        return back_to(next)
    return await _page(visit, next=next)


@router.post("/sign-in")
async def come_in(
    visit: Visit,
    token: Annotated[str, Form()],
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Let somebody in by their password, into a session of its own."""
    visit.check_form(token)
    _refuse_at_seats(visit)
    try:
        signed_in = await signing_in.by_password(
            visit.house, visit.request.app.state.passwords,
            name=name[:_LONGEST_NAME], password=password, caller=visit.caller(),
        )  # fmt: skip
    except WrongPassword as wrong:
        return await _page(visit, next=next, name=name, problem=str(wrong), status=HTTPStatus.UNAUTHORIZED)
    except TooSoon as soon:
        answer = await _page(visit, next=next, name=name, problem=str(soon), status=HTTPStatus.TOO_MANY_REQUESTS)
        answer.headers["Retry-After"] = str(soon.seconds)
        return answer
    response = back_to(next)
    visit.come_in(response, signed_in)
    return response


@router.post("/sign-out")
async def go_out(visit: Visit, token: Annotated[str, Form()]) -> RedirectResponse:
    """End this session. Twice is once."""
    visit.check_form(token)
    if visit.session is not None:
        await signing_in.sign_out(visit.house, visit.session)
    response = RedirectResponse("/sign-in", status_code=HTTPStatus.SEE_OTHER)
    visit.go_out(response)
    return response


@router.get("/sign-in/link/{link}")
async def ask_for_password(visit: Visit, link: str) -> HTMLResponse:
    """The form that sets a password. Looking uses nothing up: mail scanners look at every link."""
    return await _link_page(visit, link)


@router.post("/sign-in/link/{link}")
async def set_password(
    visit: Visit, link: str, token: Annotated[str, Form()], password: Annotated[str, Form()] = ""
) -> Response:
    """Set the password, once, and let its owner in."""
    visit.check_form(token)
    _refuse_at_seats(visit)
    try:
        signed_in = await signing_in.by_link(
            visit.house, visit.request.app.state.passwords, token=link, password=password, caller=visit.caller()
        )
    except LinkIsOver:
        return await _link_page(visit, link)
    except BadInput as bad:
        return await _link_page(visit, link, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    response = RedirectResponse("/", status_code=HTTPStatus.SEE_OTHER)
    visit.come_in(response, signed_in)
    return response


def _refuse_at_seats(visit: Looking) -> None:
    if visit.has_seats:
        raise BadInput("LEADLOOM_SIGN_IN", "seats", "One only takes a seat here: /seat.")


async def _page(
    visit: Looking, *, next: str, name: str = "", problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    return visit.page(
        "console/sign_in.html", book, status=status, next=next, name=name, problem=problem,
        has_oidc=visit.house.settings.sign_in == "oidc",
    )  # fmt: skip


async def _link_page(
    visit: Looking, link: str, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book, user = await published.book(tx), await users.of_link(tx, link, at=visit.at)
    if user is None:
        status = HTTPStatus.GONE
    answer = visit.page(
        "console/sign_in_link.html", book, status=status, link_user=user, link=link, problem=problem, shortest=SHORTEST
    )  # fmt: skip
    answer.headers.update(_TOKEN_PAGE)
    return answer
