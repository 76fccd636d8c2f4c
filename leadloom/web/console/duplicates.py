"""Which leads may be one person, the likeliest first? The queue somebody works through, and what was decided."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal, cast, get_args
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.model import LeadId
from leadloom.domain.people.side_by_side import LEAST_BITS, Confidence, confidence, one_in
from leadloom.store import duplicates, match_faults, merges, published
from leadloom.store.duplicates import QueueFilter, QueuePlace
from leadloom.store.tx import Tx
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Looking, Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS, whole=True)])
PLACE = Place(
    href="/duplicates", words="Duplicates", means="Leads that may be one person: merge them, or keep them apart",
    order=62, also=("/merges",),
)  # fmt: skip

Show = Literal["open", "later", "apart", "merged", "faults"]
SHOWN: dict[Show, str] = {
    "open": "to decide",
    "later": "put off",
    "apart": "kept apart",
    "merged": "merged",
    "faults": "not looked at",
}
LATER = timedelta(days=7)
_AGES = {"day": "since yesterday", "week": "this week", "older": "before this week"}
_SAID = {
    "apart": "They stay two: never suggested again, and merged by no rule.",
    "later": "Put off for a week; then they stand here again.",
    "again": "They are looked at again within a minute, and suggested if they are alike.",
    "retry": "They are looked at again within a minute.",
}


@router.get("/duplicates")
async def queue(visit: Visit) -> HTMLResponse:
    """Pairs behind the filters of the address; every number above them opens its rows."""
    return await _page(visit)


@router.post("/duplicates", dependencies=[needs(Right.MERGE_LEADS)])
async def act(visit: Visit) -> Response:
    """Keep a pair apart, put it off, or have it looked at again, in the name of the seat."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            by = visit.seated(await published.book(tx)).handle
            said = await settle(tx, fields, by=by, at=visit.at)
    except (BadInput, NotFound) as bad:
        words = bad.remedy if isinstance(bad, BadInput) else "Somebody was faster: this pair waits no more."
        status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(bad, BadInput) else HTTPStatus.CONFLICT
        return await _page(visit, problem=words, status=status)
    place = fields.get("back", "/duplicates")
    return back_to(f"{place}{'&' if '?' in place else '?'}said={said}", "/duplicates")


async def settle(tx: Tx, fields: dict[str, str], *, by: str, at: datetime) -> str:
    """Do what a button about a pair says; what was done. Raises BadInput, NotFound."""
    do = fields.get("do", "")
    if do == "retry":
        await match_faults.retry(tx)
        return do
    one, other = _id(fields, "one"), _id(fields, "other")
    match do:
        case "apart":
            why = fields.get("why", "").strip()[:300] or "looked at in the queue of duplicates"
            await duplicates.keep_apart(tx, one, other, why=why, by=by, at=at)
        case "later":
            await duplicates.put_off(tx, one, other, until=at + LATER, by=by)
        case "again":
            await duplicates.ask_again(tx, one, other, by=by, at=at)
        case _:
            raise BadInput("do", do[:20], "Press one of the buttons of the page.")
    return do


def _id(fields: dict[str, str], name: str) -> LeadId:
    try:
        return LeadId(UUID(fields.get(name, "")))
    except ValueError as error:
        raise BadInput(name, fields.get(name, "")[:40], "Press one of the buttons of the page.") from error


async def _page(visit: Looking, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    told = visit.request.query_params
    show = cast("Show", told.get("show") if told.get("show") in get_args(Show) else "open")
    which = {name: told[name] for name in ("source", "confidence", "age") if told.get(name)}
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        counts = await duplicates.counts(tx, at=visit.at)
        rows = await _rows(tx, show, which, told.get("after", ""), visit.at)
    return visit.page(
        "console/duplicates.html", book, status=status, problem=problem, said=_SAID.get(told.get("said", ""), ""),
        show=show, shown=SHOWN, counts=counts.model_dump(), which=which, ages=_AGES, levels=list(LEAST_BITS),
        confidence=confidence, one_in=one_in, names={entry.handle: entry.name for entry in book.definition.owners},
        name_of=name_of, **rows,
    )  # fmt: skip


async def _rows(tx: Tx, show: Show, which: dict[str, str], after: str, at: datetime) -> dict[str, Any]:
    none: dict[str, object] = {
        "pairs": (),
        "merged": (),
        "faults": (),
        "total": 0,
        "next": "",
        "later_page": bool(after),
    }
    if show == "faults":
        found = await match_faults.listed(tx)
        return {**none, "faults": found, "total": len(found)}
    if show == "merged":
        done = await merges.page(tx, standing=True, before=int(after) if after.isdecimal() else None, limit=PAGE + 1)
        following = f"show=merged&after={done[PAGE - 1].seq}" if len(done) > PAGE else ""
        return {**none, "merged": done[:PAGE], "total": len(done), "next": following}
    page = await duplicates.queue(tx, _filter(show, which, at), at=at, after=_place(after), limit=PAGE)
    following = urlencode({"show": show, **which, "after": _written(page.next)}) if page.next else ""
    return {**none, "pairs": page.rows, "total": page.total, "next": following}


PAGE = 25


def _filter(show: Literal["open", "later", "apart"], which: dict[str, str], at: datetime) -> QueueFilter:
    level, age = which.get("confidence"), which.get("age")
    levels = list(LEAST_BITS)
    least = LEAST_BITS[cast("Confidence", level)] if level in LEAST_BITS else None
    place = levels.index(cast("Confidence", level)) if level in LEAST_BITS else 0
    return QueueFilter(
        show=show,
        source=which.get("source"),
        least=None if least == float("-inf") else least,
        below=LEAST_BITS[levels[place - 1]] if place else None,
        found_since=at - timedelta(days=1) if age == "day" else at - timedelta(days=7) if age == "week" else None,
        found_before=at - timedelta(days=7) if age == "older" else None,
    )


def _written(place: QueuePlace) -> str:
    return f"{place.after_bits!r},{place.after_lead},{place.after_other}"


def _place(after: str) -> QueuePlace | None:
    if not after:
        return None
    try:
        bits, lead, other = after.split(",")
        return QueuePlace(after_bits=float(bits), after_lead=UUID(lead), after_other=UUID(other))
    except ValueError as error:
        raise BadInput("after", after[:40], "Begin at the first page: leave it out.") from error
