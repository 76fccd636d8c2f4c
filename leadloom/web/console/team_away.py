"""Who is away, who covers, and what happens to their open offers? Shown before it is entered; and ended early."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.handoffs.cover import Absence
from leadloom.runtime import team_figures
from leadloom.store import absences, published
from leadloom.store.published import Book
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Looking, Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.STEER_TEAM, whole=True)])
LONGEST = timedelta(days=365)


@router.get("/team/away")
async def away(visit: Visit) -> HTMLResponse:
    """Absences under way and to come, and the form for one more."""
    return await _page(visit)


@router.post("/team/away")
async def act(visit: Visit) -> Response:
    """Show what an absence would do, enter it, or end one."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        match fields.get("do"):
            case "look":
                return await _look(visit, fields)
            case "enter":
                return await _enter(visit, fields)
            case "end":
                return await _end(visit, fields)
            case other:
                raise BadInput("do", (other or "")[:20], "Press one of the buttons of the page.")
    except (BadInput, NotFound) as problem:
        words = problem.remedy if isinstance(problem, BadInput) else "That absence is over, or was taken back already."
        return await _page(visit, fields=fields, problem=words)


async def _look(visit: Looking, fields: dict[str, str]) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        absence = read_absence(book, fields)
        plan = await absences.planned(tx, absence, book=book, at=visit.at)
    return visit.page(
        "console/team_away_look.html", book, plan=plan, fields=fields, covers=absences.deputy_words(book, plan),
        names=_names(book), theirs=zone_of(book, absence.handle),
    )  # fmt: skip


async def _enter(visit: Looking, fields: dict[str, str]) -> RedirectResponse:
    async with visit.house.db.transaction() as tx:
        book = await published.book(tx)
        absence = read_absence(book, fields)
        await absences.planned(tx, absence, book=book, at=visit.at)
        await absences.enter(tx, absence, by=visit.seated(book).handle, at=visit.at)
    return RedirectResponse("/team/away", status_code=HTTPStatus.SEE_OTHER)


async def _end(visit: Looking, fields: dict[str, str]) -> RedirectResponse:
    try:
        from_at = datetime.fromisoformat(fields.get("from_at", ""))
    except ValueError:
        raise BadInput("from_at", fields.get("from_at", "")[:40], "Press the button beside the absence.") from None
    if from_at.tzinfo is None:
        raise BadInput("from_at", fields.get("from_at", "")[:40], "Press the button beside the absence.")
    async with visit.house.db.transaction() as tx:
        book = await published.book(tx)
        by = visit.seated(book).handle
        await absences.end(tx, fields.get("handle", ""), from_at, by=by, at=visit.at)
    return RedirectResponse("/team/away", status_code=HTTPStatus.SEE_OTHER)


def read_absence(book: Book, fields: dict[str, str]) -> Absence:
    """Whole days of whoever is away, the last one included, in the zone of their calendar. Raises BadInput."""
    handle = fields.get("handle", "")
    if handle not in _names(book):
        raise BadInput("handle", handle[:40], "Choose who is away.")
    first, last = (
        _day("first", fields.get("first", "")),
        _day("last", fields.get("last", "") or fields.get("first", "")),
    )
    if not timedelta(0) <= last - first <= LONGEST:
        raise BadInput("last", str(last), "The last day comes after the first, within a year.")
    zone = zone_of(book, handle)
    begins, ends = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    return Absence(handle=handle, from_at=begins.astimezone(UTC), until_at=ends.astimezone(UTC))


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(name, text[:20], "Give a day such as 2026-07-13.") from None


def zone_of(book: Book, handle: str) -> ZoneInfo:
    """The zone of their calendar."""
    return ZoneInfo(book.definition.calendars[book.definition.person(handle).calendar].zone)


async def _page(visit: Looking, *, fields: dict[str, str] | None = None, problem: str = "") -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        found = await absences.known(tx, at=visit.at)
    holders = [one for one in book.definition.owners if team_figures.may_hold(book.definition, one.handle)]
    return visit.page(
        "console/team_away.html", book, found=found, fields=fields or {}, problem=problem, names=_names(book),
        holders=sorted(holders, key=lambda one: one.name), today=visit.at.astimezone(visit.zone(book)).date(),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
    )  # fmt: skip


def _names(book: Book) -> dict[str, str]:
    return {entry.handle: entry.name for entry in book.definition.owners}
