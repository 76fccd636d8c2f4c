"""How does the API say a lead, and what may a caller say of one?"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.told import LONGEST
from leadloom.domain.model import Instant, Json, Value
from leadloom.store.lead_pages import ListedLead
from leadloom.web._program import Caller


class LeadBody(Value):
    """A lead."""

    lead_id: str
    account_id: str | None
    email: str | None
    first_name: str | None
    last_name: str | None
    company: str | None
    country: str | None
    role: str | None
    title: str | None
    phone: str | None
    time_zone: str | None
    language: str
    source: str | None
    external_ids: tuple[str, ...]
    stages: dict[str, str]
    """Track → stage."""
    attributes: dict[str, Json]
    created_at: Instant


class LeadList(Value):
    """A page of leads."""

    data: tuple[LeadBody, ...]
    next_cursor: str | None


class Numbered(Value):
    """An event that was recorded just now."""

    no: int
    kind: str


class Told(Value):
    """What became of what was told."""

    lead_id: str
    is_new: bool
    events: tuple[Numbered, ...]


_EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "description": "A kind of event of the definition."},
        "at": {"type": "string", "format": "date-time", "description": "When it happened; now when it isn't said."},
        "key": {"type": "string", "maxLength": 2000, "description": "Your name for it: told twice, it is one event."},
        "channel": {"type": "string", "description": "A source of the definition."},
        "data": {"type": "object", "description": "Names and values; never an address or a name."},
    },
}
EVENTS: dict[str, Any] = {
    "type": "object",
    "required": ["events"],
    "properties": {"events": {"type": "array", "items": _EVENT, "minItems": 1, "maxItems": 100}},
}
"""What POST /v1/leads/{lead_id}/events takes."""
_FIELDS: dict[str, Any] = {
    name: {"type": "string", "maxLength": longest} for name, longest in LONGEST.items() if name != "asked"
}
CHANGES: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{name: _FIELDS[name] for name in _FIELDS if name not in ("email", "external_id", "source", "industry")},
        "attributes": {"type": "object", "description": "Further names and values."},
    },
}
"""What PATCH /v1/leads/{lead_id} takes."""
CAPTURE: dict[str, Any] = {
    "type": "object",
    "description": "A mail address or an external id, and what else is known. Other names are kept as attributes.",
    "anyOf": [{"required": ["email"]}, {"required": ["external_id"]}],
    "properties": {
        **_FIELDS,
        "sites": {"type": "integer", "minimum": 0},
        "asked": {"type": "string", "description": "What the person asks for: demo, price, call."},
        "consent": {"type": "boolean", "description": "They allowed marketing mail; needs consent_wording."},
        "consent_wording": {"type": "string", "description": "The sentence they agreed to."},
        "attributes": {"type": "object"},
        "events": {"type": "array", "items": _EVENT},
    },
}
"""What POST /v1/leads takes."""
_KEY_HEADER = {
    "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    "description": "Your name for this call: said again, it is done once and answered as before.",
}  # fmt: skip
IDEMPOTENT: dict[str, Any] = {"parameters": [{**_KEY_HEADER, "required": False}]}
NEEDS_KEY: dict[str, Any] = {"parameters": [{**_KEY_HEADER, "required": True}]}


def body_of_lead(row: ListedLead) -> dict[str, Json]:
    """The lead as the API says it; never more than its own fields."""
    told = row.lead.model_dump(mode="json", exclude={"owner_id"})
    return {**told, "external_ids": list(row.external_ids), "stages": dict(row.stages)}


def etag_of(body: dict[str, Json]) -> str:
    """The version of a lead as it was said."""
    return f'"{hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]}"'


def rights_of(caller: Caller, body: Json) -> None:
    """Raise BadInput for an event that the caller's key may not tell of."""
    events = body.get("events") if isinstance(body, dict) else None
    if caller.kinds is None or not isinstance(events, list):
        return
    for event in events:
        kind = event.get("kind") if isinstance(event, dict) else None
        if isinstance(kind, str) and kind not in caller.kinds:
            raise BadInput("events.kind", kind, f"This key may tell of: {', '.join(caller.kinds)}.")
