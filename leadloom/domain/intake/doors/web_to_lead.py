"""Salesforce's Web-to-Lead form, as its servlet takes it: help.salesforce.com, "Generate Leads from Your Website"."""

from __future__ import annotations

from collections.abc import Mapping

from leadloom.domain.intake.doors.filled import Filled
from leadloom.domain.model import Json

NAME = "web-to-lead"
_NAMES = {"mobile": "phone", "URL": "website"}
_NOT_ABOUT_THEM = frozenset({"oid", "orgid", "retURL", "debug", "debugEmail", "submit", "encoding", "emailOptOut"})


def read(fields: Mapping[str, str], *, digest: str) -> Filled:
    """Read a post. `digest` is of its bytes and its day: it has no id of its own."""
    traits: dict[str, Json] = {}
    for name, text in fields.items():
        if name not in _NOT_ABOUT_THEM and text.strip():
            traits.setdefault(_NAMES.get(name, name), text)
    campaign = fields.get("Campaign_ID", "")[:100]
    touch: dict[str, Json] = {"utm_campaign": campaign} if campaign.isprintable() and campaign else {}
    return Filled(traits=traits, key=f"{NAME}:{digest}", touch=touch)
