"""Which bytes go over the wire? Headers and parts of one mail, the same bytes each time it is made (mail.md §1)."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
from email.utils import format_datetime
from functools import lru_cache

from leadloom.domain.model import Instant, MessageId, Value
from leadloom.mail.headers import fixed, mailbox, tokens, wire_address, words
from leadloom.mail.original import as_part
from leadloom.mail.signing import Signatory

MOST_REFERENCES = 10
SHORTEST_SENDER_ID, LONGEST_SENDER_ID = 5, 15
"""Characters that Gmail takes of the last part of Feedback-ID."""

_LABEL = re.compile(r"[^a-z0-9-]+")
_NEWLINES = re.compile(r"\r\n|\r")


class Party(Value):
    """A name and an address."""

    name: str = ""
    address: str


class Stop(Value):
    """How the reader, or their mail program in one click, ends this kind of mail (RFC 8058, 2369, 2919)."""

    url: str
    """Our page: a POST unsubscribes. RFC 8058 wants https; on a developer's machine it is http, and nobody minds."""
    mailbox: str
    """Our address: any mail to it unsubscribes."""
    program: str
    """What is stopped, such as `marketing`: names the list in List-Id."""


class Origin(Value):
    """Where in the business a mail comes from, for Feedback-ID. Nothing about the lead."""

    step: str
    journey: str
    sender_id: str
    """Who we are to mailbox providers: constant, 5 to 15 characters, such as the company's short name."""


class Letter(Value):
    """Everything one mail is made of. All of it stands on the mail's row, so the same row gives the same bytes."""

    message_id: MessageId
    mail_class: str
    written_at: Instant
    """The Date header: from the row, not from a clock."""
    sender: Party
    reply_to: str
    """Where answers go; shown under the sender's name."""
    reply_name: str = ""
    """Under whose name instead."""
    to: Party
    subject: str
    html: str
    text: str
    origin: Origin
    language: str = "en"
    """What it is written in."""
    stop: Stop | None = None
    """Of marketing mail, and of what asks to become that: nothing else is a list."""
    earlier: tuple[str, ...] = ()
    """Wire ids of the run's earlier mails, oldest first: this mail joins their thread."""
    invitation: str | None = None
    """An iCalendar object, sent along as a file."""
    original: bytes | None = None
    """Somebody's mail as it came, sent along as a file."""


def wire_id(message_id: MessageId, *, secret: str, domain: str) -> str:
    """The Message-ID without brackets: any copy of the mail has the same one, and nobody can guess another's.

    `secret` isn't a link key: it must never rotate, or a copy sent again would get a second id.
    """
    return f"{wire_key(message_id, secret=secret)}@{wire_address(f'id@{domain}').domain}"


def wire_key(message_id: MessageId, *, secret: str) -> str:
    """What stands before the @ of its Message-ID: what comes back is known by it."""
    keyed = _keyed(secret).copy()
    keyed.update(message_id.bytes)
    tag = int.from_bytes(keyed.digest()[:20], "big")
    return "".join([_PAIRS[tag >> shift & 1023] for shift in range(150, -1, -10)])


@lru_cache(maxsize=4)
def _keyed(secret: str) -> hmac.HMAC:
    return hmac.new(secret.encode(), digestmod="sha256")


_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
"""Base32 (RFC 4648) of ten bits each: of each mail of a page, and Python's own takes several times as long."""


_KEYS = re.compile(r"(?<![a-z2-7])([a-z2-7]{16,64})@[a-z0-9.-]+", re.IGNORECASE)


def accepted_keys(log: str) -> frozenset[str]:
    """The keys of all Message-IDs in a relay's log that may be ours, whatever else stands in its lines."""
    return frozenset(key.lower() for key in _KEYS.findall(log))


def compose(letter: Letter, *, secret: str, signatory: Signatory | None = None) -> bytes:
    """The mail as bytes with CRLF, signed by whoever signs for From. Twice the same letter is twice the same bytes.

    Raises BadInput when an address, id or URL can't be a header.
    """
    own_domain = wire_address(letter.sender.address).domain
    head = [
        mailbox("From", letter.sender.name, letter.sender.address),
        mailbox("Reply-To", letter.reply_name or letter.sender.name, letter.reply_to),
        mailbox("To", letter.to.name, letter.to.address),
        words("Subject", letter.subject),
        fixed("Date", format_datetime(letter.written_at)),
        tokens("Message-ID", [wire_id(letter.message_id, secret=secret, domain=own_domain)]),
        *_thread(letter.earlier),
        *(_list(letter.stop, own_domain, help_at=letter.reply_to) if letter.stop else ()),
        fixed("Feedback-ID", _feedback(letter)),
        fixed("Auto-Submitted", "auto-generated"),
        # Never `All`: that would suppress the reports of non-delivery too.
        fixed("X-Auto-Response-Suppress", "OOF, AutoReply"),
        fixed("Content-Language", letter.language),
        fixed("MIME-Version", "1.0"),
    ]
    wire = b"".join([*head, _body(letter)])
    if signatory is None:
        return wire
    return signatory.sign(wire, sender_domain=own_domain, written_at=letter.written_at)


def _thread(earlier: tuple[str, ...]) -> list[bytes]:
    if not earlier:
        return []
    return [tokens("In-Reply-To", earlier[-1:]), tokens("References", earlier[-MOST_REFERENCES:])]


def _list(stop: Stop, domain: str, *, help_at: str) -> list[bytes]:
    """Help is where answers go: a person reads them, and asking there stops nothing."""
    return [
        tokens("List-Help", [f"mailto:{wire_address(help_at)}?subject=help"]),
        tokens("List-Unsubscribe", [stop.url, f"mailto:{wire_address(stop.mailbox)}"], separator=","),
        fixed("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        tokens("List-Id", [f"{_label(stop.program)}.{domain}"]),
    ]


def _feedback(letter: Letter) -> str:
    origin = letter.origin
    sender_id = _label(origin.sender_id)
    if len(sender_id) < SHORTEST_SENDER_ID:
        sender_id += "-mail"
    labels = (_label(origin.step), _label(origin.journey), _label(letter.mail_class), sender_id[:LONGEST_SENDER_ID])
    return ":".join(labels)


def _label(text: str) -> str:
    return _LABEL.sub("-", text.lower()).strip("-") or "none"


def _body(letter: Letter) -> bytes:
    """Text before HTML (the last part is the preferred one), and the files beside them."""
    parts = [_part("text/plain; charset=utf-8", letter.text), _part("text/html; charset=utf-8", letter.html)]
    alternative = _multipart("alternative", _boundary(letter.message_id, "alternative"), parts)
    files = [*_calendar(letter.invitation), *([] if letter.original is None else [as_part(letter.original)])]
    if not files:
        return alternative
    return _multipart("mixed", _boundary(letter.message_id, "mixed"), [alternative, *files])


def _calendar(invitation: str | None) -> list[bytes]:
    if invitation is None:
        return []
    kind = "text/calendar; charset=utf-8; method=PUBLISH"
    return [_part(kind, invitation, 'attachment; filename="invitation.ics"')]


def _boundary(message_id: MessageId, level: str) -> str:
    """Quoted-printable never holds `=_`, so no body can hold a boundary; the id makes it the same each time."""
    return "=_" + hashlib.sha256(message_id.bytes + level.encode()).hexdigest()[:32]


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    mark = b"--" + boundary.encode()
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def _part(content_type: str, text: str, disposition: str = "") -> bytes:
    head = fixed("Content-Type", content_type) + fixed("Content-Transfer-Encoding", "quoted-printable")
    if disposition:
        head += fixed("Content-Disposition", disposition)
    lines = _NEWLINES.sub("\n", text).encode("utf-8", "replace")
    # b2a_qp breaks long lines with a bare LF when the text has no CRLF: make all of them CRLF afterwards.
    return head + b"\r\n" + binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")
