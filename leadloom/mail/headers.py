"""How does a value get into a header? The one way in, so that no value ever becomes a header of its own.

The standard library folds ids and URLs into encoded-words and lets some control characters through (mail.md §0.3-4);
these functions write the bytes themselves. Text is cleaned; ids, URLs and addresses are refused when they need it.
What most mails of a day have in common (our own names and addresses, fixed values) is made once and kept.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from leadloom.domain.errors import BadInput
from leadloom.domain.mails.address import read_address

LONGEST_TEXT = 128
"""Characters of a name or subject (mail.md §1)."""

_FOLD = 76
"""Bytes of a line that may hold an encoded-word (RFC 2047 §2), below the 78 of RFC 5322."""
_WORD = 75
"""Bytes of one encoded-word."""
_LONGEST_TOKEN = 900
"""Bytes: a line with its header name and brackets stays below 998."""

_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_PRINTABLE = re.compile(r"[ -~]*")
_TOKEN = re.compile(r"[!-;=?-~]+")
"""Printable ASCII without space and angle brackets."""
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
"""Bytes an encoded-word may hold as they are wherever it stands (RFC 2047 §5.3)."""

_Q_MARKS = tuple("_" if byte == 0x20 else chr(byte) if byte in _Q_SAFE else f"={byte:02X}" for byte in range(256))

_UNWRITABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, lone surrogates, line and paragraph separators: never in a header, whatever they hide in."""
_LINE_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing: a name may not rewrite what stands around it."""


class WireAddress(NamedTuple):
    """A mail address as it goes over the wire."""

    local: str
    domain: str
    """As A-labels (IDNA)."""

    @property
    def needs_utf8(self) -> bool:
        """True when only a relay with SMTPUTF8 (RFC 6531) can take it."""
        return not self.local.isascii()

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


@lru_cache(maxsize=1024)
def wire_address(address: str) -> WireAddress:
    """The address with its domain as A-labels. Raises BadInput when no relay could take it."""
    local, domain = read_address(address, field="address")
    return WireAddress(local, domain)


@lru_cache(maxsize=256)
def clean(text: str) -> str:
    """A name or subject fit for a header: NFC, no control or line characters, single spaces, 128 characters."""
    if _PRINTABLE.fullmatch(text):
        return " ".join(text.split())[:LONGEST_TEXT].rstrip()
    safe = "".join(" " if unicodedata.category(mark) in _UNWRITABLE or mark in _LINE_MARKS else mark for mark in text)
    return " ".join(unicodedata.normalize("NFC", safe).split())[:LONGEST_TEXT].rstrip()


def token(text: str, *, what: str) -> str:
    """An id or a URL: written as it is, in one piece. Raises BadInput when it could be read as anything else."""
    if not _TOKEN.fullmatch(text) or "=?" in text or len(text) > _LONGEST_TOKEN:
        raise BadInput(what, text, "Ids and URLs in headers are printable ASCII without spaces and angle brackets.")
    return text


def words(name: str, text: str) -> bytes:
    """The header line(s) of free text, such as Subject."""
    return _line(name, _phrase_words(clean(text), used=len(name) + 2, quoted=False))


def mailbox(name: str, display: str, address: str) -> bytes:
    """The header line(s) of one mailbox with a display name (may be empty)."""
    where = f"<{wire_address(address)}>"
    phrase = clean(display)
    return _line(name, [*_phrase_words(phrase, used=len(name) + 2, quoted=True), where] if phrase else [where])


def tokens(name: str, items: Sequence[str], *, separator: str = "") -> bytes:
    """The header line(s) of ids or URLs in angle brackets, folded between them and never within."""
    marked = [f"<{token(item, what=name)}>" for item in items]
    return _line(name, [item + separator for item in marked[:-1]] + marked[-1:])


@lru_cache(maxsize=256)
def fixed(name: str, value: str) -> bytes:
    """The header line of a value we wrote ourselves. Raises BadInput should anything foreign have got in."""
    if not _PRINTABLE.fullmatch(value) or "=?" in value:
        raise BadInput(name, value, "This header takes printable ASCII only.")
    return _line(name, value.split(" "))


def _line(name: str, parts: Sequence[str]) -> bytes:
    """Fold between parts; a part that is longer stays whole on its own line."""
    if not _HEADER_NAME.fullmatch(name):
        raise BadInput("header name", name, "Letters, digits and hyphens only.")
    lines = [f"{name}:"]
    for part in parts:
        is_first = len(lines) == 1 and lines[0] == f"{name}:"
        if is_first or len(lines[-1]) + 1 + len(part) <= _FOLD:
            lines[-1] += f" {part}"
        else:
            lines.append(f" {part}")
    return "\r\n".join(lines).encode() + b"\r\n"


def _phrase_words(text: str, *, used: int, quoted: bool) -> list[str]:
    """Free text in parts that may be folded: plain, quoted, or encoded (also when it looks encoded already)."""
    if not _PRINTABLE.fullmatch(text) or "=?" in text:
        return list(_encoded_words(text, used=used))
    if not quoted or _PLAIN_PHRASE.fullmatch(text):
        return text.split(" ")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'.split(" ")


@lru_cache(maxsize=256)
def _encoded_words(text: str, *, used: int) -> tuple[str, ...]:
    """RFC 2047 words of at most 75 bytes, cut between characters; `used` bytes stand before the first.

    Whichever of Q and B is shorter: the fewer words, the fewer readers that put a space between two of them.
    """
    write, kind = (_q, "q") if len(_q(text)) <= len(_b(text)) else (_b, "b")
    head, tail = f"=?utf-8?{kind}?", "?="
    room = min(_WORD, _FOLD - used) - len(head) - len(tail)
    found = [""]
    for cluster in _clusters(text):
        if found[-1] and len(write(found[-1] + cluster)) > room:
            found.append("")
            room = _WORD - len(head) - len(tail)
        found[-1] += cluster
    return tuple(f"{head}{write(piece)}{tail}" for piece in found)


def _clusters(text: str) -> list[str]:
    """Characters with their combining marks, so that no word begins with a mark; long chains are cut."""
    found: list[str] = []
    for mark in text:
        if found and unicodedata.combining(mark) and len(found[-1]) < 4:
            found[-1] += mark
        else:
            found.append(mark)
    return found


def _q(text: str) -> str:
    return "".join(_Q_MARKS[byte] for byte in text.encode())


def _b(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
