"""HubSpot's forms, as its submit endpoint v3 takes them: developers.hubspot.com, "Submit data to a form"."""

from __future__ import annotations

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.doors.filled import Filled
from leadloom.domain.intake.touch import bare, clean
from leadloom.domain.model import Json

NAME = "hubspot-form"
_NAMES = {"firstname": "firstName", "lastname": "lastName", "mobilephone": "phone", "numemployees": "employees"}
_MOST_FIELDS = 1000


def read(body: Json, *, digest: str) -> Filled:
    """Read a submission. `digest` is of its bytes: it has no id of its own. Raises BadInput for another shape."""
    if not isinstance(body, dict) or not isinstance(fields := body.get("fields"), list) or len(fields) > _MOST_FIELDS:
        raise BadInput("fields", "", 'Send {"fields": [{"name": "email", "value": "…"}]}.')
    traits: dict[str, Json] = {}
    for field in fields:
        if isinstance(field, dict) and isinstance(name := field.get("name"), str):
            # Properties of other objects come as "company.name"; the person's have no prefix.
            traits[_NAMES.get(name, name)] = field.get("value")
    context = body.get("context")
    where = context if isinstance(context, dict) else {}
    page, ip = where.get("pageUri"), where.get("ipAddress")
    return Filled(
        traits=traits,
        key=f"{NAME}:{digest}",
        page=bare(clean(page, 2000)) if isinstance(page, str) else None,
        ip=clean(ip, 64) if isinstance(ip, str) else None,
        wording=_agreed(body.get("legalConsentOptions")),
    )


def _agreed(options: Json) -> str:
    """The sentences beside the boxes that were ticked; processing alone is no permission to write."""
    consent = options.get("consent") if isinstance(options, dict) else None
    boxes = consent.get("communications") if isinstance(consent, dict) else None
    ticked = (
        [box for box in boxes if isinstance(box, dict) and box.get("value") is True] if isinstance(boxes, list) else []
    )
    return " ".join(clean(str(box.get("text") or ""), 500) for box in ticked).strip()[:1000]
