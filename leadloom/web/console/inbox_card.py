"""What is known about a lead on offer, and what does the seat answer? Looking changes nothing; a form does."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.hand_off_rules import OwnerEntry
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.model import HandOffId, Json
from leadloom.store import (
    answered,
    answering,
    assignments,
    attempts,
    audit,
    cards,
    hand_offs,
    lead_story,
    published,
    reassigning,
)
from leadloom.store.attempts import Attempt
from leadloom.store.published import Book
from leadloom.store.reassigning import Word
from leadloom.store.tx import Tx
from leadloom.web._chips import chips_of, chosen, date_limits, morning_of
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._visit import Visit
from leadloom.web.console.inbox import level_words, local_time, may_hold

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS)])

_VIA = "page"


@router.get("/inbox/{hand_off_id}")
async def show(visit: Visit, hand_off_id: UUID) -> HTMLResponse:
    """One hand-off: the card, who was asked, and what can be done."""
    return await _page(visit, HandOffId(hand_off_id))


@router.post("/inbox/{hand_off_id}", dependencies=[needs(Right.ANSWER_HAND_OFFS)])
async def act(visit: Visit, hand_off_id: UUID) -> Response:
    """Do what the button says in the name of the seat, then show the card again. Whoever was too late sees who won."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    key = HandOffId(hand_off_id)
    try:
        async with visit.house.db.transaction() as tx:
            await _do(tx, visit, key, fields)
    except Conflict as conflict:
        return await _page(visit, key, fields=fields, problem=str(conflict), status=HTTPStatus.CONFLICT)
    except BadInput as bad:
        return await _page(visit, key, fields=fields, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(f"/inbox/{hand_off_id}", status_code=HTTPStatus.SEE_OTHER)


async def _do(tx: Tx, visit: Visit, key: HandOffId, fields: Mapping[str, str]) -> None:
    book = await published.book(tx)
    match fields.get("do"):
        case "retry":
            await hand_offs.unblock(tx, key)
        case "accept" | "reject" | "recycle" as kind:
            decision = _decision(kind, visit.seated(book), fields, book)
            await answering.decide(tx, key, _number(fields, "assignment_no"), decision, book=book, at=visit.at)
        case "give_back":
            decision = _decision("reject", visit.seated(book), fields, book)
            await answering.give_back(tx, key, decision, book=book, at=visit.at)
        case "give" | "route_again" as way:
            word = Word(visit.seated(book).handle, fields.get("why", "")[:200])
            if way == "give":
                await reassigning.give(tx, key, fields.get("to", ""), word, book=book, at=visit.at)
            else:
                await reassigning.route_again(tx, key, word, book=book, at=visit.at)
        case "tried" | "reached" as outcome:
            now = await hand_offs.get(tx, key)
            if now.state != "accepted" or now.closed_at is not None:
                raise Conflict("Nobody works this lead now, so there is no try to note. Nothing was changed.")
            by = visit.seated(book).handle
            # The number of tries the page showed: the same button pressed twice is one try.
            name = f"try:{key}:{by}:{_number(fields, 'seen') + 1}"
            made = Attempt(by=by, via=_VIA, key=name, reached=outcome == "reached")
            await attempts.attempt(tx, key, made, book=book, at=visit.at)
        case other:
            raise BadInput("do", (other or "")[:20], "Press one of the buttons of the page.")


def _decision(kind: str, seat: OwnerEntry, fields: Mapping[str, str], book: Book) -> Decision:
    calendar = book.definition.calendars[seat.calendar]
    match kind:
        case "accept":
            return Decision(kind="accept", by=seat.handle, via=_VIA)
        case "recycle":
            until = morning_of(fields.get("until", ""), calendar)
            return Decision(kind="recycle", by=seat.handle, via=_VIA, until=until)
        case _:
            chip = chosen(book.definition, fields, calendar)
            return Decision(kind="reject", by=seat.handle, via=_VIA, **chip.model_dump())


def _number(fields: Mapping[str, str], name: str) -> int:
    text = fields.get(name, "")
    if not text.isdecimal() or len(text) > 6:
        raise BadInput(name, text[:20], "Open the page again and press the button there.")
    return int(text)


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
        card = await cards.read(tx, hand_off_id, definition=book.definition, at=visit.at)
        account = (await lead_story.people(tx, [now.lead_id]))[now.lead_id][1]
        offers = await assignments.of_hand_off(tx, hand_off_id)
        tries = await answered.tries_made(tx, now.lead_id, since=now.opened_at)
        error = await lead_story.error_of_hand_off(tx, hand_off_id)
        acts = await audit.notes(tx, f"hand-off {hand_off_id}")
    seat = visit.seat(book)
    calendar = book.definition.calendars[seat.calendar if seat else book.definition.person(_manager(book)).calendar]
    return visit.page(
        "console/hand_off.html",
        book,
        status=status,
        now=now,
        card=card,
        local_time=local_time(card.lead, account, book, visit.at),
        holder=name_of(book, now.owner) if now.owner else f"the pool {now.pool}",
        decider=name_of(book, now.decided_by),
        reason=book.definition.reject_reasons.get(now.reason or ""),
        level=level_words(book, now.kind, now.level),
        offers=[(offer, name_of(book, offer.owner) if offer.owner else f"the pool {offer.pool}") for offer in offers],
        acts=[(note, name_of(book, note.actor)) for note in acts],
        names={entry.handle: entry.name for entry in book.definition.owners},
        holders=[entry for entry in book.definition.owners if may_hold(book, entry.handle)],
        tries=tries,
        error=error,
        chips=chips_of(book.definition, tries, card.lead.country),
        limits=date_limits(visit.at, calendar),
        values=fields or _NOTHING_YET,
        problem=problem,
    )


_NOTHING_YET: dict[str, Json] = {}


def _manager(book: Book) -> str:
    return book.definition.routing.manager
