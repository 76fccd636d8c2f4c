"""How does another program read one lead, change it, and tell what happened to it? /v1/leads/{lead_id}."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.intake.capture import Door, read_json
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.model import Instant, Json, LeadId, Value
from leadloom.runtime.arrivals import keyed
from leadloom.store import events, lead_pages, published, visitors
from leadloom.store.lead_pages import ListedLead
from leadloom.store.tx import Tx
from leadloom.store.visitors import Touch
from leadloom.web._described import problems, takes
from leadloom.web._leads import CHANGES, EVENTS, NEEDS_KEY, LeadBody, Told, body_of_lead, etag_of, rights_of
from leadloom.web._program import caller_of, json_of, needed_key, once
from leadloom.web._public import address, house_of, user_agent
from leadloom.web.leads_api import cursor_of, cursor_parts
from leadloom.web.security import open_to_other_sites

router = APIRouter(prefix="/v1/leads/{lead_id}", tags=["leads"])

_NOT_CHANGED_HERE = ("email", "external_id", "source", "events", "asked", "consent", "consent_wording")
_IF_MATCH: dict[str, Any] = {
    "name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
    "description": "The ETag of the lead as you read it.",
}  # fmt: skip
_NONE_MATCH: dict[str, Any] = {**_IF_MATCH, "name": "If-None-Match", "required": False}
_ETAG = {"headers": {"ETag": {"schema": {"type": "string"}, "description": "The version, for If-Match."}}}


class EventBody(Value):
    """Something that happened to a lead."""

    no: int
    kind: str
    at: Instant
    verdict: str
    actor: str
    channel: str | None
    data: dict[str, Json]


class EventList(Value):
    """A page of events."""

    data: tuple[EventBody, ...]
    next_cursor: str | None


class Touches(Value):
    """How a lead came to us."""

    first: Touch | None
    last: Touch | None
    data: tuple[Touch, ...]
    """Each time, oldest first."""


@router.get(
    "",
    response_model=LeadBody,
    responses={200: _ETAG, 304: {"description": "Unchanged."}, **problems(404, 422)},
    openapi_extra={"parameters": [_NONE_MATCH]},
)
async def show(request: Request, lead_id: UUID) -> Response:
    """One lead, with the ETag that a change must name."""
    await caller_of(request, Scope.LEADS_READ)
    async with house_of(request).db.read() as tx:
        body = body_of_lead(await lead_pages.get(tx, LeadId(lead_id)))
    etag = {"ETag": etag_of(body)}
    if request.headers.get("if-none-match") == etag["ETag"]:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=etag)
    return JSONResponse(body, headers=etag)


@router.patch("", response_model=LeadBody, responses={200: _ETAG, **problems(404, 409, 412, 413, 415, 422, 428)},
              openapi_extra={"parameters": [_IF_MATCH], **takes(CHANGES)})  # fmt: skip
@open_to_other_sites
async def change(request: Request, lead_id: UUID) -> JSONResponse:
    """Change what a lead's fields say; blanks change nothing. 412 when somebody changed it since it was read."""
    caller = await caller_of(request, Scope.LEADS_WRITE)
    told, seen = await json_of(request), request.headers.get("if-match")
    if seen is None:
        raise HTTPException(HTTPStatus.PRECONDITION_REQUIRED, "Read the lead first, and send its ETag as If-Match.")
    if not isinstance(told, dict):
        raise BadInput("body", type(told).__name__, "Send a JSON object.")
    for name in _NOT_CHANGED_HERE:
        if name in told:
            raise BadInput(name, str(told[name])[:60], "It can't be changed here: tell it by POST /v1/leads.")
    house = house_of(request)
    async with house.db.transaction() as tx:
        row = await lead_pages.hold(tx, LeadId(lead_id))
        if seen not in ("*", etag_of(body_of_lead(row))):
            detail = "The lead was changed since you read it: read it again, and change that."
            raise HTTPException(HTTPStatus.PRECONDITION_FAILED, detail)
        at, book = house.now(), await published.book(tx)
        door = Door(name="api", at=at, ip=address(request), user_agent=user_agent(request) or None)
        draft = read_json({**told, **await _known_by(tx, row)}, definition=book.definition, door=door)
        await lead_pages.change(tx, draft, row.lead.lead_id, book=book, at=at, actor=caller.name)
        body = body_of_lead(await lead_pages.get(tx, row.lead.lead_id))
    return JSONResponse(body, headers={"ETag": etag_of(body)})


@router.get("/events", response_model=EventList, responses=problems(404, 422))
async def happened(
    request: Request,
    lead_id: UUID,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JSONResponse:
    """What happened to a lead, newest first."""
    await caller_of(request, Scope.LEADS_READ)
    before = events.NEWEST if cursor is None else _number(cursor)
    async with house_of(request).db.read() as tx:
        await lead_pages.get(tx, LeadId(lead_id))
        rows = await events.of_lead(tx, LeadId(lead_id), before_no=before, limit=limit + 1)
    told = [row.model_dump(mode="json", include=set(EventBody.model_fields)) for row in rows[:limit]]
    following = cursor_of(str(rows[limit - 1].no)) if len(rows) > limit else None
    return JSONResponse({"data": told, "next_cursor": following})


@router.post("/events", response_model=Told, responses=problems(404, 409, 413, 415, 422),
             openapi_extra={**takes(EVENTS), **NEEDS_KEY})  # fmt: skip
@open_to_other_sites
async def tell(request: Request, lead_id: UUID) -> JSONResponse:
    """Tell what happened to a lead, oldest first. Needs an Idempotency-Key: told again, it is answered as before."""
    caller = await caller_of(request, Scope.LEADS_WRITE)
    key, told = needed_key(request), await json_of(request)
    if not isinstance(told, dict) or not isinstance(told.get("events"), list) or set(told) != {"events"}:
        raise BadInput("events", None, 'Send {"events": [{"kind": "…"}]} and nothing else.')
    rights_of(caller, told)
    door = Door(name="api", at=house_of(request).now(), source=caller.source, key=f"api:{caller.name}:{key}")
    return await once(request, caller, key, lambda tx: _happened(tx, LeadId(lead_id), told, door))


@router.get("/touches", response_model=Touches, responses=problems(404, 422))
async def touches(request: Request, lead_id: UUID) -> JSONResponse:
    """How a lead came to us: first, last and each time, with page, referrer, campaign and click id."""
    await caller_of(request, Scope.LEADS_READ)
    async with house_of(request).db.read() as tx:
        await lead_pages.get(tx, LeadId(lead_id))
        every = await visitors.touches(tx, LeadId(lead_id))
    first, last = (every[0], every[-1]) if every else (None, None)
    return JSONResponse(Touches(first=first, last=last, data=every).model_dump(mode="json"))


async def _happened(tx: Tx, lead_id: LeadId, told: Json, door: Door) -> tuple[HTTPStatus, Json]:
    row, book = await lead_pages.hold(tx, lead_id), await published.book(tx)
    assert isinstance(told, dict), "it was looked at before"
    draft = keyed(read_json({**told, **await _known_by(tx, row)}, definition=book.definition, door=door), door)
    recorded = await events.record(tx, lead_id, draft.events, book=book, at=door.at)
    numbered: list[Json] = [{"no": event.no, "kind": event.kind} for event in recorded.events]
    return HTTPStatus.OK, {"lead_id": str(lead_id), "is_new": False, "events": numbered}


async def _known_by(tx: Tx, row: ListedLead) -> dict[str, Json]:
    """A key of the lead, as a draft names it. Raises Conflict for a lead nobody can be known by: it was erased."""
    key = await lead_pages.key_of(tx, row.lead)
    if key is None:
        raise Conflict("This lead was erased: nothing can be told of them.")
    return {key.kind: key.value}


def _number(cursor: str) -> int:
    (text,) = cursor_parts(cursor, 1)
    if not text.isdecimal() or len(text) > 9:
        raise BadInput("cursor", cursor[:40], "Send next_cursor of the page before, unchanged.")
    return int(text)
