"""Who vouches for a mail? Our DKIM signatures over its bytes (RFC 6376, RFC 8463); none when the relay signs.

Relaxed/relaxed, so that a relay may fold a header anew or trim a line; no `l=`, so that nothing can be added; the
headers a reader sees are signed once more than they stand there, so that no second one can be put in (§8.15).
The bytes are frozen after signing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from leadloom.domain.model import Instant
from leadloom.mail.dkim_keys import DkimKey

SIGNED_ONCE_MORE = ("from", "reply-to", "to", "subject", "date")
SIGNED = (
    "message-id", "in-reply-to", "references", "list-id", "list-help", "list-unsubscribe", "list-unsubscribe-post",
    "feedback-id", "auto-submitted", "x-auto-response-suppress", "mime-version", "content-type",
    "content-transfer-encoding", "content-language",
)  # fmt: skip
"""As often as they stand there: a mail program may add one we don't write, such as Sender, and break nothing."""
LIVES = timedelta(days=7)
"""`x=`: long enough for the slowest queue, short enough that a mail caught today is worth nothing next month."""

_FOLD = 76
_FOLDED = re.compile(rb"\r\n(?=[ \t])")
_SPACES = re.compile(rb"[ \t]+")


@dataclass(frozen=True)
class Signatory:
    """The keys we sign with. Without any, mails go unsigned: the relay signs."""

    keys: tuple[DkimKey, ...] = ()
    _by_sender: dict[str, tuple[DkimKey, ...]] = field(default_factory=dict, repr=False, compare=False)

    def keys_of(self, sender_domain: str) -> tuple[DkimKey, ...]:
        """The keys that sign for a domain of From: its own, else those of the nearest domain above it.

        Either aligns with From in DMARC's relaxed mode (RFC 7489 §3.1.1). `sender_domain` as A-labels.
        """
        if sender_domain not in self._by_sender:
            domains = {key.domain for key in self.keys}
            labels = sender_domain.split(".")
            nearest = next((d for n in range(len(labels)) if (d := ".".join(labels[n:])) in domains), None)
            self._by_sender[sender_domain] = tuple(key for key in self.keys if key.domain == nearest)
        return self._by_sender[sender_domain]

    def sign(self, wire: bytes, *, sender_domain: str, written_at: Instant) -> bytes:
        """The mail with a DKIM-Signature of each key on top. Twice the same bytes and instant are twice the same bytes.

        `wire` has CRLF lines; `written_at` comes from the mail's row, not from a clock.
        """
        if not (keys := self.keys_of(sender_domain)):
            return wire
        head, _, body = wire.partition(b"\r\n\r\n")
        hashed = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
        names, lines = _chosen(_FOLDED.sub(b"", head).split(b"\r\n"))
        dates = f"t={int(written_at.timestamp())}; x={int((written_at + LIVES).timestamp())}"
        return b"".join([*(_signature(key, dates, names, hashed, lines) for key in keys), wire])


def relaxed_body(body: bytes) -> bytes:
    """The body as its hash sees it (RFC 6376 §3.4.4): runs of white space are one space, ends of lines and of the
    body are trimmed; what isn't empty ends in one CRLF.
    """
    if b"\t" in body:
        body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    # By bytes methods: a regular expression over every space of a mail costs more than its RSA signature.
    body = body.replace(b" \r\n", b"\r\n").removesuffix(b" ")
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end] + b"\r\n" if end else b""


def relaxed_header(name: str, value: bytes) -> bytes:
    """An unfolded header as its hash sees it, without its CRLF (§3.4.2)."""
    return name.encode() + b":" + _SPACES.sub(b" ", value).strip()


def _chosen(lines: Iterable[bytes]) -> tuple[list[str], list[bytes]]:
    """The names for `h=`, and the header lines they mean, in that order.

    Of a header that stands more than once the last is signed first (§5.4.2); a name too many signs its absence.
    """
    found: dict[str, list[bytes]] = {}
    for line in lines:
        name, _, value = line.partition(b":")
        found.setdefault(name.strip().lower().decode("latin-1"), []).insert(0, value)
    names: list[str] = []
    signed: list[bytes] = []
    for name in (*SIGNED_ONCE_MORE, *SIGNED):
        values = found.get(name, [])
        names += [name] * (len(values) + (name in SIGNED_ONCE_MORE))
        signed += [relaxed_header(name, value) for value in values]
    return names, signed


def _signature(key: DkimKey, dates: str, names: list[str], body_hash: str, lines: list[bytes]) -> bytes:
    """The header lines of one signature. It signs itself too, with an empty `b=` (§3.7)."""
    tags = (
        f"v=1; a={key.algorithm}-sha256; c=relaxed/relaxed;\r\n d={key.domain};\r\n s={key.selector};\r\n {dates};\r\n"
        f"{_folded('h=', ':'.join(names), ':')};\r\n bh={body_hash};\r\n b="
    )
    own = relaxed_header("dkim-signature", tags.replace("\r\n", "").encode())
    signature = base64.b64encode(_signed(key, b"\r\n".join([*lines, own]))).decode()
    pieces = "\r\n ".join(signature[start : start + _FOLD - 2] for start in range(0, len(signature), _FOLD - 2))
    return f"DKIM-Signature: {tags}\r\n {pieces}\r\n".encode()


def _signed(key: DkimKey, data: bytes) -> bytes:
    if isinstance(key.private, RSAPrivateKey):
        return key.private.sign(data, PKCS1v15(), SHA256())
    # RFC 8463 §3: Ed25519 signs the SHA-256 of the headers, not the headers.
    return key.private.sign(hashlib.sha256(data).digest())


def _folded(start: str, text: str, separator: str) -> str:
    """One tag over as many lines as it takes, broken after separators."""
    lines = [f" {start}"]
    for part in re.findall(rf"[^{separator}]+{separator}?", text):
        if len(lines[-1]) + len(part) > _FOLD:
            lines.append(" ")
        lines[-1] += part
    return "\r\n".join(lines)
