"""What does a call of another program carry: our key, a JSON body, and its own name for the call?"""

from __future__ import annotations

import hmac
import json
import re
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from pydantic import TypeAdapter, ValidationError

from leadloom.domain.errors import BadInput
from leadloom.domain.model import Json
from leadloom.web._public import content_type, house_of
from leadloom.web.security import too_large

LARGEST_CALL = 32 * 1024
"""Bytes of one call."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_JSON = TypeAdapter[Json](Json)


def check_key(request: Request) -> None:
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


def repeat_key(request: Request) -> str | None:
    """What the caller calls this call, so that its repetition is the same. Raises BadInput."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise BadInput("Idempotency-Key", key[:40], "Use 1 to 200 visible ASCII characters.")
    return key
