"""How does somebody let a lead's run go on at once, or take one planned mail back, from the lead's page?"""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.responses import Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import EnrolmentId, LeadId, MessageId
from leadloom.store import hurrying, published
from leadloom.store.hurrying import LONGEST_WHY, Wish
from leadloom.store.published import Book
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Looking, Visit, back_to
from leadloom.web.console.leads import refused

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.STEER_RUNS)])
_VIA = "page"


@router.post("/leads/{lead_id}/runs/{enrolment_id}/hurry")
async def hurry(visit: Visit, lead_id: UUID, enrolment_id: UUID) -> Response:
    """End the wait the page showed; one that waits for something else by now is left alone."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            wish = _wish(visit, book, fields)
            await hurrying.hurry(tx, EnrolmentId(enrolment_id), wish, book=book, at=visit.at)
    except (Conflict, BadInput) as problem:
        return await refused(visit, LeadId(lead_id), problem)
    return back_to(f"/leads/{lead_id}#now")


@router.post("/leads/{lead_id}/mails/{message_id}/skip")
async def skip_mail(visit: Visit, lead_id: UUID, message_id: UUID) -> Response:
    """Take one mail back before it goes; pressed twice is once."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            wish = _wish(visit, book, fields)
            await hurrying.skip_mail(tx, MessageId(message_id), wish, book=book, at=visit.at)
    except (Conflict, BadInput) as problem:
        return await refused(visit, LeadId(lead_id), problem)
    return back_to(f"/leads/{lead_id}#next")


def _wish(visit: Looking, book: Book, fields: dict[str, str]) -> Wish:
    try:
        by = visit.seated(book).handle
        return Wish(by=by, via=_VIA, why=fields.get("why", "").strip(), seen=fields.get("seen") or None)
    except ValidationError as error:
        raise BadInput("why", f"{len(fields.get('why', ''))} characters", f"At most {LONGEST_WHY}.") from error
