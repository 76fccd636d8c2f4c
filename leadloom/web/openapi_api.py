"""What can programs ask of us? The OpenAPI 3.1 document of everything under /v1."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from leadloom.web.faults import PROBLEM

router = APIRouter(prefix="/v1")

_ABOUT = (
    "Leads, what happens to them, tracking calls, and journeys. Errors are problems (RFC 9457); lists have cursors; "
    "a call with an Idempotency-Key is done once."
)


@router.get("/openapi.json", include_in_schema=False)
async def document(request: Request) -> JSONResponse:
    """The document. It names nobody and no setting, so it needs no key."""
    return JSONResponse(described(request.app))


def _say_problem(answer: dict[str, Any]) -> None:
    """A problem has a media type of its own; FastAPI puts every model under application/json."""
    content = answer.get("content", {})
    if PROBLEM in content:
        answer["content"] = {PROBLEM: content.get("application/json", {})}


def described(app: FastAPI) -> dict[str, Any]:
    """The app's own description, with what FastAPI doesn't know: who may call."""
    if app.openapi_schema is None:
        app.title, app.description = "Leadloom", _ABOUT
        told = app.openapi()
        told.setdefault("components", {})["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "description": "A key that `keys create` showed."},
            "writeKey": {"type": "http", "scheme": "basic", "description": "The write key as the user name."},
        }
        told["security"] = [{"bearer": []}]
        for path, item in told["paths"].items():
            for operation in item.values():
                if "tracking" in operation.get("tags", ()):
                    operation["security"] = [{"writeKey": []}, {"bearer": []}, {}]
                if path == "/v1/journeys/schema":
                    operation["security"] = []
                for answer in operation["responses"].values():
                    _say_problem(answer)
    schema: dict[str, Any] | None = app.openapi_schema
    return schema or {}
