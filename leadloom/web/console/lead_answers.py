"""A rep says on the lead's page what they found out by asking, or takes it back."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import LeadId
from leadloom.domain.stages.checklist import STATES, Answered
from leadloom.store import checklists, published
from leadloom.web._public import fields_of
from leadloom.web.console import leads
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.ANSWER_HAND_OFFS)])


@router.post("/leads/{lead_id}/answers")
async def answer(visit: Visit, lead_id: UUID) -> Response:
    """Keep the answer in the name of the seat, then show the question again."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            said = _said(fields, by=visit.seated(book).handle)
            await checklists.answer(tx, LeadId(lead_id), said, book=book, at=visit.at)
    except BadInput as bad:
        return await leads.refused(visit, LeadId(lead_id), bad)
    return back_to(f"/leads/{lead_id}#{said.checklist}-{said.item}")


@router.post("/leads/{lead_id}/answers/{no}/undo")
async def undo(visit: Visit, lead_id: UUID, no: int) -> Response:
    """Take the answer back; one that doesn't count any more is refused with what came in between."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            by = visit.seated(book).handle
            await checklists.take_back(tx, LeadId(lead_id), no, by=by, via="page", book=book, at=visit.at)
    except (Conflict, BadInput) as problem:
        return await leads.refused(visit, LeadId(lead_id), problem)
    return back_to(f"/leads/{lead_id}#qualification")


def _said(fields: dict[str, str], *, by: str) -> Answered:
    state = fields.get("state", "")
    if state not in STATES:
        raise BadInput("state", state, f"Use one of: {', '.join(STATES)}.")
    told = {name: fields.get(name, "") for name in ("checklist", "item", "evidence")}
    return Answered(**told, state=state, by=by, via="page")
