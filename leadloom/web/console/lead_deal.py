"""How does a rep open a deal with a lead? A page shows person, company, doubles and deals before anything is made."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import LeadId
from leadloom.domain.people.side_by_side import confidence
from leadloom.store import conversions, merges, published
from leadloom.store.conversions import OpenDeal
from leadloom.store.tx import new_id
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Looking, Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS)])

_ANSWERS = needs(Right.ANSWER_HAND_OFFS)
_DOUBLE = "double-"
_REMEDIES = {
    "name": "Call it something, in at most 200 characters.",
    "currency": "Three letters of ISO 4217, such as EUR or USD.",
    "key": "Open the page again.",
}


@router.get("/leads/{lead_id}/deal")
async def show(visit: Visit, lead_id: UUID) -> Response:
    """What opening a deal would touch; of a merged lead, the way to who they are now."""
    async with visit.house.db.read() as tx:
        if (now := await merges.now(tx, LeadId(lead_id))) != lead_id:
            return RedirectResponse(f"/leads/{now}/deal", status_code=HTTPStatus.TEMPORARY_REDIRECT)
    return await _page(visit, LeadId(lead_id), {})


@router.post("/leads/{lead_id}/deal", dependencies=[_ANSWERS])
async def open_deal(visit: Visit, lead_id: UUID) -> Response:
    """Open it as the page showed it, in the name of the seat. Pressed twice is one deal."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            by = visit.seated(book).handle
            if fields.get("do") == "join":
                track = fields.get("track", "")
                await conversions.join_deal(tx, LeadId(lead_id), track=track, by=by, book=book, at=visit.at)
                return back_to(f"/leads/{lead_id}#story")
            order = _order(fields, by=by, may_merge=visit.may(Right.MERGE_LEADS))
            done = await conversions.open_deal(tx, LeadId(lead_id), order, book=book, at=visit.at)
    except (Conflict, BadInput, NotFound) as problem:
        status = HTTPStatus.CONFLICT if isinstance(problem, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
        return await _page(visit, LeadId(lead_id), fields, problem=_said(problem), status=status)
    return back_to(f"/leads/{done.lead_id}#story")


def _order(fields: dict[str, str], *, by: str, may_merge: bool) -> OpenDeal:
    doubles = {name.removeprefix(_DOUBLE): word for name, word in fields.items() if name.startswith(_DOUBLE) and word}
    if "same" in doubles.values() and not may_merge:
        raise BadInput("doubles", "same", "You may not merge leads: say you can't tell, and the queue asks on.")
    told = {
        "key": fields.get("key", ""), "by": by, "via": "page", "seen": fields.get("seen", ""),
        "name": fields.get("name", "").strip(), "owner": fields.get("owner") or None,
        "product": fields.get("product", "").strip() or None, "track": fields.get("track", ""),
        "amount": _amount(fields.get("amount", "")), "currency": fields.get("currency", "").strip().upper() or None,
        "company": fields.get("company", "").strip() or None, "doubles": doubles,
        "another": fields.get("another") == "yes", "why": fields.get("why", "").strip()[:300],
    }  # fmt: skip
    if told["amount"] is not None and told["currency"] is None:
        raise BadInput("currency", "", "An amount has a currency: EUR, USD …")
    try:
        return OpenDeal.model_validate(told)
    except ValidationError as error:
        place = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        raise BadInput(place, fields.get(place, ""), _REMEDIES.get(place, "Choose one of the page's own.")) from error


def _amount(text: str) -> Decimal | None:
    told = text.strip().replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    if not told:
        return None
    try:
        amount = Decimal(told)
    except InvalidOperation as error:
        raise BadInput("amount", text[:40], "Write it as 24000 or 1840.50.") from error
    if not amount.is_finite() or amount < 0 or amount != round(amount, 2):
        raise BadInput("amount", text[:40], "Write it as 24000 or 1840.50, not below nothing.")
    return amount


def _said(problem: Conflict | BadInput | NotFound) -> str:
    return problem.remedy if isinstance(problem, BadInput) else str(problem)


async def _page(
    visit: Looking, lead_id: LeadId, said: dict[str, str], *, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        before = await conversions.preview(tx, lead_id, book=book)
    lead = before.lead
    person = " ".join(part for part in (lead.first_name, lead.last_name) if part) or lead.email or "Somebody"
    company = before.account.name if before.account is not None else lead.company
    return visit.page(
        "console/lead_deal.html", book, status=status, problem=problem, said=said, before=before, lead=lead,
        person=person, company=company, key=said.get("key") or str(new_id()), confidence=confidence,
        usual_name=f"{lead.attributes.get('product') or 'First order'} for {company or person}",
        closers=[entry for entry in book.definition.owners if entry.role == "ae"] or book.definition.owners,
        names={entry.handle: entry.name for entry in book.definition.owners},
    )  # fmt: skip
