"""What does a call of another program carry: our key, a JSON body, and its own name for the call?"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.model import Json
from leadloom.store import api_calls
from leadloom.store.tx import Tx
from leadloom.web._public import content_type, house_of
from leadloom.web.security import too_large

LARGEST_CALL = 32 * 1024
"""Bytes of one call."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_JSON = TypeAdapter[Json](Json)


@dataclass(frozen=True)
class Caller:
    """Who calls."""

    name: str
    """Of their key; `api` for the key of the settings."""
    kinds: tuple[str, ...] | None = None
    """The only kinds of events they may tell of."""
    source: str | None = None


async def caller_of(request: Request, scope: Scope) -> Caller:
    """Whose key the call carries. Raises HTTPException 401 without one that opens anything, 403 without this right.

    A key made by `keys create`, or that of the settings, which may do everything. Without one in the settings the door
    is open on a house that is reached by loopback only, and shut elsewhere: a caller may tell any kind of event, so a
    forgotten setting must not let strangers win deals.
    """
    settings = house_of(request).settings
    scheme, _, told = request.headers.get("authorization", "").partition(" ")
    given, is_bearer = told.strip(), scheme.lower() == "bearer"
    if settings.api_key is not None:
        if is_bearer and hmac.compare_digest(given.encode(), settings.api_key.encode()):
            return Caller("api")
    elif not scheme and settings.is_near:
        return Caller("api")
    key = await request.app.state.tracking.keyring.key(given) if is_bearer and given else None
    if key is None:
        detail = "Send a key that `keys create` showed: Authorization: Bearer <key>."
        raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
    if scope not in key.scopes:
        detail = f"This key may not do that: make one with --scope {scope}."
        raise HTTPException(HTTPStatus.FORBIDDEN, detail)
    return Caller(key.name, key.kinds, key.source)


async def json_of(request: Request) -> Json:
    """The body of the call. Raises HTTPException 415, 413 or 400 with what is wrong with it."""
    media = content_type(request)
    if media != "application/json" and not media.endswith("+json"):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json.")
    raw = await request.body()
    if len(raw) > LARGEST_CALL:
        raise too_large(LARGEST_CALL)
    try:
        return _JSON.validate_python(json.loads(raw, parse_constant=_refuse_constant))
    except (ValueError, RecursionError, ValidationError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {type(error).__name__}.") from error


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


Work = Callable[[Tx], Awaitable[tuple[HTTPStatus, Json]]]
"""Does what a call asks, in a transaction; the status and the answer."""


async def once(request: Request, caller: Caller, key: str, work: Work) -> JSONResponse:
    """Do it once for this key: said again, it is answered as before (draft-ietf-httpapi-idempotency-key-header-07).

    Raises HTTPException 422 for the same key with something else in it, 409 while the first is still running.
    """
    house, running = house_of(request), cast("set[tuple[str, str]]", request.app.state.running_calls)
    said = request.method.encode() + request.url.path.encode() + b"\n" + await request.body()
    digest, mine = hashlib.sha256(said).hexdigest(), (caller.name, key)
    if mine in running:
        raise HTTPException(HTTPStatus.CONFLICT, "The first call with this key is still running: ask again.")
    running.add(mine)
    try:
        async with house.db.transaction() as tx:
            before = await api_calls.begin(tx, caller.name, key, digest, at=house.now())
            if before is None:
                status, answer = await work(tx)
                await api_calls.end(tx, caller.name, key, status=int(status), answer=answer)
                return JSONResponse(answer, status_code=status)
    finally:
        running.discard(mine)
    if before.digest != digest:
        detail = "This Idempotency-Key was used for another call: a new call needs a key of its own."
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return JSONResponse(before.answer, status_code=before.status or 200, headers={"Idempotent-Replayed": "true"})


async def done_once(request: Request, caller: Caller, work: Work) -> JSONResponse:
    """`once` for a call with an Idempotency-Key; one without is just done. Raises as `once`."""
    if (key := repeat_key(request)) is not None:
        return await once(request, caller, key, work)
    async with house_of(request).db.transaction() as tx:
        status, answer = await work(tx)
    return JSONResponse(answer, status_code=status)


def words_of(body: Json, field: str, *, longest: int = 300) -> str:
    """A text the call must say. Raises BadInput."""
    told = body.get(field) if isinstance(body, dict) else None
    if not isinstance(told, str) or not told.strip() or len(told) > longest:
        raise BadInput(field, str(told)[:40], f"Say {field} in words, at most {longest} characters.")
    return told.strip()


def needed_key(request: Request) -> str:
    """The Idempotency-Key where one is required. Raises HTTPException 400 without one."""
    if (key := repeat_key(request)) is None:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "Send an Idempotency-Key: a name of yours for this call.")
    return key


def repeat_key(request: Request) -> str | None:
    """What the caller calls this call, so that its repetition is the same. Raises BadInput."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise BadInput("Idempotency-Key", key[:40], "Use 1 to 200 visible ASCII characters.")
    return key
