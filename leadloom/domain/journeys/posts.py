"""What is posted to another system: a signed message, or words for a channel. Headers as Standard Webhooks says.

The specification (standardwebhooks.com, version 1): `webhook-id` names the message, the same at each try;
`webhook-timestamp` is when this try was made, in Unix seconds; `webhook-signature` is `v1,` and the base64 HMAC-SHA256
of `id.timestamp.body` by a key that is written `whsec_` and base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from leadloom.domain.errors import BadInput
from leadloom.domain.journeys.conditions import known_of
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import EnrolmentId, Json

STEP_REACHED = "journey.step_reached"
"""The `type` of every message: a run has come to a step that tells another system."""
_KEY_BEGINS = "whsec_"
_SHORTEST_KEY, _LONGEST_KEY = 24, 64
"""Bytes, as the specification asks."""


def post_id(enrolment_id: EnrolmentId, step: str, visit: int) -> str:
    """The message's `webhook-id`: one for each visit of a step, so that a receiver takes a repeated post for one."""
    return f"msg_{uuid5(NAMESPACE_URL, f'leadloom:post/{enrolment_id}/{step}/{visit}').hex}"


def message(
    lead: Lead, account: Account | None, *, journey: str, step: str, fields: Iterable[str], reached_at: datetime
) -> bytes:
    """The body of a signed message: whom it is about, by id, and the fields the step names; unknown ones are null."""
    data: dict[str, Json] = {"lead": str(lead.lead_id), "journey": journey, "step": step}
    asked: dict[str, Json] = {field: known_of(field, lead, account) for field in fields}
    return _written({"type": STEP_REACHED, "timestamp": reached_at.isoformat(), "data": {**data, "fields": asked}})


def channel_words(words: str, *, link: str) -> bytes:
    """The body for a channel shaped like Slack's: the words, which name nobody, and where to read on."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _written({"text": f"{escaped}\n{link}"})


def signed(body: bytes, *, message_id: str, at: datetime, key: bytes) -> dict[str, str]:
    """The headers that prove who wrote the body, and when this try was made (`at`, wall time)."""
    stamp = str(int(at.timestamp()))
    tag = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(tag).decode()}",
    }


def key_of(secret: str, *, name: str) -> bytes:
    """The key that a secret stands for. Raises BadInput, which repeats nothing of it; `name` says where it stands."""
    remedy = f"Write {_KEY_BEGINS} and {_SHORTEST_KEY} to {_LONGEST_KEY} random bytes in base64."
    try:
        key = base64.b64decode(secret.strip().removeprefix(_KEY_BEGINS), validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(name, "what it holds", remedy) from None
    if not secret.strip().startswith(_KEY_BEGINS) or not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
        raise BadInput(name, "what it holds", remedy)
    return key


def _written(body: dict[str, Json]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
