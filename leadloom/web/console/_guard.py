"""May who looks open this page? Each router says which rights its pages take; who lacks one is told whom to ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, HTTPException, params
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import OF_ADMINS, WORDS, Right
from leadloom.domain.access.viewer import givers
from leadloom.domain.model import LeadId
from leadloom.store import published, scopes, users
from leadloom.web.console._visit import Looking, Visit
from leadloom.web.faults import Answered, is_program

_SAFE = ("GET", "HEAD")
_NEEDED = "needed"


@dataclass(frozen=True)
class Needed:
    """What a page takes."""

    rights: frozenset[Right]
    whole: bool = False
    """Whether it shows leads of everybody: then a narrower view of leads doesn't open it."""


def needs(*rights: Right, whole: bool = False) -> params.Depends:
    """A dependency of a router or a route that lets in who has all these rights, and leads others to sign in or to whom
    to ask. A lead, hand-off, mail or task that the address names must be in their sight."""
    needed = Needed(frozenset(rights), whole)

    async def guard(visit: Visit) -> None:
        _signed_in(visit)
        for right in rights:
            await need(visit, right)
        if not visit.sight.all:
            await _in_sight(visit, needed)

    setattr(guard, _NEEDED, needed)
    return Depends(guard)


def open_to_all() -> params.Depends:
    """A dependency that says so: the page is for whoever comes, signed in or not."""

    async def guard() -> None:
        return

    setattr(guard, _NEEDED, Needed(frozenset()))
    return Depends(guard)


def needed_by(dependencies: Iterable[params.Depends]) -> Needed | None:
    """What the guards among them take together; None when there is no guard."""
    found = [getattr(each.dependency, _NEEDED, None) for each in dependencies]
    guards = [each for each in found if isinstance(each, Needed)]
    if not guards:
        return None
    rights = frozenset[Right]().union(*(each.rights for each in guards))
    return Needed(rights, any(each.whole for each in guards))


async def need(visit: Looking, right: Right) -> None:
    """Go on only with the right. Raises Answered with a page that says which is missing and who gives it."""
    if not visit.may(right):
        raise Answered(await _refusal(visit, f"to {WORDS[right]}", right))


async def need_sight(visit: Looking, lead_id: LeadId) -> None:
    """Go on only with a lead they see, found by whatever was typed. Raises Answered."""
    await need(visit, Right.SEE_LEADS)
    if visit.sight.all:
        return
    async with visit.house.db.at_once() as tx:
        is_seen = await scopes.is_in(tx, "lead", lead_id, visit.sight)
    if not is_seen:
        raise Answered(await _refusal(visit, "to see this lead", None))


def _signed_in(visit: Looking) -> None:
    if visit.viewer is not None:
        return
    if visit.request.method in _SAFE and not is_program(visit.request):
        back = visit.request.url.path + (f"?{visit.request.url.query}" if visit.request.url.query else "")
        place = "/sign-in" if back == "/" else f"/sign-in?next={quote(back, safe='')}"
        raise HTTPException(HTTPStatus.SEE_OTHER, "Sign in first.", headers={"Location": place})
    detail = "You are not signed in any more. Open /sign-in in another tab, then send this again: nothing is lost."
    raise HTTPException(HTTPStatus.UNAUTHORIZED, detail)


async def _in_sight(visit: Looking, needed: Needed) -> None:
    """Raises Answered for a page, or a lead, that a narrower view of leads doesn't hold."""
    if needed.whole:
        raise Answered(await _refusal(visit, "to see leads of everybody", None))
    told = {**visit.request.path_params, **{name: visit.request.query_params.get(name) for name in ("lead",)}}
    async with visit.house.db.at_once() as tx:
        for name, value in told.items():
            key = _id(value)
            if name in scopes.NAMED and key is not None and not await scopes.is_in(tx, name, key, visit.sight):
                raise Answered(await _refusal(visit, "to see this lead", None))


def _id(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


async def _refusal(visit: Looking, what: str, right: Right | None) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        admins = await users.admins(tx, at=visit.at)
    definition = book.definition
    names = {entry.handle: entry.name for entry in definition.owners}
    decides = definition.charter.rights.get("definition")
    governor = names.get(decides.decides if decides else definition.owner, definition.owner)
    return visit.page(
        "console/no_right.html", book, status=HTTPStatus.FORBIDDEN, what=what, right=right,
        givers=givers(right, definition) if right else (), governor=governor, admins=admins,
        is_admins=right in OF_ADMINS,
    )  # fmt: skip
