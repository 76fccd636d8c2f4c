"""Did this post come from the provider it says it comes from? Signatures of webhooks, as each provider makes them.

Wall time only: whoever signs uses the machine's clock. A wrong proof is one fact without a reason: who forges learns
nothing from us.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from pydantic import ConfigDict, Field

from leadloom.domain.errors import BadInput, Permanent
from leadloom.domain.model import Value

SENDGRID_WINDOW = timedelta(hours=25)
"""SendGrid tries again for a day. Within it a replay changes nothing: an event is known by its id."""
MAILGUN_WINDOW = timedelta(hours=9)
"""Mailgun tries again for eight hours. Within it a token counts for one body only."""

_SNS_HOST = re.compile(r"sns\.[a-z0-9-]{3,30}\.amazonaws\.com(?:\.cn)?")
_SNS_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{8,64}\.pem")


class NotProven(Permanent):
    """The post isn't signed by whom we were told to believe."""

    def __init__(self) -> None:
        super().__init__("This isn't signed as it should be.")


class SnsPost(Value):
    """What Amazon SNS posts, as far as its signature covers it. Other fields are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    type: str = Field(alias="Type")
    message_id: str = Field(alias="MessageId")
    topic: str = Field(alias="TopicArn")
    message: str = Field(alias="Message")
    timestamp: str = Field(alias="Timestamp")
    version: str = Field(alias="SignatureVersion")
    signature: str = Field(alias="Signature")
    certificate: str = Field(alias="SigningCertURL")
    subject: str | None = Field(default=None, alias="Subject")
    token: str | None = Field(default=None, alias="Token")
    subscribe_url: str | None = Field(default=None, alias="SubscribeURL")

    _SIGNED: ClassVar = {
        "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
        "SubscriptionConfirmation": (
            "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
        ),
        "UnsubscribeConfirmation": (
            "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
        ),
    }  # fmt: skip

    def signed(self) -> bytes:
        """The bytes the signature is over ("Verifying the signatures of Amazon SNS messages"). Raises NotProven."""
        names = self._SIGNED.get(self.type)
        if names is None:
            raise NotProven
        told = self.model_dump(by_alias=True)
        return "".join(f"{name}\n{told[name]}\n" for name in names if told[name] is not None).encode()


async def prove_sns(
    post: SnsPost,
    *,
    topics: Sequence[str],
    certificate: Callable[[str], Awaitable[bytes]],
    wall_at: datetime,
) -> None:
    """Raise NotProven unless Amazon signed this for one of our topics: anybody can have a topic at Amazon.

    `certificate` fetches the PEM at an address; only addresses of SNS itself are ever asked.
    """
    if post.topic not in topics or not is_sns_certificate(post.certificate):
        raise NotProven
    signed, algorithm = post.signed(), SHA256() if post.version == "2" else SHA1()  # as its version says
    if post.version not in ("1", "2"):
        raise NotProven
    try:
        found = load_pem_x509_certificate(await certificate(post.certificate))
        key = found.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise NotProven
        if not found.not_valid_before_utc <= wall_at <= found.not_valid_after_utc:
            raise NotProven
        key.verify(base64.b64decode(post.signature, validate=True), signed, padding.PKCS1v15(), algorithm)
    except (InvalidSignature, ValueError) as error:
        raise NotProven from error


def is_sns_certificate(url: str) -> bool:
    """Whether the address is one where SNS publishes its certificates: host, path and nothing else."""
    return _is_sns(url) and _SNS_CERTIFICATE.fullmatch(urlsplit(url).path) is not None and not urlsplit(url).query


def is_sns_confirmation(url: str) -> bool:
    """Whether the address confirms a subscription at SNS itself."""
    return _is_sns(url) and urlsplit(url).path in ("", "/")


def _is_sns(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and _SNS_HOST.fullmatch(parts.netloc) is not None
    except ValueError:
        return False


def prove_sendgrid(body: bytes, *, timestamp: str, signature: str, keys: Sequence[str], wall_at: datetime) -> None:
    """Raise NotProven unless one of the keys (public, base64 DER as SendGrid shows it) signed timestamp and body."""
    _in_time(timestamp, SENDGRID_WINDOW, wall_at)
    try:
        given = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotProven from error
    for key in keys:
        try:
            sendgrid_key(key).verify(given, timestamp.encode() + body, ec.ECDSA(SHA256()))
        except InvalidSignature:
            continue
        return
    raise NotProven


def sendgrid_key(text: str) -> ec.EllipticCurvePublicKey:
    """The verification key from the settings. Raises BadInput when it is none."""
    try:
        key = load_pem_public_key(text.encode()) if "BEGIN" in text else load_der_public_key(base64.b64decode(text))
    except ValueError as error:
        raise BadInput("LEADLOOM_SENDGRID_KEY", "…", "Copy the verification key from SendGrid's settings.") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise BadInput("LEADLOOM_SENDGRID_KEY", "…", "It isn't an ECDSA key: copy SendGrid's verification key.")
    return key


def prove_mailgun(*, timestamp: str, token: str, signature: str, keys: Sequence[str], wall_at: datetime) -> None:
    """Raise NotProven unless one of the keys signed timestamp and token.

    The body isn't signed at all: whoever calls keeps the token, and lets it stand for one body only.
    """
    _in_time(timestamp, MAILGUN_WINDOW, wall_at)
    signed = f"{timestamp}{token}".encode()
    if not any(_same(hmac.digest(key.encode(), signed, hashlib.sha256).hex(), signature) for key in keys):
        raise NotProven


def prove_postmark(authorization: str, *, logins: Sequence[str]) -> None:
    """Raise NotProven unless the header carries one of the logins (`name:password`) as HTTP's basic authentication."""
    scheme, _, given = authorization.partition(" ")
    try:
        said = base64.b64decode(given.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise NotProven from error
    right = [_same(login, said) for login in logins]
    if scheme.lower() != "basic" or not any(right):
        raise NotProven


def _same(expected: str, given: str) -> bool:
    """In a time that tells nothing about how much was right."""
    return hmac.compare_digest(expected.encode(), given.encode())


def _in_time(timestamp: str, window: timedelta, wall_at: datetime) -> None:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 11):
        raise NotProven
    if abs(wall_at - datetime.fromtimestamp(int(timestamp), tz=UTC)) > window:
        raise NotProven
