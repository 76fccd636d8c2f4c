"""How does another program tell what was found out by asking? /v1/leads/{lead}/answers."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.stages.checklist import STATES, Answered
from leadloom.store import checklists, leads, published
from leadloom.store.checklists import Qualification
from leadloom.web._described import problems, takes
from leadloom.web._program import caller_of, json_of
from leadloom.web._public import house_of
from leadloom.web.security import open_to_other_sites

router = APIRouter(prefix="/v1/leads", tags=["leads"])

_SAID = {
    "type": "object",
    "required": ["checklist", "item", "state", "by"],
    "properties": {name: {"type": "string"} for name in ("checklist", "item", "state", "evidence", "by")},
}
_BY = {"type": "object", "required": ["by"], "properties": {"by": {"type": "string"}}}


@router.get("/{lead}/answers", response_model=Qualification, responses=problems(404, 422))
async def read(request: Request, lead: str) -> JSONResponse:
    """The questions with their answers, the log, and what the SQL gate says. `lead`: id, address or external id."""
    await caller_of(request, Scope.LEADS_READ)
    async with house_of(request).db.read() as tx:
        return _told(await checklists.of_lead(tx, await leads.find(tx, lead), book=await published.book(tx)))


@router.post(
    "/{lead}/answers",
    response_model=Qualification,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra=takes(_SAID),
)
@open_to_other_sites
async def tell(request: Request, lead: str) -> JSONResponse:
    """Keep an answer: `{"checklist", "item", "state", "evidence", "by"}`. The very same again is kept once."""
    await caller_of(request, Scope.LEADS_WRITE)
    body, house = await json_of(request), house_of(request)
    try:
        said = Answered.model_validate({**body, "via": "api"} if isinstance(body, dict) else body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/".join(str(part) for part in first["loc"]) or "body"
        form = f"Send checklist, item, state ({', '.join(STATES)}), evidence and by."
        raise BadInput(where, None, f"{first['msg']}. {form}") from error
    async with house.db.transaction() as tx:
        book, lead_id = await published.book(tx), await leads.find(tx, lead)
        return _told(await checklists.answer(tx, lead_id, said, book=book, at=house.now()))


@router.post(
    "/{lead}/answers/{no}/undo",
    response_model=Qualification,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra=takes(_BY),
)
@open_to_other_sites
async def undo(request: Request, lead: str, no: int) -> JSONResponse:
    """Take an answer back: what held before holds again. 409 when it doesn't count any more."""
    await caller_of(request, Scope.LEADS_WRITE)
    body, house = await json_of(request), house_of(request)
    by = body.get("by") if isinstance(body, dict) else None
    if not isinstance(by, str) or not by.strip():
        raise BadInput("by", None, 'Say who takes it back: {"by": "a-handle"}.')
    async with house.db.transaction() as tx:
        book, lead_id = await published.book(tx), await leads.find(tx, lead)
        return _told(await checklists.take_back(tx, lead_id, no, by=by, via="api", book=book, at=house.now()))


def _told(found: Qualification) -> JSONResponse:
    return JSONResponse(found.model_dump(mode="json"))
