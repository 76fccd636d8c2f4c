"""Where do tracking clients send? Segment's addresses, so that its clients need no change but the host."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from leadloom.domain.intake.tracked import LARGEST
from leadloom.domain.model import Json, Value
from leadloom.web._described import problems, takes
from leadloom.web._public import house_of
from leadloom.web._tracking import PREFLIGHT, body_of, sender, too_large_of, tracking_of
from leadloom.web.security import open_to_other_sites

router = APIRouter(prefix="/v1", tags=["tracking"])

MOST_CALLS = 2500
"""Of one batch; 500 KB hold no more sensible ones."""
_LETTERS = {"i": "identify", "t": "track", "p": "page", "g": "group", "a": "alias", "s": "screen"}
"""What the browser library calls them."""
_TAKEN = {"success": True}
_CALL: dict[str, Any] = {
    "type": "object",
    "description": "One call, as Segment's specification has it. Ids may be null.",
    "properties": {
        "messageId": {"type": "string", "description": "The client's name for it: sent again, it is taken once."},
        "userId": {"type": ["string", "integer", "null"]},
        "anonymousId": {"type": ["string", "integer", "null"]},
        "event": {"type": "string", "description": "Of a track call: what happened."},
        "traits": {"type": "object"},
        "properties": {"type": "object"},
        "context": {"type": "object"},
        "timestamp": {"type": "string"},
        "writeKey": {"type": "string", "description": "The key, when it isn't in the Authorization header."},
    },
}
_BATCH: dict[str, Any] = {
    "type": "object",
    "required": ["batch"],
    "properties": {
        "batch": {"type": "array", "maxItems": 2500, "items": _CALL},
        "writeKey": {"type": "string"},
        "sentAt": {"type": "string"},
    },
}


class Taken(Value):
    """All of it is in Postgres, or on the list of dropped events."""

    success: bool


@router.post("/batch", response_model=Taken, responses=problems(413, 429), openapi_extra=takes(_BATCH))
@open_to_other_sites
async def batch(request: Request) -> JSONResponse:
    """Take several calls (`batch`): 200 once all of them are in Postgres.

    What can't be taken is no reason for another answer: it waits in the list of dropped events, with its reason.
    """
    body, size = await body_of(request)
    who = await sender(request, body)
    items = body.get("batch")
    if not isinstance(items, list) or len(items) > MOST_CALLS:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"`batch` is a list of at most {MOST_CALLS} calls.")
    # What the batch says of itself counts for each of its calls, as Segment has it.
    shared = {name: body[name] for name in ("context", "integrations") if name in body}
    calls: list[Json] = [{**shared, **item} if shared and isinstance(item, dict) else item for item in items]
    large = too_large_of(calls, size)
    await tracking_of(request).take(calls, who, sent_at=body.get("sentAt"), too_large=large)
    return JSONResponse(_TAKEN)


@router.post("/m", include_in_schema=False)
@open_to_other_sites
async def metrics() -> Response:
    """Swallow what the browser library measures of itself; nobody reads it."""
    return Response(status_code=HTTPStatus.OK)


@open_to_other_sites
async def one(request: Request) -> JSONResponse:
    """Take one call: 200 once it is in Postgres. 400 for one larger than 32 KB."""
    call = request.url.path.rpartition("/")[2]
    body, size = await body_of(request)
    who = await sender(request, body)
    item = {name: value for name, value in body.items() if name != "writeKey"} | {"type": _LETTERS.get(call, call)}
    if too_large_of([item], size):
        detail = f"Send at most {LARGEST // 1024} KB of one call."
        raise HTTPException(HTTPStatus.BAD_REQUEST, detail)
    await tracking_of(request).take([item], who)
    return JSONResponse(_TAKEN)


for _letter, _call in _LETTERS.items():
    router.add_api_route(
        f"/{_call}",
        one,
        methods=["POST"],
        name=_call,
        operation_id=_call,
        response_model=Taken,
        responses=problems(413, 429),
        openapi_extra=takes(_CALL),
    )
    router.add_api_route(f"/{_letter}", one, methods=["POST"], include_in_schema=False)


async def preflight() -> Response:
    """Say to a browser that any page may send here."""
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=PREFLIGHT)


for _path in ("batch", "m", *_LETTERS, *_LETTERS.values(), "projects/{key}/settings"):
    router.add_api_route(f"/{_path}", preflight, methods=["OPTIONS"], include_in_schema=False)


@router.get("/projects/{key}/settings", responses=problems(404, 422))
async def settings(request: Request, key: str) -> JSONResponse:
    """What the browser library asks for before anything else: where to send. 404 for a key that opens nothing."""
    if await tracking_of(request).keyring.key(key) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no source of this key.")
    ours = urlsplit(house_of(request).settings.public_url)
    segment: dict[str, Json] = {
        "apiKey": key,
        "apiHost": f"{ours.netloc}{ours.path.rstrip('/')}/v1",
        "protocol": ours.scheme,
        "unbundledIntegrations": [],
        "addBundledMetadata": True,
        "maybeBundledConfigIds": {},
        "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
    }
    document: dict[str, Json] = {
        "integrations": {"Segment.io": segment},
        "plan": {"track": {"__default": {"enabled": True}}, "identify": {"__default": {"enabled": True}}},
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        # Nobody reads what the library measures of itself: it needn't send it.
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }
    return JSONResponse(document, headers={"Cache-Control": "public, max-age=300"})
