"""How does whoever leads sales give open offers to somebody else? Choose, see what it would do, do it, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput
from leadloom.domain.model import HandOffId
from leadloom.runtime import moving_offers, team_figures
from leadloom.runtime.moving_offers import RULES, Back, Moved, Would
from leadloom.store import owners, published, team
from leadloom.store.published import Book
from leadloom.store.reassigning import Word
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Looking, Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.STEER_TEAM, whole=True)])
AT_ONCE = 50
"""Offers moved by one form: each writes a notice, and somebody should read the list before."""


@router.get("/team/offers")
async def choose(visit: Visit, owner: str = "") -> HTMLResponse:
    """Open offers to choose from, those first whose time runs out first."""
    return await _choose(visit, owner=owner)


@router.post("/team/offers")
async def act(visit: Visit) -> Response:
    """Show what it would do, do it, or take it back; whichever the button says."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    owner = fields.get("owner", "")
    try:
        match fields.get("do"):
            case "look":
                return await _look(visit, fields)
            case "move":
                ids, to, word = await _asked(visit, fields)
                return await _done(visit, await moving_offers.move(visit.house.db, ids, to, word, at=visit.at))
            case "back":
                _, seat = await _seat(visit)
                word = Word(seat, "taken back: " + fields.get("why", "")[:200])
                moved = await moving_offers.take_back(visit.house.db, _backs(fields), word, at=visit.at)
                return await _done(visit, moved, is_back=True)
            case other:
                raise BadInput("do", (other or "")[:20], "Press one of the buttons of the page.")
    except BadInput as bad:
        return await _choose(visit, owner=owner, fields=fields, problem=bad.remedy)


async def _asked(visit: Looking, fields: dict[str, str]) -> tuple[list[HandOffId], str, Word]:
    _, seat = await _seat(visit)
    ids = [HandOffId(UUID(name[6:])) for name in fields if name.startswith("offer-") and _is_id(name[6:])]
    if not ids:
        raise BadInput("offer", "", "Choose at least one offer.")
    if len(ids) > AT_ONCE:
        raise BadInput("offer", str(len(ids)), f"Choose at most {AT_ONCE} at once.")
    why = fields.get("why", "").strip()[:200]
    if not why:
        raise BadInput("why", "", "Say in a few words why: whoever loses them reads that.")
    return ids, fields.get("to", ""), Word(seat, why)


def _backs(fields: dict[str, str]) -> list[Back]:
    """What the page of a move offers to take back: `back-<hand-off>` → `<number of the offer> <handle>`."""
    found: list[Back] = []
    for name, value in fields.items():
        number, _, to = value.partition(" ")
        if name.startswith("back-") and _is_id(name[5:]) and number.isdecimal() and len(number) < 7 and to:
            found.append(Back(hand_off_id=HandOffId(UUID(name[5:])), assignment_no=int(number), to=to))
    if not found:
        raise BadInput("back", "", "There is nothing to take back.")
    return found[:AT_ONCE]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


async def _seat(visit: Looking) -> tuple[Book, str]:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    return book, visit.seated(book).handle


async def _look(visit: Looking, fields: dict[str, str]) -> HTMLResponse:
    ids, to, word = await _asked(visit, fields)
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        found = await moving_offers.would(tx, ids, to, book=book, at=visit.at)
    return visit.page(
        "console/team_look.html", book, found=found, moves=[one for one in found if not one.refused], to=to,
        by_rules=to == RULES, why=word.why, names=_names(book), missing=len(ids) - len(found), pool=_pool,
    )  # fmt: skip


def _pool(one: Would) -> str:
    return f"the pool {one.offer.pool}"


async def _done(visit: Looking, moved: Sequence[Moved], *, is_back: bool = False) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    can_go_back = [one for one in moved if not one.problem and one.before and one.before != one.after]
    return visit.page(
        "console/team_moved.html", book, moved=moved, backs=[] if is_back else can_go_back, is_back=is_back,
        names=_names(book),
    )  # fmt: skip


async def _choose(
    visit: Looking, *, owner: str, fields: dict[str, str] | None = None, problem: str = ""
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        rows, total = await team.offers(tx, owner=owner or None)
        away = await owners.absent_handles(tx, visit.at)
    holders = [one for one in book.definition.owners if team_figures.may_hold(book.definition, one.handle)]
    return visit.page(
        "console/team_offers.html", book, rows=rows, total=total, owner=owner, fields=fields or {}, problem=problem,
        holders=sorted(holders, key=lambda one: one.name), away=away, rules=RULES, names=_names(book),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
    )  # fmt: skip


def _names(book: Book) -> dict[str, str]:
    return {entry.handle: entry.name for entry in book.definition.owners}
