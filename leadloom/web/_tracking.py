"""What does a tracking call carry: a key by one of three ways, a body that may be packed, several calls at once?"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from fastapi import HTTPException, Request
from pydantic_core import from_json, to_json

from leadloom.domain.intake.scopes import Scope
from leadloom.domain.intake.tracked import LARGEST, Sender
from leadloom.domain.model import Json
from leadloom.runtime.tracking import Tracking, sender_of
from leadloom.web._public import user_agent
from leadloom.web.security import LARGEST_BATCH, too_large

PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Content-Encoding, Authorization, X-Retry-Count",
    "Access-Control-Max-Age": "86400",
}
_GZIP = 16 + zlib.MAX_WBITS
_WINDOW = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}


def tracking_of(request: Request) -> Tracking:
    """The door the app's tracking calls share."""
    return request.app.state.tracking


async def body_of(request: Request) -> tuple[dict[str, Json], int]:
    """The JSON object that was sent, and its bytes; whatever its content type says, as browsers say text/plain.

    Raises HTTPException 400 for what is no JSON object, 413 for what is too large: clients give both up.
    """
    raw = unpacked(await request.body(), request.headers.get("content-encoding", ""))
    try:
        body = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from error
    if not isinstance(body, dict):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "Send a JSON object.")
    # Cast: pydantic_core leaves the type of what it read open.
    return cast("dict[str, Json]", body), len(raw)


def unpacked(raw: bytes, encoding: str, *, largest: int = LARGEST_BATCH) -> bytes:
    """The bytes without their compression, never more than `largest`: a small body may unpack to a very large one."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return raw
    if encoding not in _WINDOW:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "Pack the body with gzip, or not at all.")
    stream = zlib.decompressobj(_WINDOW[encoding])
    try:
        whole = stream.decompress(raw, largest + 1)
    except zlib.error as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The body can't be unpacked.") from error
    if len(whole) > largest:
        raise too_large(largest)
    if not stream.eof:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The packed body ends too early.")
    return whole


async def sender(request: Request, body: dict[str, Json]) -> Sender:
    """Whose key it is: by Basic (as its user name), Bearer, or `writeKey` in the body. Raises HTTPException 401."""
    told = _authorization(request) or body.get("writeKey")
    key = await tracking_of(request).keyring.key(told) if isinstance(told, str) and told else None
    if key is None or Scope.TRACK not in key.scopes:
        detail = "This key opens nothing: send the write key of a source, as `keys create` showed it."
        # No WWW-Authenticate: Basic, which would open a browser's own question for a password on a visitor's page.
        raise HTTPException(HTTPStatus.UNAUTHORIZED, detail)
    return sender_of(key, user_agent(request))


def too_large_of(items: Sequence[Json], size: int) -> frozenset[int]:
    """Places of calls that are larger than we take; a body of `size` bytes that is small enough holds none."""
    if size <= LARGEST:
        return frozenset()
    return frozenset(place for place, item in enumerate(items) if len(to_json(item)) > LARGEST)


def _authorization(request: Request) -> str | None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return None
