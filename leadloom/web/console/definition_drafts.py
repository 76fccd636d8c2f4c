"""What does a draft of the definition change, for whom, and whose word does it take? Forms act in the seat's name."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.drafting import Word
from leadloom.domain.definitions.look_back import by_who
from leadloom.domain.definitions.preview import Preview
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import Value
from leadloom.domain.stages.hindsight import CASES
from leadloom.domain.stages.reevaluation import CASE_WORDS
from leadloom.store import definition_drafts, governing, looking_back, published
from leadloom.web._public import fields_of
from leadloom.web.console._guard import need, needs
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_DEFINITION)])

_ACTS: dict[str, definition_drafts.Acts] = {
    "submit": definition_drafts.submit,
    "sign": definition_drafts.sign,
    "reject": definition_drafts.reject,
    "withdraw": definition_drafts.withdraw,
}
_RIGHTS = {
    "definition": Right.CHANGE_DEFINITION,
    "scoring": Right.CHANGE_SCORING,
    "routing": Right.CHANGE_ROUTING,
    "mail": Right.CHANGE_MAIL_POLICY,
}
"""Matter of the charter → the right to act on a draft that touches it."""
_PAGES_AT_ONCE = 10
"""Pages of leads judged before the answer; the sweep goes on with the rest."""


_LOOKS_BACK = timedelta(weeks=13)
"""The span a button looks over; `definitions look-back` takes any."""


class CaseLine(Value):
    """How many leads are of a case, and where they are listed."""

    words: str
    number: int
    href: str


@router.get("/definition/drafts/{draft_no}")
async def show(visit: Visit, draft_no: int) -> HTMLResponse:
    """The draft, whose word it takes, and what was worked out last."""
    return await _page(visit, draft_no)


@router.post("/definition/drafts/{draft_no}")
async def act(visit: Visit, draft_no: int) -> Response:
    """Do what the button says in the name of the seat, then show the draft again."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    what = fields.get("act", "")
    try:
        if what == "preview":
            await governing.preview(visit.house.db, draft_no, at=visit.at)
        elif what == "look-back":
            begins = visit.at - _LOOKS_BACK
            await looking_back.look_back(visit.house.db, draft_no, since=begins, until=visit.at, at=visit.at)
        else:
            await _say(visit, draft_no, what, fields.get("why", ""))
    except Conflict as conflict:
        return await _page(visit, draft_no, problem=str(conflict), status=HTTPStatus.CONFLICT)
    except BadInput as bad:
        return await _page(visit, draft_no, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(f"/definition/drafts/{draft_no}", status_code=HTTPStatus.SEE_OTHER)


async def _say(visit: Visit, draft_no: int, what: str, why: str) -> None:
    if what not in _ACTS:
        raise BadInput("act", what, "Press one of the buttons of the page.")
    await _need_a_right(visit, draft_no)
    async with visit.house.db.transaction() as tx:
        book = await published.book(tx)
        seat = visit.seated(book)
        await _ACTS[what](tx, draft_no, Word(by=seat.handle, at=visit.at, why=why.strip()), book=book)
    await governing.apply(visit.house.db, most_pages=_PAGES_AT_ONCE)


async def _need_a_right(visit: Visit, draft_no: int) -> None:
    """Go on with the right to one of the matters that the draft touches; whose word each takes says the charter."""
    async with visit.house.db.read() as tx:
        view = await definition_drafts.view(tx, draft_no, book=await published.book(tx))
    touched = [_RIGHTS[one.matter] for one in view.differences if one.matter in _RIGHTS] or [Right.CHANGE_DEFINITION]
    if not any(visit.may(right) for right in touched):
        await need(visit, touched[0])


async def _page(visit: Visit, draft_no: int, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        view = await definition_drafts.view(tx, draft_no, book=book)
        found = await definition_drafts.kept_preview(tx, draft_no)
        look = await looking_back.kept(tx, draft_no)
    seat = visit.seat(book)
    mine = next((one for one in view.signatures if seat and one.by == seat.handle), None)
    return visit.page(
        "console/definition_draft.html", book, status=status, problem=problem, view=view, draft=view.draft,
        look=look, look_load=by_who(look.load) if look else (), look_cases=CASES,
        preview=found, cases=_cases(found) if found else (), may_sign=mine is not None and mine.at is None,
        is_mine=seat is not None and seat.handle in (view.draft.author, book.definition.owner),
        names={entry.handle: entry.name for entry in book.definition.owners},
    )  # fmt: skip


def _cases(found: Preview) -> tuple[CaseLine, ...]:
    return tuple(
        CaseLine(
            words=words,
            number=len(found.of(case)),
            href=f"/rows/preview?{urlencode({'draft': found.draft_no, 'case': case})}",
        )
        for case, words in CASE_WORDS.items()
    )
