"""How does another program tell us of a lead? POST /v1/leads, safe to repeat by its Idempotency-Key."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from leadloom.domain.intake.capture import Door
from leadloom.domain.model import Json
from leadloom.web._program import check_key, json_of, repeat_key
from leadloom.web._public import address, arrivals_of, house_of, user_agent
from leadloom.web.security import open_to_other_sites

router = APIRouter(prefix="/v1")


@router.post("/leads")
@open_to_other_sites
async def tell(request: Request) -> JSONResponse:
    """Find or make the lead, keep what is told: 201 for a new one, 200 for a known one."""
    check_key(request)
    body = await json_of(request)
    key = repeat_key(request)
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


def _wording(body: Json) -> str:
    """The sentence the person agreed to, which a sender of consent must tell; it isn't kept as an attribute."""
    return str(body.pop("consent_wording", None) or "")[:1000] if isinstance(body, dict) else ""
