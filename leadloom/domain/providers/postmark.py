"""What does Postmark tell of our mails? One record a post.

Source: "Bounce webhook", "Delivery webhook", "Spam complaint webhook", "Subscription change webhook", "Bounce types".
Our Message-ID is only in a bounce's `Content`, when the webhook was told to include it; else the address must say.
"""

from __future__ import annotations

import re

from pydantic import AwareDatetime, Field

from leadloom.domain.model import Json
from leadloom.domain.providers.telling import EventKind, Says, Told, as_object, code_in, read_as, status_in, words_of
from leadloom.domain.returns.kind import ProviderEvent

PROVIDER = "postmark"

_TYPES: dict[str, tuple[EventKind, Says | None]] = {
    "HardBounce": ("bounce", "undetermined"),
    "SoftBounce": ("bounce", "undetermined"),
    "Unknown": ("bounce", "undetermined"),
    "BadEmailAddress": ("bounce", "unknown_user"),
    "VirusNotification": ("bounce", "content"),
    "SpamNotification": ("bounce", "spam"),
    "Blocked": ("bounce", "spam"),
    "DMARCPolicy": ("bounce", "spam"),
    "ManuallyDeactivated": ("bounce", "suppressed"),
    "Transient": ("delayed", None),
    "DnsError": ("delayed", None),
    "SpamComplaint": ("complaint", None),
    "Unsubscribe": ("unsubscribe", None),
}
"""A `HardBounce` is any final refusal, ours to blame or theirs: the server's words decide. A spam filter's refusal is
no complaint of a person. Answers of machines (AutoResponder, AddressChange, …) are left out: nothing is certain."""
_SUPPRESSED: dict[str, EventKind] = {"SpamComplaint": "complaint", "ManualSuppression": "unsubscribe"}
_OURS = re.compile(r"^message-id:\s*<([a-z2-7]{32}@[^<>\s]+)>", re.IGNORECASE | re.MULTILINE)


class _Told(Told):
    record: str = Field(alias="RecordType")
    number: int | None = Field(default=None, alias="ID")
    kind: str = Field(default="", alias="Type")
    mail_id: str = Field(default="", alias="MessageID")
    email: str | None = Field(default=None, alias="Email")
    recipient: str | None = Field(default=None, alias="Recipient")
    details: str | None = Field(default=None, alias="Details")
    description: str | None = Field(default=None, alias="Description")
    content: str | None = Field(default=None, alias="Content")
    bounced_at: AwareDatetime | None = Field(default=None, alias="BouncedAt")
    delivered_at: AwareDatetime | None = Field(default=None, alias="DeliveredAt")
    changed_at: AwareDatetime | None = Field(default=None, alias="ChangedAt")
    suppressed: bool = Field(default=False, alias="SuppressSending")
    suppressed_for: str = Field(default="", alias="SuppressionReason")
    origin: str = Field(default="", alias="Origin")


class _Instant(Told):
    at: AwareDatetime
    address: str


def read(raw: Json) -> tuple[ProviderEvent, ...]:
    """One event, or none for what we don't act on (opens, clicks, lifted suppressions). Raises BadInput."""
    told = read_as(_Told, raw, provider=PROVIDER)
    if (found := _kind(told)) is None:
        return ()
    kind, says = found
    when = told.bounced_at or told.delivered_at or told.changed_at
    place = read_as(
        _Instant, {"at": when and when.isoformat(), "address": told.email or told.recipient}, provider=PROVIDER
    )
    said = words_of(told.details, told.description)
    ours = _OURS.search(told.content or "")
    event = ProviderEvent(
        kind=kind,
        provider=PROVIDER,
        event_id=f"{told.record}/{told.number or told.mail_id}/{place.address}/{place.at:%Y%m%dT%H%M%S}",
        message_id=ours[1] if ours else None,
        address=place.address,
        code=code_in(said),
        status=status_in(said),
        diagnostic=said,
        says=says,
        at=place.at,
        raw=as_object(raw),
    )
    return (event,)


def _kind(told: _Told) -> tuple[EventKind, Says | None] | None:
    match told.record:
        case "Bounce" | "SpamComplaint":
            return _TYPES.get(told.kind)
        case "Delivery":
            return "delivered", None
        case "SubscriptionChange" if told.suppressed and told.origin != "Admin":
            kind = _SUPPRESSED.get(told.suppressed_for)
            return None if kind is None else (kind, None)
        case _:
            return None
