"""What providers post, written by hand after their documentation. Everybody in it is invented."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

ANA = "ana.torres@meridian-pharma.example"
OURS = "mfrggzdfmztwq2lknnwg23tpobyxe43u@kelvance.example"
"""A Message-ID of ours, as it stood on the wire."""


def ses(**part: Any) -> dict[str, Any]:
    """A notification of SES: `bounce=…`, `complaint=…`, `delivery=…` or `deliveryDelay=…`."""
    (name,) = part
    told: dict[str, Any] = {
        "notificationType": name.capitalize(),
        "mail": {
            "timestamp": "2026-03-03T08:59:00.000Z",
            "messageId": "0100018f5c1e2d3c-4b5a6978-0000",
            "source": "b-mfrggzdfmztwq2lk@kelvance.example",
            "sourceArn": "arn:aws:ses:eu-central-1:123456789012:identity/kelvance.example",
            "destination": [ANA],
            "headersTruncated": False,
            "commonHeaders": {"from": ["Inês Carvalho <ines@kelvance.example>"], "messageId": f"<{OURS}>"},
        },
    }
    return told | deepcopy(part)


SES_UNKNOWN = {
    "bounceType": "Permanent",
    "bounceSubType": "General",
    "bouncedRecipients": [
        {
            "emailAddress": ANA,
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 <ana.torres@meridian-pharma.example>: User unknown",
        }
    ],
    "timestamp": "2026-03-03T09:00:00.000Z",
    "feedbackId": "0100018f5c1e3333-aaaa-bbbb-000000",
    "remoteMtaIp": "203.0.113.25",
    "reportingMTA": "dsn; a8-50.smtp-out.amazonses.com",
}
SES_COMPLAINT = {
    "complainedRecipients": [{"emailAddress": ANA}],
    "timestamp": "2026-03-03T09:30:00.000Z",
    "feedbackId": "0100018f5c1e4444-cccc-dddd-000000",
    "complaintFeedbackType": "abuse",
    "userAgent": "Amazon SES Mailbox Simulator",
}
SES_DELIVERY = {
    "timestamp": "2026-03-03T08:59:03.000Z",
    "processingTimeMillis": 546,
    "recipients": [ANA],
    "smtpResponse": "250 ok:  Message 64111812 accepted",
}
SES_DELAY = {
    "delayType": "MailboxFull",
    "delayedRecipients": [{"emailAddress": ANA, "status": "4.2.2", "diagnosticCode": "smtp; 452 4.2.2 mailbox full"}],
    "expirationTime": "2026-03-03T20:59:00.000Z",
    "timestamp": "2026-03-03T09:05:00.000Z",
}


def sendgrid(event: str, **rest: Any) -> dict[str, Any]:
    """One event of SendGrid's list."""
    return {
        "email": ANA,
        "timestamp": 1772528400,
        "event": event,
        "sg_event_id": f"{event}-ZGVsaXZlcmVk",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        "smtp-id": f"<{OURS}>",
        "category": ["welcome"],
    } | rest


def mailgun(event: str, *, token: str = "", **rest: Any) -> dict[str, Any]:
    """A post of Mailgun, its signature yet to be made."""
    return {
        "signature": {"timestamp": "1772528400", "token": token, "signature": ""},
        "event-data": {
            "event": event,
            "id": "hTWCTD81RtiDN-4711",
            "timestamp": 1772528400.153125,
            "recipient": ANA,
            "recipient-domain": "meridian-pharma.example",
            "envelope": {"sender": "b-mfrggzdfmztwq2lk@kelvance.example", "transport": "smtp", "targets": ANA},
            "message": {"headers": {"to": ANA, "message-id": OURS, "from": "ines@kelvance.example"}, "size": 809},
            "flags": {"is-test-mode": False},
        }
        | rest,
    }


MAILGUN_UNKNOWN: dict[str, Any] = {
    "severity": "permanent",
    "reason": "bounce",
    "delivery-status": {
        "attempt-no": 1,
        "code": 550,
        "enhanced-code": "5.1.1",
        "message": "5.1.1 The email account that you tried to reach does not exist.",
        "description": "",
    },
}


def postmark(record: str, **rest: Any) -> dict[str, Any]:
    """A record of Postmark."""
    return {"RecordType": record, "MessageID": "00000000-0000-4000-8000-000000000001", "ServerID": 23} | rest


POSTMARK_HARD: dict[str, Any] = {
    "ID": 42,
    "Type": "HardBounce",
    "TypeCode": 1,
    "Name": "Hard bounce",
    "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
    "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
    "Email": ANA,
    "From": "ines@kelvance.example",
    "BouncedAt": "2026-03-03T10:00:00.2735393+01:00",
    "Inactive": True,
    "CanActivate": True,
    "Subject": "Nine minutes on the dock",
}
