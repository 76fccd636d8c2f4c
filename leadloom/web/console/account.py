"""Where am I signed in, and how do I change my password? Everybody's own page."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.passwords import SHORTEST
from leadloom.domain.access.rights import WORDS, Right
from leadloom.domain.errors import BadInput, NotFound
from leadloom.runtime import signing_in
from leadloom.store import published, sessions, users
from leadloom.store.sessions import Session
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Looking, Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs()])


@router.get("/account")
async def show(visit: Visit, done: str = "") -> Response:
    """One's rights, sessions and password; on the local stack the seat is all there is."""
    if visit.session is None:
        return RedirectResponse("/seat", status_code=HTTPStatus.SEE_OTHER)
    return await _page(visit, done=done == "password")


@router.post("/account/password")
async def change_password(
    visit: Visit, token: Annotated[str, Form()], old: Annotated[str, Form()] = "", new: Annotated[str, Form()] = ""
) -> Response:
    """Change one's password; all other sessions end."""
    visit.check_form(token)
    session = _mine(visit)
    passwords = visit.request.app.state.passwords
    try:
        await signing_in.change_password(visit.house, passwords, session, old=old, new=new)
    except BadInput as bad:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await _page(visit, problem=bad.remedy, field=bad.field, status=status)
    return back_to("/account?done=password")


@router.post("/account/sessions/{session_id}/end")
async def end_session(visit: Visit, session_id: UUID, token: Annotated[str, Form()]) -> Response:
    """End one of one's own sessions; twice is once, and another's stays as it is."""
    visit.check_form(token)
    session = _mine(visit)
    await signing_in.end_session(visit.house, session, session_id)
    return back_to("/account" if session_id != session.session_id else "/sign-in")


def _mine(visit: Looking) -> Session:
    if visit.session is None:
        raise NotFound("session", "at a seat")
    return visit.session


async def _page(
    visit: Looking, *, problem: str = "", field: str = "", done: bool = False, status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    session = _mine(visit)
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        rows = await sessions.of_user(tx, session.user_id, at=visit.at)
        user = await users.named(tx, session.person.handle)
    return visit.page(
        "console/account.html", book, status=status, problem=problem, field=field, done=done, shortest=SHORTEST,
        sessions=rows, account=user, this_one=session.session_id,
        rights=[WORDS[right] for right in Right if visit.may(right)],
    )  # fmt: skip
