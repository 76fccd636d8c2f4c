"""How does a new rep learn the hand-off? Made-up leads by our own definition, reasons and clocks; never real ones.

Nothing here touches a lead: answers are kept in rows of their own, and judged by the functions that decide real offers.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.hand_off_rules import OwnerEntry
from leadloom.domain.definitions.practice import PracticeLead
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs import practice as practising
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.hand_off import HandOffState
from leadloom.domain.handoffs.practice import Feedback, Silent
from leadloom.domain.model import Value
from leadloom.store import practice, published
from leadloom.store.practice import Round
from leadloom.store.published import Book
from leadloom.web._chips import Chip, DateLimits, chips_of, chosen, date_limits
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Looking, Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.ANSWER_HAND_OFFS)])
PLACE = Place(
    href="/practice", words="Practice", means="Three made-up leads by our own rules; nobody is called", order=70
)


class Worked(Value):
    """A practice lead that was answered."""

    name: str
    lead: PracticeLead
    feedback: Feedback


@router.get("/practice")
async def show(visit: Visit) -> HTMLResponse:
    """Where whoever looks stands in their round."""
    return await _page(visit)


@router.post("/practice")
async def act(visit: Visit) -> Response:
    """Begin a round, or answer the lead that is next."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            by = visit.seated(book).handle
            if fields.get("do") == "begin":
                await practice.begin(tx, by, at=visit.at)
            else:
                now = await practice.now(tx, by)
                decision = _decision(visit, book, fields, by)
                lead = book.definition.practice.get(fields.get("lead", ""))
                if now is None or lead is None:
                    raise BadInput("lead", fields.get("lead", "")[:40], "Open the page again: that lead isn't there.")
                practising.feedback(book.definition, lead, decision, now.began_at)
                await practice.answer(tx, by, now.round, fields["lead"], decision)
    except (BadInput, Conflict) as problem:
        words = problem.remedy if isinstance(problem, BadInput) else str(problem)
        return await _page(visit, fields=fields, problem=words)
    return RedirectResponse("/practice", status_code=HTTPStatus.SEE_OTHER)


def _decision(visit: Looking, book: Book, fields: dict[str, str], by: str) -> Decision:
    if fields.get("do") == "accept":
        return Decision(kind="accept", by=by, via="page")
    calendar = book.definition.calendars[visit.seated(book).calendar]
    return Decision(kind="reject", by=by, via="page", **chosen(book.definition, fields, calendar).model_dump())


async def _page(visit: Looking, *, fields: dict[str, str] | None = None, problem: str = "") -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        seat = visit.seat(book)
        now = await practice.now(tx, seat.handle) if seat else None
    leads = book.definition.practice
    worked = _worked(book, now)
    left = [name for name in leads if now is None or name not in now.answers]
    coming = left[0] if left else None
    asked = _asked(visit, book, seat, coming, now) if now is not None and seat is not None and coming else None
    return visit.page(
        "console/practice.html", book, now=now, worked=worked, left=left, leads=leads, fields=fields or {},
        asked=asked, problem=problem, status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
    )  # fmt: skip


class Asked(Value):
    """The lead that is next, as it is offered."""

    name: str
    lead: PracticeLead
    offered: HandOffState
    silent: tuple[Silent, ...]
    chips: tuple[Chip, ...]
    limits: DateLimits


def _asked(visit: Looking, book: Book, seat: OwnerEntry, name: str, now: Round) -> Asked:
    lead = book.definition.practice[name]
    return Asked(
        name=name,
        lead=lead,
        offered=practising.offered(book.definition, lead, seat.handle, now.began_at),
        silent=practising.if_silent(book.definition, lead, seat.handle, now.began_at),
        chips=chips_of(book.definition, lead.kind, 0, lead.country),
        limits=date_limits(visit.at, book.definition.calendars[seat.calendar]),
    )


def _worked(book: Book, now: Round | None) -> list[Worked]:
    """In the order of the definition, which is the order they came in; what it no longer names is left out."""
    found: list[Worked] = []
    for name, lead in book.definition.practice.items():
        if now is not None and (decision := now.answers.get(name)) is not None:
            try:
                said = practising.feedback(book.definition, lead, decision.but(text="practice"), now.began_at)
            except BadInput:
                continue  # the list of reasons changed since: this answer can't be judged by it any more
            found.append(Worked(name=name, lead=lead, feedback=said))
    return found
