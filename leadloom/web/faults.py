"""How is an error said? To programs as RFC 9457 problem+json, to people as a page; HTTP codes live here."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from leadloom.domain.errors import BadInput, Conflict, Faulty, Full, LeadloomError, NotFound, Transient
from leadloom.domain.mails.links import BadLink, ExpiredLink
from leadloom.web._public import house_of, page
from leadloom.web.security import takes_tracking

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"

_STATUS: tuple[tuple[type[LeadloomError], HTTPStatus], ...] = (
    (ExpiredLink, HTTPStatus.GONE),
    (BadLink, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (BadInput, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Faulty, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Full, HTTPStatus.TOO_MANY_REQUESTS),
    (Transient, HTTPStatus.SERVICE_UNAVAILABLE),
)
"""The first that fits; narrower facts come first."""

_TITLES = {
    HTTPStatus.BAD_REQUEST: "We could not read that",
    HTTPStatus.UNAUTHORIZED: "First say who you are",
    HTTPStatus.FORBIDDEN: "This does not open",
    HTTPStatus.NOT_FOUND: "There is nothing here",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does something else",
    HTTPStatus.CONFLICT: "Somebody was faster",
    HTTPStatus.GONE: "This link has ended",
    HTTPStatus.PRECONDITION_FAILED: "Somebody was faster",
    HTTPStatus.PRECONDITION_REQUIRED: "Which version do you change?",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That was too much at once",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "We could not read that",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something needs another look",
    HTTPStatus.TOO_MANY_REQUESTS: "That is more than we can take at once",
    HTTPStatus.SERVICE_UNAVAILABLE: "We are away for a moment",
}
_OURS = "Something failed on our side"
_TRY_AGAIN = {"Retry-After": "30"}
_COME_LATER = {"Retry-After": "2"}


class Answered(Exception):
    """What a guard answers in place of the page."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def answer_faults(app: FastAPI) -> None:
    """Let the app answer every error in these words."""
    app.add_exception_handler(LeadloomError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Answered, _answered)
    app.add_exception_handler(Exception, _unforeseen)


_OURS_TO_PUBLISH = ("published definition", "published template")
"""What no visitor names: a journey they name that nobody published is not there."""


def status_of(error: LeadloomError) -> HTTPStatus:
    """The HTTP code of one of our errors."""
    if isinstance(error, NotFound) and error.noun in _OURS_TO_PUBLISH:
        return HTTPStatus.SERVICE_UNAVAILABLE  # nothing is published yet: ours to mend, not the visitor's
    return next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, LeadloomError)
    status = status_of(error)
    if isinstance(error, Full):
        return fault(request, status, str(error), headers=_COME_LATER)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request failed", extra={"path": _place(request), "error": type(error).__name__})
        words = "Nothing was lost. Try again in a minute." if isinstance(error, Transient) else "We have made a note."
        return fault(request, status, words, headers=_TRY_AGAIN)
    if isinstance(error, BadInput):
        return fault(request, status, str(error), field=error.field, remedy=error.remedy)
    return fault(request, status, str(error))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    # Starlette's own detail is the bare phrase of the code, which helps nobody.
    words = error.detail if error.detail != status.phrase else _HINTS.get(status, f"{status.phrase}.")
    return fault(request, status, words, headers=error.headers)


_HINTS = {
    HTTPStatus.NOT_FOUND: "The address may be cut or mistyped. If it came in a mail of ours, open it from there again.",
    HTTPStatus.METHOD_NOT_ALLOWED: "It can't be used this way. Open it as a page, or send its form.",
}


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = {".".join(str(part) for part in each["loc"][1:]) or "body": str(each["msg"]) for each in error.errors()}
    words = f"These fields are missing or can't be read: {', '.join(places)}."
    first = next(iter(places), "body")
    return fault(request, HTTPStatus.UNPROCESSABLE_ENTITY, words, field=first, remedy=places.get(first, ""))


async def _answered(_: Request, error: Exception) -> Response:
    assert isinstance(error, Answered)
    return error.response


async def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("request failed unforeseen", extra={"path": _place(request)}, exc_info=error)
    return fault(request, HTTPStatus.INTERNAL_SERVER_ERROR, "We have made a note. Nothing you did was wrong.")


def fault(
    request: Request,
    status: HTTPStatus,
    words: str,
    *,
    field: str | None = None,
    remedy: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer: a problem for programs, a page for people."""
    title = _TITLES.get(status, _OURS if status >= HTTPStatus.INTERNAL_SERVER_ERROR else status.phrase)
    if is_program(request):
        body: dict[str, object] = {
            "type": f"urn:leadloom:problem:{status.name.lower().replace('_', '-')}",
            "title": title,
            "status": int(status),
            "detail": words,
        }
        if takes_tracking(request.url.path):
            # RudderStack's Python client takes an answer without these for a failure of the net, and sends again.
            body |= {"code": status.name.lower(), "message": words}
        if field is not None:
            body["errors"] = [{"pointer": pointer(field), "detail": remedy or words}]
        return JSONResponse(body, status_code=status, headers=dict(headers or {}), media_type=PROBLEM)
    answer = page("fault.html", at=house_of(request).now(), status=status, title=title, words=words)
    answer.headers.update(headers or {})
    return answer


def pointer(field: str) -> str:
    """A JSON pointer to the field, as a URI fragment; a field of some item of a list points at the list."""
    name = field.partition(".")[0]
    return "#" if name == "body" else f"#/{name.replace('~', '~0').replace('/', '~1')}"


def is_program(request: Request) -> bool:
    """Whether the answer is for a program, not for a person's eyes."""
    wants = request.headers.get("accept", "")
    return request.url.path.startswith("/v1/") or ("json" in wants and "text/html" not in wants)


def _place(request: Request) -> str:
    """The route, not the path: a path may carry a token."""
    route = request.scope.get("route")
    return getattr(route, "path", "no route")
