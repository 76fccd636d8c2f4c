"""What may a journey say? GET /v1/journeys/schema, for editors and programs that write journeys."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from leadloom.runtime.journey_schema import journey_schema

router = APIRouter(prefix="/v1/journeys")


class SchemaResponse(JSONResponse):
    """A JSON schema."""

    media_type = "application/schema+json"


@router.get("/schema", tags=["journeys"], response_class=SchemaResponse)
def schema() -> SchemaResponse:
    """The JSON schema of a journey's file. It names nobody and no setting, so it needs no key."""
    return SchemaResponse(journey_schema())
