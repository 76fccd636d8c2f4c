"""What does a button of the inbox do? Each in one transaction, in the name of the seat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadloom.domain.definitions.hand_off_rules import OwnerEntry
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.answers import UNDO_FOR, Decision
from leadloom.domain.model import HandOffId
from leadloom.store import answering, attempts, hand_offs, published, reassigning, snoozing
from leadloom.store.attempts import Attempt
from leadloom.store.published import Book
from leadloom.store.reassigning import Word
from leadloom.store.tx import Tx
from leadloom.web._chips import chosen, morning_of
from leadloom.web.console._visit import Looking

_VIA = "page"


async def act(tx: Tx, visit: Looking, key: HandOffId, fields: Mapping[str, str]) -> None:
    """Do what `do` says. Raises Conflict for whoever was too late, BadInput with what is missing."""
    book = await published.book(tx)
    match fields.get("do"):
        case "retry":
            await hand_offs.unblock(tx, key)
        case "accept" | "reject" | "recycle" | "give_back" as kind:
            await _answer(tx, visit, key, kind, fields, book)
        case "undo":
            await answering.undo(tx, key, visit.seated(book).handle, book=book, at=visit.at)
        case "snooze":
            by, until = visit.seated(book).handle, _instant(fields.get("until", ""))
            await snoozing.snooze(tx, key, by, until, book=book, at=visit.at)
        case "wake":
            await snoozing.wake(tx, key)
        case "give" | "route_again" as way:
            await _pass_on(tx, visit, key, way, fields, book)
        case "tried" | "reached" as outcome:
            await _try(tx, visit, key, outcome == "reached", fields, book)
        case other:
            raise BadInput("do", (other or "")[:20], "Press one of the buttons of the page.")


async def _answer(tx: Tx, visit: Looking, key: HandOffId, kind: str, fields: Mapping[str, str], book: Book) -> None:
    """It can be taken back for some seconds: a thumb slips."""
    decision = _decision(kind, visit.seated(book), fields, book)
    if kind == "give_back":
        await answering.give_back(tx, key, decision, undo_for=UNDO_FOR, book=book, at=visit.at)
    else:
        number = _number(fields, "assignment_no")
        await answering.decide(tx, key, number, decision, undo_for=UNDO_FOR, book=book, at=visit.at)


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


async def _pass_on(tx: Tx, visit: Looking, key: HandOffId, way: str, fields: Mapping[str, str], book: Book) -> None:
    word = Word(visit.seated(book).handle, fields.get("why", "")[:200])
    if way == "give":
        await reassigning.give(tx, key, fields.get("to", ""), word, book=book, at=visit.at)
    else:
        await reassigning.route_again(tx, key, word, book=book, at=visit.at)


async def _try(tx: Tx, visit: Looking, key: HandOffId, reached: bool, fields: Mapping[str, str], book: Book) -> None:
    by = visit.seated(book).handle
    # Whoever notes a try means what they answered a moment ago.
    now = await answering.settle(tx, key, by, book=book, at=visit.at)
    if now.state != "accepted" or now.closed_at is not None:
        raise Conflict("Nobody works this lead now, so there is no try to note. Nothing was changed.")
    # The number of tries the page showed: the same button pressed twice is one try.
    name = f"try:{key}:{by}:{_number(fields, 'seen') + 1}"
    await attempts.attempt(tx, key, Attempt(by=by, via=_VIA, key=name, reached=reached), book=book, at=visit.at)


def _number(fields: Mapping[str, str], name: str) -> int:
    text = fields.get(name, "")
    if not text.isdecimal() or len(text) > 6:
        raise BadInput(name, text[:20], "Open the page again and press the button there.")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput("until", text[:30], "Press one of the buttons of the page.") from error
    if instant.tzinfo is None:
        raise BadInput("until", text[:30], "Press one of the buttons of the page.")
    return instant
