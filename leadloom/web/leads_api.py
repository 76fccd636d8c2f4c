"""How does another program tell us of a lead? POST /v1/leads, safe to repeat by its Idempotency-Key."""

from __future__ import annotations

import hmac
import json
import re
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.capture import Door
from leadloom.domain.model import Json
from leadloom.web._public import address, arrivals_of, content_type, house_of, user_agent
from leadloom.web.security import open_to_other_sites, too_large

router = APIRouter(prefix="/v1")

LARGEST_LEAD = 32 * 1024
"""Bytes of one call."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_JSON = TypeAdapter[Json](Json)


@router.post("/leads")
@open_to_other_sites
async def tell(request: Request) -> JSONResponse:
    """Find or make the lead, keep what is told: 201 for a new one, 200 for a known one."""
    _check_key(request)
    body = await _body(request)
    key = _repeat_key(request)
    door = Door(
        name="api",
        at=house_of(request).now(),
        key=None if key is None else f"api:{key}",
        wording=_wording(body),
        ip=address(request),
        user_agent=user_agent(request) or None,
    )
    captured = await arrivals_of(request).call(body, door, at=door.at)
    told = {
        "lead_id": str(captured.lead_id),
        "is_new": captured.is_new,
        "events": [{"no": event.no, "kind": event.kind} for event in captured.recorded.events],
    }
    return JSONResponse(told, status_code=HTTPStatus.CREATED if captured.is_new else HTTPStatus.OK)


def _check_key(request: Request) -> None:
    """Raise HTTPException 401 unless the call carries our key.

    Without a key in the settings the door is open on a house that is reached by loopback only, and shut elsewhere: a
    caller may tell any kind of event, so a forgotten setting must not let strangers win deals.
    """
    settings = house_of(request).settings
    expected = settings.api_key
    if expected is None:
        if urlsplit(settings.public_url).hostname in ("127.0.0.1", "::1", "localhost"):
            return
        detail = "This door has no key yet. Whoever runs this installation sets LEADLOOM_API_KEY."
        raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(given.strip().encode(), expected.encode())
    if scheme.lower() != "bearer" or not right:
        detail = "Send the key of this installation (LEADLOOM_API_KEY): Authorization: Bearer <key>."
        raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})


async def _body(request: Request) -> Json:
    media = content_type(request)
    if media != "application/json" and not media.endswith("+json"):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json.")
    raw = await request.body()
    if len(raw) > LARGEST_LEAD:
        raise too_large(LARGEST_LEAD)
    try:
        return _JSON.validate_python(json.loads(raw, parse_constant=_refuse_constant))
    except (ValueError, RecursionError, ValidationError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {type(error).__name__}.") from error


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _repeat_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise BadInput("Idempotency-Key", key[:40], "Use 1 to 200 visible ASCII characters.")
    return key


def _wording(body: Json) -> str:
    """The sentence the person agreed to, which a sender of consent must tell; it isn't kept as an attribute."""
    return str(body.pop("consent_wording", None) or "")[:1000] if isinstance(body, dict) else ""
