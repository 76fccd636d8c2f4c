"""How does somebody's mail go along with one of ours: as what file, and in whose thread?"""

from __future__ import annotations

import base64
import re
from email.parser import BytesHeaderParser
from email.policy import compat32

from leadloom.domain.errors import BadInput
from leadloom.mail.headers import fixed, token

LARGEST = 7 * 1024 * 1024
"""Bytes of a mail that goes along: base64 makes 10 MB of it, which most mailboxes take."""

_ID = re.compile(r"<([^<>\s]+)>")
_MOST = 10
_LONGEST_LINE = 998


def thread_of(raw: bytes) -> tuple[str, ...]:
    """The Message-IDs (without brackets) a mail says its thread is made of, oldest first, its own last; at most ten.

    Ids that can't stand in a header of ours are left out.
    """
    head = BytesHeaderParser(policy=compat32).parsebytes(raw)
    named = [*_ids(head.get("References")), *_ids(head.get("In-Reply-To")), *_ids(head.get("Message-ID"))]
    # The last place counts: References usually ends with what In-Reply-To names.
    return tuple(reversed(list(dict.fromkeys(reversed(named)))))[-_MOST:]


def _ids(value: object) -> list[str]:
    found: list[str] = []
    for each in _ID.findall(str(value or "")):
        try:
            found.append(token(each, what="Message-ID"))
        except BadInput:
            continue
    return found


def as_part(raw: bytes) -> bytes:
    """The mail as a file of ours: head and body of a part that any mail program opens.

    A mail may stand in another only as it is (RFC 2046 §5.2.1), so one that not every relay takes is a plain file.
    """
    name = 'attachment; filename="original.eml"'
    if _is_plain(raw):
        head = fixed("Content-Type", "message/rfc822") + fixed("Content-Disposition", name)
        return head + b"\r\n" + raw + (b"" if raw.endswith(b"\r\n") else b"\r\n")
    head = fixed("Content-Type", "application/octet-stream") + fixed("Content-Disposition", name)
    lines = base64.encodebytes(raw).replace(b"\n", b"\r\n")
    return head + fixed("Content-Transfer-Encoding", "base64") + b"\r\n" + lines


def _is_plain(raw: bytes) -> bool:
    """Seven bits, CRLF only, no line too long: every relay hands it on as it is."""
    lines = raw.split(b"\r\n")
    return (
        raw.isascii()
        and b"\0" not in raw
        and not any(b"\r" in line or b"\n" in line or len(line) > _LONGEST_LINE for line in lines)
    )
