"""How does another program work through leads that may be one person? /v1/duplicates."""

from __future__ import annotations

import math
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.model import Instant, Json, LeadId, Value
from leadloom.domain.people.side_by_side import Confidence, FieldLine, PermissionLine, confidence
from leadloom.store import duplicates, merge_preview, merges, published
from leadloom.store.duplicates import QueueFilter, QueuePlace
from leadloom.store.tx import Tx
from leadloom.web._described import problems, takes
from leadloom.web._leads import IDEMPOTENT
from leadloom.web._program import caller_of, done_once, json_of, words_of
from leadloom.web._public import house_of
from leadloom.web.leads_api import cursor_of, cursor_parts
from leadloom.web.security import open_to_other_sites

router = APIRouter(prefix="/v1/duplicates", tags=["duplicates"])

WHY: dict[str, Any] = {
    "type": "object",
    "required": ["why"],
    "properties": {"why": {"type": "string", "minLength": 1, "maxLength": 300, "description": "In words; kept."}},
}
_LATER: dict[str, Any] = {
    "type": "object",
    "properties": {"days": {"type": "integer", "minimum": 1, "maximum": 365, "description": "7 when it isn't said."}},
}


class DuplicateBody(Value):
    """Two leads that may be one person, or that somebody keeps apart."""

    leads: tuple[str, str]
    """The older one first."""
    names: tuple[str, str]
    bits: float
    """How likely above even; 10 is a thousand to one."""
    confidence: Confidence
    reasons: tuple[str, ...]
    found_at: Instant
    state: Literal["open", "apart"]
    put_off_until: Instant | None
    decided_at: Instant | None
    decided_by: str | None
    why: str


class DuplicateList(Value):
    """A page of pairs, the likeliest first."""

    data: tuple[DuplicateBody, ...]
    next_cursor: str | None


class PairBody(Value):
    """What a merge would make of two leads."""

    survivor: str
    other: str
    because: str
    """Why the survivor stays."""
    fields: tuple[FieldLine, ...]
    permissions: tuple[PermissionLine, ...]
    """The stricter word wins."""
    seen: str
    """Send it with the merge: 409 when one of them changed since."""


class Settled(Value):
    """What was said of a pair."""

    leads: tuple[str, str]
    state: Literal["open", "apart"]
    put_off_until: Instant | None


@router.get("", response_model=DuplicateList, responses=problems(422))
async def listed(
    request: Request,
    show: Annotated[Literal["open", "later", "apart"], Query()] = "open",
    source: Annotated[str | None, Query(max_length=64)] = None,
    least: Annotated[float | None, Query(ge=-1000, le=1000)] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JSONResponse:
    """Pairs that wait (`open`), were put off (`later`) or are kept apart, the likeliest first."""
    await caller_of(request, Scope.LEADS_READ)
    if source is not None and not source.isprintable():
        raise BadInput("source", source[:40], "Write it on one line, without control characters.")
    which, house = QueueFilter(show=show, source=source, least=least), house_of(request)
    after = None if cursor is None else _place(cursor)
    async with house.db.read() as tx:
        page = await duplicates.queue(tx, which, at=house.now(), after=after, limit=limit)
    told = [
        DuplicateBody(
            leads=(str(row.lead_id), str(row.other_id)), names=(row.name, row.other_name), bits=row.bits,
            confidence=confidence(row.bits), reasons=row.reasons, found_at=row.found_at, state=row.state,
            put_off_until=row.put_off_until, decided_at=row.decided_at, decided_by=row.decided_by, why=row.why,
        ).model_dump(mode="json")
        for row in page.rows
    ]  # fmt: skip
    following = None if page.next is None else cursor_of(*(str(part) for part in page.next.model_dump().values()))
    return JSONResponse({"data": told, "next_cursor": following})


@router.get("/{lead_id}/{other_id}", response_model=PairBody, responses=problems(404, 422))
async def show(request: Request, lead_id: UUID, other_id: UUID) -> JSONResponse:
    """Both side by side: who would stay, what of each field, and what they may be sent. Changes nothing."""
    await caller_of(request, Scope.LEADS_READ)
    house = house_of(request)
    async with house.db.read() as tx:
        book = await published.book(tx)
        pair = [await merges.now(tx, LeadId(lead_id)), await merges.now(tx, LeadId(other_id))]
        found = await merge_preview.side_by_side(tx, pair[0], pair[1], book=book, at=house.now())
    told = PairBody(
        survivor=str(found.preview.survivor.lead.lead_id), other=str(found.preview.loser.lead.lead_id),
        because=found.because, fields=found.fields, permissions=found.permissions, seen=found.preview.seen,
    )  # fmt: skip
    return JSONResponse(told.model_dump(mode="json"))


@router.post(
    "/{lead_id}/{other_id}/keep-apart",
    response_model=Settled,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra={**takes(WHY), **IDEMPOTENT},
)
@open_to_other_sites
async def keep_apart(request: Request, lead_id: UUID, other_id: UUID) -> JSONResponse:
    """Two people: never suggested again, and merged by no rule. Twice is once."""
    caller = await caller_of(request, Scope.MERGE)
    why, at = words_of(await json_of(request), "why"), house_of(request).now()

    async def work(tx: Tx) -> tuple[HTTPStatus, Json]:
        one, other = await duplicates.both(tx, LeadId(lead_id), LeadId(other_id))
        await duplicates.keep_apart(tx, one, other, why=why, by=caller.name, at=at)
        return HTTPStatus.OK, {"leads": [str(one), str(other)], "state": "apart", "put_off_until": None}

    return await done_once(request, caller, work)


@router.post(
    "/{lead_id}/{other_id}/later",
    response_model=Settled,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra={**takes(_LATER), **IDEMPOTENT},
)
@open_to_other_sites
async def later(request: Request, lead_id: UUID, other_id: UUID) -> JSONResponse:
    """Put a suggestion off; it stays open and comes back. 404 when none waits."""
    caller = await caller_of(request, Scope.MERGE)
    body = await json_of(request)
    days = body.get("days", 7) if isinstance(body, dict) else None
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 365:
        raise BadInput("days", str(days)[:40], "Send an object with days, a whole number from 1 to 365.")
    until = house_of(request).now() + timedelta(days=days)

    async def work(tx: Tx) -> tuple[HTTPStatus, Json]:
        one, other = await duplicates.both(tx, LeadId(lead_id), LeadId(other_id))
        await duplicates.put_off(tx, one, other, until=until, by=caller.name)
        return HTTPStatus.OK, {"leads": [str(one), str(other)], "state": "open", "put_off_until": until.isoformat()}

    return await done_once(request, caller, work)


def _place(cursor: str) -> QueuePlace:
    bits, lead, other = cursor_parts(cursor, 3)
    try:
        after = float(bits)
        if not math.isfinite(after):
            raise ValueError(bits)
        return QueuePlace(after_bits=after, after_lead=UUID(lead), after_other=UUID(other))
    except ValueError as error:
        raise BadInput("cursor", cursor[:40], "Send next_cursor of the page before, unchanged.") from error
