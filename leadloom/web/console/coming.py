"""Which letters go in an owner's name soon, and what does the seat say about one? Silence lets them go."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.mails.review import ReviewAct
from leadloom.domain.model import MessageId
from leadloom.runtime import reviews as looking
from leadloom.store import published, reviews
from leadloom.web._public import fields_of
from leadloom.web._wishes import wish_of
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.REVIEW_MAILS)])

_VIA = "page"


@router.get("/coming")
async def coming(visit: Visit, owner: str = "") -> HTMLResponse:
    """What goes soon and what is held; of one owner, or of all."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        found = await reviews.coming(tx, owner or None)
        rows = [row for row in found if visit.sight.sees(owner=row.owner)]
    names = {handle: name_of(book, handle) for row in rows for handle in (row.owner, row.decided_by, row.edited_by)}
    return visit.page("console/coming.html", book, coming=rows, names=names, owner=owner)


@router.get("/coming/{message_id}")
async def show(visit: Visit, message_id: UUID) -> HTMLResponse:
    """One letter, and what can be said about it."""
    return await _page(visit, MessageId(message_id))


@router.post("/coming/{message_id}")
async def act(visit: Visit, message_id: UUID) -> Response:
    """Do what the button says in the name of the seat, then show the letter again."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    key = MessageId(message_id)
    try:
        async with visit.house.db.transaction() as tx:
            seat = visit.seated(await published.book(tx))
            order = ReviewAct(by=seat.handle, via=_VIA, **wish_of(fields).model_dump())
            await looking.act(tx, key, order, at=visit.at)
    except Conflict as conflict:
        return await _page(visit, key, fields=fields, problem=str(conflict), status=HTTPStatus.CONFLICT)
    except BadInput as bad:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await _page(visit, key, fields=fields, problem=bad.remedy, field=bad.field, status=status)
    return RedirectResponse(f"/coming/{message_id}", status_code=HTTPStatus.SEE_OTHER)


async def _page(
    visit: Visit,
    message_id: MessageId,
    *,
    fields: Mapping[str, str] | None = None,
    problem: str = "",
    field: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        looked = await looking.look(tx, message_id, at=visit.at)
    values = {name: text for name, text in (fields or {}).items() if name != "token"}
    return visit.page(
        "console/coming_mail.html", book, status=status, problem=problem, field=field, values=values, looked=looked
    )
