"""How does the API describe itself? What each endpoint takes and answers, so that its OpenAPI document is complete."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from leadloom.domain.model import Json, Value
from leadloom.web.faults import PROBLEM


class Fault(Value):
    """One place where something was wrong."""

    pointer: str
    """A JSON pointer into what was sent, as a URI fragment (RFC 6901)."""
    detail: str


class Problem(Value):
    """What was wrong, and what to do (RFC 9457)."""

    type: str
    """A URI that stays the same for the same sort of problem."""
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = Field(default=())
    code: str = ""
    message: str = ""


_WORDS = {
    400: "It can't be read.",
    401: "The key opens nothing.",
    403: "The key may not do that.",
    404: "There is no such thing.",
    405: "This address does something else.",
    409: "Somebody was faster, or the same call is still running.",
    412: "It was changed since you read it.",
    413: "It is too large.",
    415: "It is not JSON.",
    422: "A value can't be used; `errors` says which.",
    428: "Say with If-Match which version you change.",
    429: "More than we can take at once; Retry-After says when to come again.",
    500: "Something failed on our side.",
    503: "We are away for a moment; Retry-After says when to come again.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of an endpoint that are problems, in OpenAPI's words; what any may answer is among them."""
    return {
        status: {"description": _WORDS[status], "model": Problem, "content": {PROBLEM: {}}}
        for status in sorted({400, 401, 403, 405, 500, 503, *statuses})
    }


def takes(body: dict[str, Any], *, example: Json = None, required: bool = True) -> dict[str, Any]:
    """The request's body, in OpenAPI's words, for endpoints that read it themselves."""
    content: dict[str, Any] = {"schema": body}
    if example is not None:
        content["example"] = example
    return {"requestBody": {"required": required, "content": {"application/json": content}}}
