"""Which rejections does marketing appeal, what do both sides say, and what does the lead-management owner decide?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import HandOffId
from leadloom.store import appeals, published
from leadloom.store.appeals import Case, Rejection, Verdict
from leadloom.store.published import Book
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Looking, Visit
from leadloom.web.console.inbox import may_hold

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS)])
PLACE = Place(href="/appeals", words="Appeals", means="Rejections that marketing disagrees with, and what was decided")


@router.get("/appeals")
async def show(visit: Visit) -> HTMLResponse:
    """Open appeals by their clock, decided ones, and what could be appealed still."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        every = await appeals.cases(tx)
        free = await appeals.turned_down(tx, since=_since(book, visit.at))
    seen = [case for case in every if _in_sight(visit, case.rejection)]
    return visit.page(
        "console/appeals.html",
        book,
        open=[case for case in seen if case.appeal and case.appeal.state == "open"],
        ended=[case for case in seen if case.appeal and case.appeal.state != "open"],
        free=[one for one in free if _in_sight(visit, one)],
        name=partial(name_of, book),
    )


@router.get("/appeals/{hand_off_id}")
async def show_one(visit: Visit, hand_off_id: UUID) -> HTMLResponse:
    """One rejection with both sides' words, and the form of whoever may say something now."""
    return await _page(visit, HandOffId(hand_off_id))


@router.post("/appeals/{hand_off_id}", dependencies=[needs(Right.APPEAL)])
async def appeal(visit: Visit, hand_off_id: UUID) -> Response:
    """Appeal it in the name of the seat."""
    key = HandOffId(hand_off_id)
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            by = visit.seated(book).handle
            await appeals.raise_one(tx, key, by, fields.get("words", ""), book=book, at=visit.at)
    except (BadInput, Conflict) as refusal:
        return await _refused(visit, key, fields, refusal)
    return RedirectResponse(f"/appeals/{hand_off_id}", status_code=HTTPStatus.SEE_OTHER)


@router.post("/appeals/{hand_off_id}/decision", dependencies=[needs(Right.DECIDE_APPEALS)])
async def decide(visit: Visit, hand_off_id: UUID) -> Response:
    """Uphold or dismiss it in the name of the seat."""
    key = HandOffId(hand_off_id)
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            if fields.get("do") not in ("uphold", "dismiss"):
                raise BadInput("do", fields.get("do", "")[:20], "Press one of the buttons of the page.")
            verdict = Verdict(
                by=visit.seated(book).handle,
                uphold=fields["do"] == "uphold",
                words=fields.get("words", ""),
                to=fields.get("to") or None,
            )
            await appeals.decide(tx, key, verdict, book=book, at=visit.at)
    except (BadInput, Conflict) as refusal:
        return await _refused(visit, key, fields, refusal)
    return RedirectResponse(f"/appeals/{hand_off_id}", status_code=HTTPStatus.SEE_OTHER)


async def _refused(
    visit: Looking, key: HandOffId, fields: Mapping[str, str], refusal: BadInput | Conflict
) -> HTMLResponse:
    if isinstance(refusal, BadInput):
        said, status = refusal.remedy, HTTPStatus.UNPROCESSABLE_ENTITY
    else:
        said, status = str(refusal), HTTPStatus.CONFLICT
    return await _page(visit, key, fields=fields, problem=said, status=status)


async def _page(
    visit: Looking,
    key: HandOffId,
    *,
    fields: Mapping[str, str] | None = None,
    problem: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        case = await appeals.case(tx, key, since=_since(book, visit.at))
    if case is None or not _in_sight(visit, case.rejection):
        raise NotFound("rejection that can be appealed", key)
    seat = visit.seat(book)
    return visit.page(
        "console/appeal.html",
        book,
        status=status,
        case=case,
        may_decide=_may_decide(case, seat.handle if seat else None, book) and visit.may(Right.DECIDE_APPEALS),
        holders=[entry for entry in book.definition.owners if may_hold(book, entry.handle)],
        until=case.rejection.turned_down_at + book.definition.contract.appeals.raise_within,
        name=partial(name_of, book),
        values=fields or {},
        problem=problem,
    )


def _may_decide(case: Case, handle: str | None, book: Book) -> bool:
    deciders = (book.definition.owner, book.definition.sponsor)
    return case.appeal is not None and handle in deciders and handle != case.appeal.raised_by


def _since(book: Book, at: datetime) -> datetime:
    return at - book.definition.contract.appeals.raise_within


def _in_sight(visit: Looking, rejection: Rejection) -> bool:
    return visit.sight.sees(owner=rejection.owner, pool=rejection.pool, country=rejection.country)
