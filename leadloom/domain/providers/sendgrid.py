"""What does SendGrid tell of our mails? Its Event Webhook posts lists of flat events.

Source: "Event Webhook Reference". `smtp-id` is our own Message-ID; `sg_event_id` names the event.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from leadloom.domain.model import Json
from leadloom.domain.providers.telling import (
    EventKind,
    Says,
    Told,
    as_object,
    bare_id,
    code_in,
    read_as,
    status_in,
    words_of,
)
from leadloom.domain.returns.kind import ProviderEvent

PROVIDER = "sendgrid"

_KINDS: dict[str, EventKind] = {
    "bounce": "bounce",
    "deferred": "delayed",
    "delivered": "delivered",
    "spamreport": "complaint",
    "unsubscribe": "unsubscribe",
    "group_unsubscribe": "unsubscribe",
}
_DROPPED: dict[str, EventKind] = {
    "spam reporting address": "complaint",
    "unsubscribed address": "unsubscribe",
}
"""Why SendGrid kept a mail back: what it knows of the address. Any other reason is a bounce."""
_SAYS: dict[str, Says] = {
    "invalid address": "unknown_user",
    "content": "content",
    "reputation": "spam",
    "bounced address": "suppressed",
    "invalid": "unknown_user",
}
"""SendGrid's classes of bounces, and its reasons to drop."""


class _Told(Told):
    event: str
    event_id: str = Field(alias="sg_event_id", min_length=1)
    email: str
    # An instant far off is no instant.
    timestamp: Annotated[float, Field(ge=0, le=32_503_680_000)]
    smtp_id: str | None = Field(default=None, alias="smtp-id")
    classified: str = Field(default="", alias="bounce_classification")
    reason: str | None = None
    response: str | None = None
    status: str | None = None


def read(raw: Json) -> tuple[ProviderEvent, ...]:
    """One event, or none for what we don't act on (processed, opens, clicks). Raises BadInput."""
    told = read_as(_Told, raw, provider=PROVIDER)
    if (kind := _kind(told)) is None:
        return ()
    said = words_of(told.reason, told.response)
    event = ProviderEvent(
        kind=kind,
        provider=PROVIDER,
        event_id=told.event_id,
        message_id=bare_id(told.smtp_id),
        address=told.email,
        code=code_in(said),
        status=status_in(told.status, said),
        diagnostic=said,
        says=_says(told) if kind == "bounce" else None,
        at=datetime.fromtimestamp(told.timestamp, tz=UTC),
        raw=as_object(raw),
    )
    return (event,)


def _kind(told: _Told) -> EventKind | None:
    if told.event == "dropped":
        return _DROPPED.get((told.reason or "").lower(), "bounce")
    return _KINDS.get(told.event)


def _says(told: _Told) -> Says:
    reason = told.reason if told.event == "dropped" else told.classified
    return _SAYS.get((reason or "").lower(), "undetermined")
