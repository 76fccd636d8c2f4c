"""What may a request do to us, and what may a page do in a browser? Headers, sizes, and who may post."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadloom.domain.mails.links import PATHS

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing inline, nothing foreign. A page that needs more says so itself."""

LARGEST_BODY = 64 * 1024
"""Bytes of a request; the forms and calls we take are far smaller."""
LARGEST_POST = 1024 * 1024
"""Bytes a mail provider may post: SendGrid collects events until they fill 768 KB."""
LARGEST_LIST = (200 << 20) + LARGEST_BODY
"""Bytes of a list of leads with the form it comes by."""
LARGEST_BATCH = 500 * 1024
"""Bytes of a batch of tracking calls, as Segment takes them; its clients cut theirs at 475,000."""
_LARGER = {"/webhooks/": LARGEST_POST, "/v1/batch": LARGEST_BATCH}
"""What an address begins with → the bytes it takes."""
_LISTS = "/imports"
"""Takes whole files, which go to the disk as they come: this very address, and none below it."""

_ANY_PAGE = frozenset(
    f"/v1/{each}" for each in ("batch", "m", *"itpgas", "identify", "track", "page", "group", "alias", "screen")
)
_SETTINGS = ("/v1/projects/", "/submissions/v3/")
"""Where any page may send to or ask: the key is what counts, and no cookie is ever looked at."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN_PAGES = tuple(PATHS.values())
_OPEN = "open_to_other_sites"

_OURS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# The address is the right to act: it must reach no other site, no cache and no search engine.
_OF_TOKEN_PAGES = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_HEADERS = Headers(_OURS).raw
_OPEN_HEADERS = Headers({**_OURS, "Access-Control-Allow-Origin": "*"}).raw
_TOKEN_HEADERS = Headers({**_OURS, **_OF_TOKEN_PAGES}).raw
"""As ASGI wants them, names in lower case."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def open_to_other_sites(endpoint: Endpoint) -> Endpoint:
    """Let this endpoint be posted to from anywhere: its right is in the request, not in the browser's cookies.

    Signed links carry their token, the API its key, and forms are embedded in pages of other hosts. Such an endpoint
    must never look at a cookie.
    """
    setattr(endpoint, _OPEN, True)
    return endpoint


async def refuse_other_sites(request: Request) -> None:
    """Raise HTTPException 403 for a change that another site asks for through a visitor's browser (CSRF).

    Every browser of today says where a post came from. A client that says nothing is no browser, and has no cookies
    that somebody else could ride on.
    """
    endpoint = request.scope.get("endpoint")
    if request.method in _SAFE or getattr(endpoint, _OPEN, False) or not _is_foreign(request):
        return
    detail = "This was sent from another site. Open the page itself and send it from there; nothing was changed."
    raise HTTPException(HTTPStatus.FORBIDDEN, detail)


def _is_foreign(request: Request) -> bool:
    came_from = request.headers.get("sec-fetch-site")
    if came_from is not None:
        return came_from not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


class SafeHeaders:
    """Puts our headers on every answer; an answer that has one of its own keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", ())
                names = {name.lower() for name, _ in own}
                ours = _headers_of(scope["path"])
                message["headers"] = [*own, *(header for header in ours if header[0] not in names)]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def takes_tracking(path: str) -> bool:
    """Whether this is an address of tracking clients."""
    return path in _ANY_PAGE or path.startswith(_SETTINGS)


def _headers_of(path: str) -> list[tuple[bytes, bytes]]:
    if takes_tracking(path):
        return _OPEN_HEADERS
    return _TOKEN_HEADERS if path.startswith(_TOKEN_PAGES) else _HEADERS


class LimitedBody:
    """Ends the reading of a body that is larger than we take, whatever its Content-Length says."""

    def __init__(self, app: ASGIApp, *, largest: int = LARGEST_BODY) -> None:
        self._app, self._largest = app, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        path = scope["path"]
        largest = next((each for prefix, each in _LARGER.items() if path.startswith(prefix)), self._largest)
        largest = LARGEST_LIST if path == _LISTS else largest
        read = 0

        async def receive_some() -> Message:
            nonlocal read
            if declared.isdecimal() and int(declared) > largest:
                raise too_large(largest)
            message = await receive()
            read += len(message.get("body", b""))
            if read > largest:
                raise too_large(largest)
            return message

        await self._app(scope, receive_some, send)


def too_large(largest: int) -> HTTPException:
    """What to raise for a body that is larger than `largest` bytes."""
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Send at most {largest // 1024} KB.")
