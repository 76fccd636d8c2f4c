"""What do the governors see and decide? The charter, the roll-out by region, decisions, and where systems disagree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.drafting import Word, right_to
from leadloom.domain.definitions.variants import variants
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.runtime import governance as figures
from leadloom.store import governance, governing, published, regions
from leadloom.store.published import Book
from leadloom.store.tx import Tx
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_DEFINITION)])
PLACE = Place(
    href="/governance",
    words="Governance",
    means="The charter, the roll-out by region, decisions that are open",
    order=55,
)


@router.get("/governance")
async def show(visit: Visit) -> HTMLResponse:
    """Everything, with the forms of whoever may act."""
    return await _page(visit)


@router.post("/governance", dependencies=[needs(Right.GOVERN)])
async def act(visit: Visit) -> Response:
    """Do what the button says in the name of the seat."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            seat = visit.seated(book)
            word = Word(by=seat.handle, at=visit.at, why=fields.get("why", "").strip())
            await _do(tx, fields, word, book)
        await governing.apply(visit.house.db, most_pages=10)
    except (Conflict, NotFound) as conflict:
        return await _page(visit, problem=str(conflict), status=HTTPStatus.CONFLICT)
    except BadInput as bad:
        return await _page(visit, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse("/governance", status_code=HTTPStatus.SEE_OTHER)


async def _do(tx: Tx, fields: Mapping[str, str], word: Word, book: Book) -> None:
    what, region = fields.get("act", ""), fields.get("region", "")
    match what:
        case "charter":
            seen = await figures.figures(tx, book.definition, word.at)
            await governance.sign_charter(tx, word, book=book, figures=seen)
        case "pack":
            seen = await figures.figures(tx, book.definition, word.at)
            await governance.draw_pack(tx, word, book=book, figures=seen)
        case "go" | "no-go":
            adopted = await governance.adoption(tx, book.definition, word.at)
            seen = figures.of_region(adopted, region)
            await regions.decide(tx, region, what, word, book=book, figures=seen)
        case "decide":
            due_on = _day(fields.get("due_on", ""))
            await governance.decide(tx, word.why, word, owner=fields.get("owner", ""), due_on=due_on, book=book)
        case "done":
            await governance.finish(tx, _id(fields.get("decision", "")), word, book=book)
        case _:
            raise BadInput("act", what, "Press one of the buttons of the page.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("due_on", text, "Say by when: a day such as 2026-12-01.") from None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("decision", text, "Press the button beside the decision.") from None


async def _page(visit: Visit, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        definition = book.definition
        acts = await governance.acts(tx)
        adopted = await governance.adoption(tx, definition, visit.at)
        drifted = await governance.drift(tx, definition)
        said = await regions.acts(tx)
    seat = visit.seat(book)
    decider = right_to(definition, "roll_out").decides
    return visit.page(
        "console/governance.html", book, status=status, problem=problem, acts=acts, adopted=adopted, drifted=drifted,
        variants=tuple(variants(definition)),
        said=said, versions={key: book.version_in(key)[0] for key in definition.regions},
        names={entry.handle: entry.name for entry in definition.owners},
        decisions=[one for one in acts if one.kind == "decision"],
        signed=next((one for one in acts if one.kind == "charter signed"), None),
        pack=next((one for one in acts if one.kind == "pack"), None),
        may_roll_out=seat is not None and seat.handle == decider,
        is_sponsor=seat is not None and seat.handle == definition.sponsor,
    )  # fmt: skip
