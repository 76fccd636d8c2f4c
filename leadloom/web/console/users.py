"""Who may sign in, and what may they? Administrators give roles, shut out, let in again, end sessions, make links."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import ADMIN, Right
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.runtime import user_acts
from leadloom.store import audit, published, sessions, users
from leadloom.store.users import NewUser
from leadloom.web._public import chosen_of, fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Looking, Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.MANAGE_USERS)])
PLACE = Place(href="/users", words="Users", means="Who may sign in, and what they may", order=90)

_LONGEST = 300


@router.get("/users")
async def every(visit: Visit) -> HTMLResponse:
    """All users, and a form to add one."""
    return await _list(visit)


@router.post("/users")
async def add(visit: Visit) -> Response:
    """Add a user; the link with which they set a password is shown this once."""
    fields, chosen = await _form(visit)
    new = NewUser(
        handle=fields.get("handle", "").strip(),
        email=fields.get("email", "").strip(),
        name=fields.get("name", "").strip(),
        roles=chosen,
    )
    try:
        link = await user_acts.add(visit.house, new, by=_by(visit))
    except (BadInput, Conflict) as problem:
        return await _list(visit, fields=fields, problem=problem)
    return await _one(visit, new.handle, link=link)


@router.get("/users/{handle}")
async def one(visit: Visit, handle: str) -> HTMLResponse:
    """One user: roles, sessions, what was noted about them."""
    return await _one(visit, handle)


@router.post("/users/{handle}")
async def act(visit: Visit, handle: str) -> Response:
    """Do what the button says, in the name of who is signed in."""
    fields, chosen = await _form(visit)
    try:
        link = await _do(visit, handle, fields, chosen)
    except (BadInput, Conflict) as problem:
        return await _one(visit, handle, problem=problem)
    if link:
        return await _one(visit, handle, link=link)
    return RedirectResponse(f"/users/{handle}", status_code=HTTPStatus.SEE_OTHER)


async def _do(visit: Looking, handle: str, fields: dict[str, str], roles: tuple[str, ...]) -> str:
    house, by = visit.house, _by(visit)
    match fields.get("do"):
        case "roles":
            async with house.db.read() as tx:
                before = await users.named(tx, handle)
            team = fields.get("team") or None
            await user_acts.give_roles(house, handle, roles=roles, team=team, regions=before.regions, by=by)
        case "disable":
            if not (why := fields.get("why", "").strip()[:_LONGEST]):
                raise BadInput("why", "", "Say why; it is kept with what you did.")
            await user_acts.shut_out(house, handle, by=by, why=why)
        case "enable":
            await user_acts.let_in_again(house, handle, by=by)
        case "end-sessions":
            await user_acts.end_sessions(house, handle, by=by)
        case "link":
            return await user_acts.new_link(house, handle, by=by)
        case other:
            raise BadInput("do", (other or "")[:20], "Press one of the buttons of the page.")
    return ""


async def _form(visit: Looking) -> tuple[dict[str, str], tuple[str, ...]]:
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    return fields, await chosen_of(visit.request, "role")


def _by(visit: Looking) -> str:
    if visit.session is None:
        raise NotFound("user", "at a seat")
    return visit.session.person.handle


async def _list(
    visit: Looking, *, fields: dict[str, str] | None = None, problem: BadInput | Conflict | None = None
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book, rows = await published.book(tx), await users.every(tx)
    return visit.page(
        "console/users.html", book, status=_status(problem), masks=False, problem=_words(problem), rows=rows,
        values=fields or {}, has_oidc=visit.house.settings.sign_in == "oidc",
        roles=[*book.definition.access.roles, ADMIN],
    )  # fmt: skip


async def _one(
    visit: Looking, handle: str, *, link: str = "", problem: BadInput | Conflict | None = None
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book, one = await published.book(tx), await users.named(tx, handle)
        open_sessions = await sessions.of_user(tx, one.user_id, at=visit.at)
        noted = await audit.notes(tx, f"user {one.handle}")
    access = book.definition.access
    return visit.page(
        "console/user.html", book, status=_status(problem), masks=False, problem=_words(problem), one=one, link=link,
        roles=[*access.roles, ADMIN], teams=list(access.teams), own_team=access.team_of(one.handle),
        is_active=one.is_active(visit.at), sessions=open_sessions, noted=list(reversed(noted))[:20],
        is_owner=one.handle in {entry.handle for entry in book.definition.owners},
    )  # fmt: skip


def _status(problem: BadInput | Conflict | None) -> HTTPStatus:
    if problem is None:
        return HTTPStatus.OK
    return HTTPStatus.CONFLICT if isinstance(problem, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY


def _words(problem: BadInput | Conflict | None) -> str:
    if isinstance(problem, BadInput):
        return f"{problem.field}: {problem.remedy}"
    return str(problem) if problem else ""
