"""What is known about a lead on offer, and what does the seat answer? Looking changes nothing; a form does."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import HandOffId
from leadloom.store import assignments, audit, cards, hand_offs, inbox, lead_story, published
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._hand_off_acts import act as do
from leadloom.web.console._listing import name_of
from leadloom.web.console._panels import Panels, spread
from leadloom.web.console._undo import bars_of
from leadloom.web.console._visit import Visit, back_to
from leadloom.web.console._work import calendar_of, may_hold, work_of

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS)])


@router.get("/inbox/{hand_off_id}")
async def show(visit: Visit, hand_off_id: UUID) -> HTMLResponse:
    """One hand-off: the card, who was asked, and what can be done."""
    return await _page(visit, HandOffId(hand_off_id))


@router.post("/inbox/{hand_off_id}", dependencies=[needs(Right.ANSWER_HAND_OFFS)])
async def act(visit: Visit, hand_off_id: UUID) -> Response:
    """Do what the button says in the name of the seat, then show the page it stood on, at the next lead. Whoever was
    too late sees who won.
    """
    fields = spread(await fields_of(visit.request))
    visit.check_form(fields.get("token", ""))
    key = HandOffId(hand_off_id)
    try:
        async with visit.house.db.transaction() as tx:
            await do(tx, visit, key, fields)
    except Conflict as conflict:
        return await _page(visit, key, fields=fields, problem=str(conflict), status=HTTPStatus.CONFLICT)
    except BadInput as bad:
        return await _page(visit, key, fields=fields, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return back_to(_back(fields, key), f"/inbox/{hand_off_id}")


def _back(fields: Mapping[str, str], key: HandOffId) -> str:
    """A list is told whose card was hidden: no row says by whom and when."""
    back = fields.get("back", "")
    if fields.get("do") != "snooze" or not back:
        return back
    place = urlsplit(back)
    return place._replace(query="&".join(part for part in (place.query, f"hidden={key}") if part)).geturl()


async def _page(
    visit: Visit,
    hand_off_id: HandOffId,
    *,
    fields: Mapping[str, str] | None = None,
    problem: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        now = await hand_offs.get(tx, hand_off_id)
        row = await inbox.row(tx, hand_off_id)
        known = await cards.read_many(tx, [hand_off_id], definition=book.definition, at=visit.at)
        offers = await assignments.of_hand_off(tx, hand_off_id)
        error = await lead_story.error_of_hand_off(tx, hand_off_id)
        acts = await audit.notes(tx, f"hand-off {hand_off_id}")
    seat = visit.seat(book)
    mine = seat.handle if seat else ""
    values = fields or _NOTHING_YET
    return visit.page(
        "console/hand_off.html",
        book,
        status=status,
        now=now,
        one=work_of([row], known, book, visit.at)[0],
        mine=mine,
        bars=bars_of([row], book, mine, visit.at),
        decider=name_of(book, now.decided_by),
        reason=book.definition.reject_reasons.get(now.reason or ""),
        offers=[(offer, name_of(book, offer.owner) if offer.owner else f"the pool {offer.pool}") for offer in offers],
        answerer=name_of(book, row.answer.decision.by) if row.answer else "",
        acts=[(note, name_of(book, note.actor)) for note in acts],
        names={entry.handle: entry.name for entry in book.definition.owners},
        holders=[entry for entry in book.definition.owners if may_hold(book, entry.handle)],
        error=error,
        panels=Panels(visit.at, book.definition, calendar_of(visit, book), values),
        values=values,
        problem=problem,
    )


_NOTHING_YET: dict[str, str] = {}
