"""Providers that sign with keys of these tests: what each posts, proven as it proves it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from leadloom.runtime.wiring import wall_now

TOPIC = "arn:aws:sns:eu-central-1:123456789012:kelvance-mail"
CERTIFICATE = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
CONFIRM = f"https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37"
MAILGUN_KEY = "a signing key of these tests alone"
LOGIN = "postmark:a password of these tests alone"

SENDGRID = ec.generate_private_key(ec.SECP256R1())
_SNS = rsa.generate_private_key(public_exponent=65537, key_size=2048)

SETTINGS = {
    "ses_topics": TOPIC,
    "sendgrid_key": base64.b64encode(
        SENDGRID.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).decode(),
    "mailgun_key": f"a newer one that signs nothing yet, {MAILGUN_KEY}",
    "postmark_login": LOGIN,
}


def _certificate(days: int) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    ends = wall_now() + timedelta(days=days)
    made = x509.CertificateBuilder(name, name, _SNS.public_key(), x509.random_serial_number())
    signed = made.not_valid_before(ends - timedelta(days=365)).not_valid_after(ends).sign(_SNS, SHA256())
    return signed.public_bytes(Encoding.PEM)


class Certificates:
    """What stands at SNS's addresses, and which of them were asked for."""

    def __init__(self, *, valid_for_days: int = 30) -> None:
        self.asked: list[str] = []
        self._pem = _certificate(valid_for_days)

    async def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        return self._pem


def sns(message: Any, *, version: str = "2", kind: str = "Notification", **changed: str) -> dict[str, str]:
    """What SNS posts; `changed` are fields put in before it is signed."""
    post = {
        "Type": kind,
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": "2026-03-03T09:00:01.000Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
    } | changed
    if kind != "Notification":
        post |= {"Token": "2336412f37", "SubscribeURL": changed.get("SubscribeURL", CONFIRM)}
    names = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    signed = "".join(f"{name}\n{post[name]}\n" for name in names if name in post).encode()
    algorithm = SHA1() if version == "1" else SHA256()
    return post | {"Signature": base64.b64encode(_SNS.sign(signed, padding.PKCS1v15(), algorithm)).decode()}


async def post_sendgrid(
    client: httpx.AsyncClient, events: Any, *, key: Any = SENDGRID, at: datetime | None = None
) -> httpx.Response:
    body = json.dumps(events).encode()
    timestamp = str(int((at or wall_now()).timestamp()))
    signature = base64.b64encode(key.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))).decode()
    headers = {
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        "X-Twilio-Email-Event-Webhook-Signature": signature,
    }
    return await client.post("/webhooks/sendgrid", content=body, headers=headers)


def mailgun_signed(post: dict[str, Any], *, token: str, key: str = MAILGUN_KEY, at: datetime | None = None) -> Any:
    timestamp = str(int((at or wall_now()).astimezone(UTC).timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return post | {"signature": {"timestamp": timestamp, "token": token, "signature": signature}}


def basic(login: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}
