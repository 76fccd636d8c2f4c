"""How does another program say that two leads are one person, or two after all? /v1/merges."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from leadloom.domain.definitions.one_person import MERGED_FIELDS
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.model import Instant, Json, LeadId, Value
from leadloom.store import merge_preview, merges, merging, parting, published
from leadloom.store.merges import MergeRow
from leadloom.store.merging import MergeOrder
from leadloom.store.parting import Undo
from leadloom.store.tx import Tx
from leadloom.web._described import problems, takes
from leadloom.web._leads import IDEMPOTENT
from leadloom.web._program import caller_of, done_once, json_of, words_of
from leadloom.web._public import house_of
from leadloom.web.duplicates_api import WHY
from leadloom.web.leads_api import cursor_of, cursor_parts
from leadloom.web.security import open_to_other_sites

router = APIRouter(prefix="/v1/merges", tags=["duplicates"])

_ID: dict[str, Any] = {"type": "string", "format": "uuid"}
_MERGE: dict[str, Any] = {
    "type": "object",
    "required": ["leads", "why"],
    "properties": {
        "leads": {"type": "array", "items": _ID, "minItems": 2, "maxItems": 2},
        "why": WHY["properties"]["why"],
        "fields": {
            "type": "object",
            "description": "Field → the lead whose value stands; the others go by the definition's rules.",
            "properties": dict.fromkeys(MERGED_FIELDS, _ID),
            "additionalProperties": False,
        },
        "seen": {"type": "string", "description": "Of the pair as you read it: 409 when one of them changed since."},
    },
}


class MergeBody(Value):
    """Two leads that became one."""

    merge_id: str
    lead_id: str
    """Who they are today."""
    survivor_id: str
    loser_id: str
    at: Instant
    by: str
    why: str
    rule: str
    can_be_undone: bool
    undone_at: Instant | None
    undone_by: str | None


class MergeList(Value):
    """A page of merges, the newest first."""

    data: tuple[MergeBody, ...]
    next_cursor: str | None


class PartedBody(Value):
    """Two leads again."""

    merge_id: str
    survivor_id: str
    loser_id: str
    events_since: int
    """What happened since the merge; the survivor keeps it."""
    said_no_since: bool
    """They ended marketing meanwhile: it holds for both."""


@router.get("", response_model=MergeList, responses=problems(422))
async def listed(
    request: Request,
    lead_id: Annotated[UUID | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JSONResponse:
    """Merges, the newest first, undone ones too; of one lead, or of all."""
    await caller_of(request, Scope.LEADS_READ)
    before = None if cursor is None else _seq(cursor)
    lead = None if lead_id is None else LeadId(lead_id)
    async with house_of(request).db.read() as tx:
        rows = await merges.page(tx, lead_id=lead, before=before, limit=limit + 1)
    following = cursor_of(str(rows[limit - 1].seq)) if len(rows) > limit else None
    return JSONResponse({"data": [_body(row) for row in rows[:limit]], "next_cursor": following})


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=MergeBody,
    responses={200: {"model": MergeBody, "description": "They were one already."}, **problems(404, 409, 413, 415, 422)},
    openapi_extra={**takes(_MERGE), **IDEMPOTENT},
)
@open_to_other_sites
async def merge(request: Request) -> JSONResponse:
    """Make one lead of two. Twice is once: 200 with the merge that made them one."""
    caller = await caller_of(request, Scope.MERGE)
    body, at = await json_of(request), house_of(request).now()
    why, leads, fields = words_of(body, "why"), _leads(body), _fields(body)
    seen = body.get("seen") if isinstance(body, dict) else None

    async def work(tx: Tx) -> tuple[HTTPStatus, Json]:
        book = await published.book(tx)
        known = await tx.maybe("merge_of_pair", lead_ids=list(leads))
        if known is None and seen is not None and (await merge_preview.preview(tx, *leads, book=book)).seen != seen:
            raise Conflict("One of them changed since you read them: look again, then decide.")
        order = MergeOrder(one=leads[0], other=leads[1], by=caller.name, why=why, fields=fields)
        done = await merging.merge(tx, order, book=book, at=at)
        status = HTTPStatus.CREATED if done.is_new else HTTPStatus.OK
        return status, _body(await merges.get(tx, done.merge_id))

    return await done_once(request, caller, work)


@router.post(
    "/{merge_id}/undo",
    response_model=PartedBody,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra={**takes(WHY), **IDEMPOTENT},
)
@open_to_other_sites
async def undo(request: Request, merge_id: UUID) -> JSONResponse:
    """Part them again, and keep them apart from then on. 409 when it was undone before, or can't be any more."""
    caller = await caller_of(request, Scope.MERGE)
    why, at = words_of(await json_of(request), "why"), house_of(request).now()

    async def work(tx: Tx) -> tuple[HTTPStatus, Json]:
        order = Undo(merge_id=merge_id, by=caller.name, why=why)
        done = await parting.undo(tx, order, book=await published.book(tx), at=at)
        return HTTPStatus.OK, {"merge_id": str(merge_id), **done.model_dump(mode="json")}

    return await done_once(request, caller, work)


def _body(row: MergeRow) -> dict[str, Json]:
    told = row.model_dump(mode="json", include=set(MergeBody.model_fields))
    return {**told, "can_be_undone": row.can_be_undone}


def _leads(body: Json) -> tuple[LeadId, LeadId]:
    told = body.get("leads") if isinstance(body, dict) else None
    if not isinstance(told, list) or len(told) != 2:
        raise BadInput("leads", None, "Send the ids of two leads: a list of two.")
    return _lead("leads/0", told[0]), _lead("leads/1", told[1])


def _fields(body: Json) -> dict[str, LeadId]:
    told = body.get("fields", {}) if isinstance(body, dict) else None
    if not isinstance(told, dict):
        raise BadInput("fields", None, "Send an object: field → the id of the lead whose value stands.")
    return {field: _lead(f"fields/{field}"[:80], value) for field, value in told.items()}


def _lead(field: str, value: Json) -> LeadId:
    try:
        return LeadId(UUID(value if isinstance(value, str) else ""))
    except ValueError as error:
        raise BadInput(field, str(value)[:40], "Send the id of a lead.") from error


def _seq(cursor: str) -> int:
    (text,) = cursor_parts(cursor, 1)
    if not text.isdecimal() or not text.isascii() or len(text) > 18:
        raise BadInput("cursor", cursor[:40], "Send next_cursor of the page before, unchanged.")
    return int(text)
