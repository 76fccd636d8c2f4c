"""How does a help desk raise what is a matter for sales, and learn what became of it? /v1/support-requests."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field, ValidationError

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.model import Instant, Value
from leadloom.store import published, support
from leadloom.store.support import Heard, SupportRequest
from leadloom.store.tx import new_id
from leadloom.web._described import problems, takes
from leadloom.web._leads import IDEMPOTENT
from leadloom.web._program import caller_of, json_of, repeat_key
from leadloom.web._public import house_of
from leadloom.web.security import open_to_other_sites

router = APIRouter(prefix="/v1/support-requests", tags=["hand-offs"])

_NAMES = UUID("6f0d9a4e-6a37-5c0b-9d58-0f2f1a6f7c11")
"""Namespace of requests that a caller names by an Idempotency-Key."""


class Raised(Value):
    """What was heard, in two fields."""

    about: Annotated[str, Field(min_length=1, max_length=500)]
    """A mail address, or the name or domain of a company."""
    said: Annotated[str, Field(min_length=1, max_length=500)]
    by: Annotated[str, Field(min_length=1, max_length=80)]
    """Handle of who heard it."""


class RaisedBody(Value):
    """What was raised, and what became of it."""

    id: str
    lead: str
    hand_off: str | None
    """null when the company has an open deal: whoever has it is `owner`."""
    stands: str
    """waits, taken, given back, with the deal, sold."""
    owner: str | None
    accept_by: Instant | None
    reason: str | None
    recycle_until: Instant | None
    raised_by: str
    raised_at: Instant
    said: str


class RaisedList(Value):
    """The newest first."""

    data: tuple[RaisedBody, ...]


@router.post(
    "",
    response_model=RaisedBody,
    responses=problems(409, 413, 415, 422),
    openapi_extra={**takes(Raised.model_json_schema()), **IDEMPOTENT},
)
@open_to_other_sites
async def raise_one(request: Request) -> JSONResponse:
    """Raise it: the lead is found or made, and offered to sales with a clock. One Idempotency-Key is one request."""
    await caller_of(request, Scope.HAND_OFFS)
    try:
        told = Raised.model_validate(await json_of(request))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/".join(str(part) for part in first["loc"]) or "body"
        raise BadInput(where, None, f"{first['msg']}. Send about, said and by.") from error
    key, house = repeat_key(request), house_of(request)
    heard = Heard(request_id=uuid5(_NAMES, key) if key else new_id(), **told.model_dump())
    async with house.db.transaction() as tx:
        made = await support.raise_lead(tx, heard, book=await published.book(tx), at=house.now())
    return JSONResponse(_body(made))


@router.get("", response_model=RaisedList, responses=problems(422))
async def raised(request: Request, by: Annotated[str | None, Query(max_length=80)] = None) -> JSONResponse:
    """What was raised, by one or by all."""
    await caller_of(request, Scope.HAND_OFFS)
    async with house_of(request).db.read() as tx:
        found = await support.raised(tx, by)
    return JSONResponse({"data": [_body(one) for one in found]})


def _body(one: SupportRequest) -> dict[str, object]:
    body = RaisedBody(
        id=str(one.request_id),
        lead=str(one.lead_id),
        hand_off=str(one.hand_off_id) if one.hand_off_id else None,
        stands=one.stands,
        owner=one.owner or one.deal_owner,
        **one.model_dump(include={"accept_by", "reason", "recycle_until", "raised_by", "raised_at", "said"}),
    )
    return body.model_dump(mode="json")
