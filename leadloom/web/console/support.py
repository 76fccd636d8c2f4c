"""What did somebody of support hear that is a matter for sales? Two fields raise it; below stands what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value
from leadloom.store import published, support
from leadloom.store.published import Book
from leadloom.store.support import Heard, SupportRequest
from leadloom.store.tx import new_id
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Looking, Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.RAISE_LEADS)])
PLACE = Place(href="/support", words="Raise a lead", means="What support heard for sales, and what became of it",
              row="daily", order=40)  # fmt: skip


class Became(Value):
    """A line of the list."""

    request: SupportRequest
    headline: str
    detail: str


@router.get("/support")
async def show(visit: Visit, everybody: bool = False) -> HTMLResponse:
    """The two fields, and what the seat has raised; with `everybody` what all have."""
    return await _page(visit, everybody=everybody)


@router.post("/support")
async def raise_one(visit: Visit) -> Response:
    """Raise it in the name of the seat. The form's own id makes a second press the same request."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            told = {name: fields.get(name, "") for name in ("about", "said")}
            heard = Heard(request_id=_id(fields.get("request", "")), by=visit.seated(book).handle, **told)
            made = await support.raise_lead(tx, heard, book=book, at=visit.at)
    except BadInput as bad:
        return await _page(
            visit, fields=fields, problem=bad.remedy, field=bad.field, status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    return RedirectResponse(f"/support#r-{made.request_id}", status_code=HTTPStatus.SEE_OTHER)


def _id(told: str) -> UUID:
    try:
        return UUID(told)
    except ValueError:
        raise BadInput("request", told[:40], "Open the page again and send it there.") from None


async def _page(
    visit: Looking,
    *,
    everybody: bool = False,
    fields: Mapping[str, str] | None = None,
    problem: str = "",
    field: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        seat = visit.seat(book)
        rows = await support.raised(tx, None if everybody or seat is None else seat.handle)
    seen = [row for row in rows if (seat and row.raised_by == seat.handle) or _in_sight(visit, row)]
    return visit.page(
        "console/support.html",
        book,
        status=status,
        rows=[_became(row, book) for row in seen],
        names={row.raised_by: name_of(book, row.raised_by) for row in seen},
        everybody=everybody,
        request_id=(fields or {}).get("request") or str(new_id()),
        values=fields or {},
        problem=problem,
        field=field,
    )


def _in_sight(visit: Looking, row: SupportRequest) -> bool:
    return visit.sight.sees(owner=row.owner, pool=row.pool, country=row.country)


def _became(row: SupportRequest, book: Book) -> Became:
    """In words: who has it, and what they said."""
    owner = name_of(book, row.owner) if row.owner else f"The pool {row.pool}"
    match row.stands:
        case "sold":
            return Became(request=row, headline="Sold since", detail=f"{row.company or row.about} bought.")
        case "with the deal":
            dealer = name_of(book, row.deal_owner) if row.deal_owner else "nobody in particular"
            return Became(request=row, headline="With an open deal", detail=f"{dealer} has the deal with this company.")
        case "waits":
            return Became(request=row, headline="Waits for an answer", detail=f"{owner} is asked.")
        case "taken":
            tried = "has tried to reach them" if row.first_try_at else "is to call them"
            return Became(request=row, headline="Taken", detail=f"{owner} took it and {tried}.")
        case _:
            return Became(request=row, headline="Given back", detail=_given_back(row, book))


def _given_back(row: SupportRequest, book: Book) -> str:
    rule = book.definition.reject_reasons.get(row.reason or "")
    who = name_of(book, row.decided_by) if row.decided_by else "It"
    said = f"{who}: {rule.label if rule else row.reason or 'no reason was kept'}"
    said += f", “{row.reason_text.strip()}”." if row.reason_text else "."
    return said + (f" It comes back on {row.recycle_until:%d %b %Y}." if row.recycle_until else "")
