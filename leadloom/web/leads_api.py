"""How does another program tell us of a lead, or ask for leads? /v1/leads."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field, TypeAdapter, ValidationError

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.capture import Door, read_json
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.model import Instant, Json, Value
from leadloom.runtime.arrivals import keyed
from leadloom.store import lead_pages, leads, published
from leadloom.store.lead_pages import Asked
from leadloom.store.leads import Captured
from leadloom.store.tx import Tx
from leadloom.web._described import problems, takes
from leadloom.web._leads import CAPTURE, IDEMPOTENT, LeadList, Told, body_of_lead, rights_of
from leadloom.web._program import caller_of, json_of, once, repeat_key
from leadloom.web._public import address, arrivals_of, house_of, user_agent
from leadloom.web.security import open_to_other_sites

router = APIRouter(prefix="/v1", tags=["leads"])

MOST = 200
"""Leads of one page."""
_PARTS = TypeAdapter(list[str])


class Search(Value):
    """Which leads, and which page of them."""

    email: str | None = Field(default=None, max_length=254)
    external_id: str | None = Field(default=None, max_length=255)
    company: str | None = Field(default=None, max_length=255)
    country: str | None = Field(default=None, max_length=2)
    source: str | None = Field(default=None, max_length=64)
    stage: str | None = Field(default=None, max_length=64)
    since: Instant | None = None
    """Captured at or after."""
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=50, ge=1, le=MOST)


@router.post(
    "/leads",
    status_code=HTTPStatus.CREATED,
    response_model=Told,
    responses={200: {"model": Told, "description": "The lead was known."}, **problems(409, 413, 415, 422)},
    openapi_extra={**takes(CAPTURE), **IDEMPOTENT},
)
@open_to_other_sites
async def tell(request: Request) -> JSONResponse:
    """Find or make the lead, keep what is told: 201 for a new one, 200 for a known one.

    With an Idempotency-Key the same call again is answered as the first was.
    """
    caller = await caller_of(request, Scope.LEADS_WRITE)
    body = await json_of(request)
    rights_of(caller, body)
    key = repeat_key(request)
    door = Door(
        name="api",
        at=house_of(request).now(),
        source=caller.source,
        key=None if key is None else f"api:{key}",
        wording=_wording(body),
        ip=address(request),
        user_agent=user_agent(request) or None,
    )
    if key is not None:
        return await once(request, caller, key, lambda tx: _tell(tx, body, door))
    captured = await arrivals_of(request).call(body, door, at=door.at)
    status, told = _told(captured)
    return JSONResponse(told, status_code=status)


@router.get("/leads", response_model=LeadList, responses=problems(422))
async def search(request: Request, asked: Annotated[Search, Query()]) -> JSONResponse:
    """Leads, newest first; `next_cursor` asks for the page behind this one."""
    await caller_of(request, Scope.LEADS_READ)
    for name in ("email", "external_id", "company", "country", "source", "stage"):
        word = getattr(asked, name)
        if word is not None and not word.isprintable():
            raise BadInput(name, word[:40], "Write it on one line, without control characters.")
    which = Asked.model_validate(
        {
            **asked.model_dump(exclude={"cursor", "limit"}),
            "email": asked.email and asked.email.strip().lower(),
            "country": asked.country and asked.country.upper(),
        }
    )
    after = None if asked.cursor is None else read_cursor(asked.cursor)
    async with house_of(request).db.read() as tx:
        rows = await lead_pages.page(tx, which, after=after, limit=asked.limit + 1)
    shown = rows[: asked.limit]
    last = shown[-1].lead if len(rows) > asked.limit else None
    following = None if last is None else cursor_of(last.created_at.isoformat(), str(last.lead_id))
    return JSONResponse({"data": [body_of_lead(row) for row in shown], "next_cursor": following})


def cursor_of(*parts: str) -> str:
    """A place in a list, as nobody need understand it."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def cursor_parts(cursor: str, count: int) -> Sequence[str]:
    """What is in a cursor. Raises BadInput for one that isn't ours."""
    try:
        parts = _PARTS.validate_json(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValidationError, ValueError):
        parts = list[str]()
    if len(parts) != count:
        raise BadInput("cursor", cursor[:40], "Send next_cursor of the page before, unchanged.")
    return parts


def read_cursor(cursor: str) -> tuple[datetime, UUID]:
    """Behind which lead the page begins. Raises BadInput."""
    at, lead_id = cursor_parts(cursor, 2)
    try:
        instant = datetime.fromisoformat(at)
        return (instant if instant.tzinfo else _no_zone(at)), UUID(lead_id)
    except ValueError as error:
        raise BadInput("cursor", cursor[:40], "Send next_cursor of the page before, unchanged.") from error


def _no_zone(at: str) -> datetime:
    raise ValueError(f"{at} has no zone")


async def _tell(tx: Tx, body: Json, door: Door) -> tuple[HTTPStatus, Json]:
    book = await published.book(tx)
    draft = keyed(read_json(body, definition=book.definition, door=door), door)
    return _told(await leads.capture(tx, draft, book=book, at=door.at, actor="system"))


def _told(captured: Captured) -> tuple[HTTPStatus, dict[str, Json]]:
    told: dict[str, Json] = {
        "lead_id": str(captured.lead_id),
        "is_new": captured.is_new,
        "events": [{"no": event.no, "kind": event.kind} for event in captured.recorded.events],
    }
    return (HTTPStatus.CREATED if captured.is_new else HTTPStatus.OK), told


def _wording(body: Json) -> str:
    """The sentence the person agreed to, which a sender of consent must tell; it isn't kept as an attribute."""
    return str(body.pop("consent_wording", None) or "")[:1000] if isinstance(body, dict) else ""
