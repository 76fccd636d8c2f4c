"""What does Amazon SES tell of our mails, by SNS? Bounces, complaints, deliveries, delays.

Source: "Amazon SNS notification contents for Amazon SES" and "Contents of event data that Amazon SES publishes"; they
name their type `notificationType` and `eventType`. SES writes its own Message-ID over ours, and keeps ours in
`commonHeaders`; `source` is the envelope sender, which says the mail by its token.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import AwareDatetime, Field

from leadloom.domain.model import Json
from leadloom.domain.providers.telling import Says, Told, as_object, bare_id, code_in, read_as, status_in, words_of
from leadloom.domain.returns.kind import ProviderEvent

PROVIDER = "ses"

_NO_COMPLAINT = frozenset({"not-spam", "auth-failure"})
"""Feedback types that blame nobody: somebody took a mail out of the spam folder, or a DMARC report (RFC 5965 §7.3)."""
_SAYS: dict[str, Says] = {
    "NoEmail": "unknown_user",
    "MailboxFull": "mailbox_full",
    "MessageTooLarge": "too_big",
    "ContentRejected": "content",
    "AttachmentRejected": "content",
    "Suppressed": "suppressed",
    "OnAccountSuppressionList": "suppressed",
}
"""Bounce sub-types. Any other, `General` too, says nothing certain."""


class _CommonHeaders(Told):
    message_id: str | None = Field(default=None, alias="messageId")


class _Mail(Told):
    message_id: str = Field(alias="messageId")
    source: str | None = None
    destination: tuple[str, ...] = ()
    common_headers: _CommonHeaders = Field(default=_CommonHeaders(), alias="commonHeaders")


class _Recipient(Told):
    address: str = Field(alias="emailAddress")
    status: str | None = None
    diagnostic: str | None = Field(default=None, alias="diagnosticCode")


class _Bounce(Told):
    feedback_id: str = Field(alias="feedbackId")
    kind: str = Field(default="", alias="bounceType")
    sub_kind: str = Field(default="", alias="bounceSubType")
    recipients: tuple[_Recipient, ...] = Field(alias="bouncedRecipients")
    at: AwareDatetime = Field(alias="timestamp")


class _Complaint(Told):
    feedback_id: str = Field(alias="feedbackId")
    feedback: str | None = Field(default=None, alias="complaintFeedbackType")
    recipients: tuple[_Recipient, ...] = Field(alias="complainedRecipients")
    at: AwareDatetime = Field(alias="timestamp")


class _Delivery(Told):
    recipients: tuple[str, ...]
    response: str | None = Field(default=None, alias="smtpResponse")
    at: AwareDatetime = Field(alias="timestamp")


class _Delay(Told):
    kind: str = Field(default="", alias="delayType")
    recipients: tuple[_Recipient, ...] = Field(alias="delayedRecipients")
    at: AwareDatetime = Field(alias="timestamp")


class _Told(Told):
    notification: str | None = Field(default=None, alias="notificationType")
    event: str | None = Field(default=None, alias="eventType")
    mail: _Mail | None = None
    bounce: _Bounce | None = None
    complaint: _Complaint | None = None
    delivery: _Delivery | None = None
    delay: _Delay | None = Field(default=None, alias="deliveryDelay")


def read(raw: Json) -> tuple[ProviderEvent, ...]:
    """One event for each recipient; none for what we don't act on (opens, clicks, a test). Raises BadInput."""
    told = read_as(_Told, raw, provider=PROVIDER)
    return () if told.mail is None else tuple(_events(told, told.mail, raw))


def _events(told: _Told, mail: _Mail, raw: Json) -> Iterator[ProviderEvent]:
    common = {
        "provider": PROVIDER,
        "message_id": bare_id(mail.common_headers.message_id),
        "envelope_from": mail.source,
        "raw": as_object(raw),
    }
    if (bounce := told.bounce) is not None:
        says = _SAYS.get(bounce.sub_kind, "undetermined")
        for each in bounce.recipients:
            event_id = f"{bounce.feedback_id}/{each.address}"
            yield _of(each, kind="bounce", event_id=event_id, at=bounce.at, says=says, **common)
    elif (complaint := told.complaint) is not None and complaint.feedback not in _NO_COMPLAINT:
        for each in complaint.recipients:
            event_id = f"{complaint.feedback_id}/{each.address}"
            yield _of(each, kind="complaint", event_id=event_id, at=complaint.at, **common)
    elif (delivery := told.delivery) is not None:
        for address in delivery.recipients:
            event_id = f"delivery/{mail.message_id}/{address}"
            one = _Recipient(emailAddress=address, diagnosticCode=delivery.response)
            yield _of(one, kind="delivered", event_id=event_id, at=delivery.at, **common)
    elif (delay := told.delay) is not None:
        for each in delay.recipients:
            event_id = f"delay/{mail.message_id}/{each.address}/{delay.at:%Y%m%dT%H%M%S}"
            yield _of(each, kind="delayed", event_id=event_id, at=delay.at, **common)


def _of(one: _Recipient, **told: Any) -> ProviderEvent:
    said = words_of(one.diagnostic)
    status = one.status or status_in(said)
    return ProviderEvent(address=one.address, code=code_in(said), status=status, diagnostic=said, **told)
