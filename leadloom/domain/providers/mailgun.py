"""What does Mailgun tell of our mails? One event a post, beside the signature that came with it.

Source: "Webhooks", "Event Structure". `message-id` is our own; the id of an event is only unique within a day.
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

PROVIDER = "mailgun"

_KINDS: dict[str, EventKind] = {
    "delivered": "delivered",
    "complained": "complaint",
    "unsubscribed": "unsubscribe",
}
_SUPPRESSED: dict[str, EventKind] = {
    "suppress-complaint": "complaint",
    "suppress-unsubscribe": "unsubscribe",
}
"""Why Mailgun kept a mail back: what it knows of the address."""


class _Headers(Told):
    message_id: str | None = Field(default=None, alias="message-id")


class _Message(Told):
    headers: _Headers = _Headers()


class _Envelope(Told):
    sender: str | None = None


class _Status(Told):
    code: int | None = None
    message: str | None = None
    description: str | None = None
    enhanced: str | None = Field(default=None, alias="enhanced-code")


class _Event(Told):
    event: str
    event_id: str = Field(default="", alias="id")
    recipient: str
    timestamp: Annotated[float, Field(ge=0, le=32_503_680_000)]
    severity: str | None = None
    reason: str | None = None
    message: _Message = _Message()
    envelope: _Envelope = _Envelope()
    status: _Status = Field(default=_Status(), alias="delivery-status")


class _Told(Told):
    event: _Event = Field(alias="event-data")


def read(raw: Json) -> tuple[ProviderEvent, ...]:
    """One event, or none for what we don't act on (accepted, opens, clicks). Raises BadInput."""
    told = read_as(_Told, raw, provider=PROVIDER).event
    if (kind := _kind(told)) is None:
        return ()
    said = words_of(told.status.message, told.status.description, told.reason)
    event = ProviderEvent(
        kind=kind,
        provider=PROVIDER,
        event_id=f"{told.event_id}/{told.event}/{told.timestamp:.3f}",
        message_id=bare_id(told.message.headers.message_id),
        envelope_from=told.envelope.sender,
        address=told.recipient,
        code=code_in(str(told.status.code)) or code_in(said),
        status=status_in(told.status.enhanced, said),
        diagnostic=said,
        says=_says(told) if kind == "bounce" else None,
        at=datetime.fromtimestamp(told.timestamp, tz=UTC),
        raw=as_object(raw),
    )
    return (event,)


def _kind(told: _Event) -> EventKind | None:
    if told.event == "failed":
        usual = "delayed" if told.severity == "temporary" else "bounce"
        return _SUPPRESSED.get(told.reason or "", usual)
    return _KINDS.get(told.event)


def _says(told: _Event) -> Says:
    return "suppressed" if told.reason == "suppress-bounce" else "undetermined"
