"""The parts of a mail that came in: bytes to headers and text, whatever hostile or broken bytes they are.

The stdlib's compat32 parser for the structure (mail.md §2), own decoding of headers and texts. Sizes, the number of
parts and their nesting are limited; nothing here raises on any bytes.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from dataclasses import dataclass, field, replace
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from typing import Any, cast

MOST_BYTES = 1_500_000
"""Of a mail that are read: reports stand at the top, what follows is the mail they return."""
MOST_TEXT = 100_000
"""Characters of one part's text."""
MOST_PARTS = 60
MOST_DEPTH = 8
MOST_BOUNDARIES = 80
"""More of them nest deeper than any mail of a person or a mail system: only the headers are read then."""
_MOST_HEADER = 4_000
_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{1,20})?\?([bBqQ])\?([^?\s]{0,2000})\?=")
_BETWEEN = re.compile(r"(\?=)\s+(=\?[\w.:+-]{1,40}(?:\*[\w-]{1,20})?\?[bBqQ]\?)")
_HIDDEN = re.compile(r"<(script|style|head|title)\b[^<>]{0,500}>.{0,50000}?</\1\s{0,5}>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h\d|/?table|hr|/?ul)\b[^<>]{0,1000}>", re.IGNORECASE)
_QUOTED = re.compile(
    r"<(?:blockquote|div[^<>]{0,200}(?:gmail_quote|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg))", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]{0,5000}>")
_SURROGATES = re.compile("[\udc80-\udcff]")

HtmlMark = "\n> quoted\n"


@dataclass(frozen=True)
class Part:
    """One part that is no container."""

    type: str
    """Lower case, such as `text/plain`."""
    text: str
    """Decoded; of HTML its words. Of parts that are no text: their headers and lines as they stand."""
    depth: int
    inside_returned: bool = False
    """Whether it belongs to a mail that was attached, not to the report."""


@dataclass(frozen=True)
class Mail:
    """A mail, read."""

    headers: dict[str, tuple[str, ...]] = field(repr=False)
    """By lower-case name, decoded, in the order they stand."""
    type: str
    parameters: str
    """Of Content-Type, lower case, raw."""
    parts: tuple[Part, ...] = ()
    returned: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """Headers of the first mail that was attached or quoted in a part of its own."""

    def first(self, name: str) -> str:
        """The first header of this name; empty when there is none."""
        return next(iter(self.headers.get(name, ())), "")

    def part(self, *types: str) -> Part | None:
        """The first part of one of these types that is not of the returned mail."""
        return next((each for each in self.parts if each.type in types and not each.inside_returned), None)

    def texts(self) -> list[Part]:
        """Its own texts, plain ones first."""
        own = [each for each in self.parts if each.type.startswith("text/") and not each.inside_returned]
        return sorted(own, key=lambda each: each.type != "text/plain")


def read(raw: bytes) -> Mail:
    """The mail of these bytes. Never raises."""
    raw = raw[:MOST_BYTES]
    if raw.startswith(b"From ") and b"\n" in raw:
        raw = raw.partition(b"\n")[2]
    raw = raw.lstrip(b"\r\n")
    try:
        if raw.lower().count(b"boundary") > MOST_BOUNDARIES or raw.lower().count(b"message/rfc822") > MOST_BOUNDARIES:
            return _flat(raw)
        message = BytesParser(policy=compat32).parsebytes(raw)
        mail = _mail(message)
        # Boundaries that were lost on the way leave a container without parts: read it as it lies there.
        return mail if any(part.text.strip() for part in mail.parts) else replace(mail, parts=_flat(raw).parts)
    except Exception:  # whatever the parser trips over, the mail is kept and somebody looks at it
        return _flat(raw)


def _flat(raw: bytes) -> Mail:
    """Headers and the rest as one text: for what has no structure that can be trusted."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    try:
        headers = headers_of(BytesHeaderParser(policy=compat32).parsebytes(head + b"\n\n"))
    except Exception:  # as above
        headers = {}
    return Mail(headers, "text/plain", "", (Part("text/plain", text_of(body[:MOST_TEXT], None), 0),))


def _mail(message: Message) -> Mail:
    parts: list[Part] = []
    returned: dict[str, tuple[str, ...]] = {}
    _collect(message, parts, returned, depth=0, inside=False)
    told = str(message.get("Content-Type", "text/plain"))
    return Mail(headers_of(message), message.get_content_type(), told.lower()[:1000], tuple(parts), returned)


def _collect(
    message: Message, parts: list[Part], returned: dict[str, tuple[str, ...]], *, depth: int, inside: bool
) -> None:
    if len(parts) >= MOST_PARTS or depth > MOST_DEPTH:
        return
    kind, payload = message.get_content_type(), cast("object", message.get_payload())
    if kind in ("message/delivery-status", "message/disposition-notification", "message/feedback-report") or (
        kind.startswith("message/") and kind.endswith(("status", "notification", "report"))
    ):
        parts.append(Part(kind, _fields_text(message), depth, inside))
    elif isinstance(payload, list):
        carried = kind.startswith("message/")
        for each in _messages(payload):
            if carried and not returned:
                returned.update(headers_of(each))
            _collect(each, parts, returned, depth=depth + 1, inside=inside or carried)
    elif kind in ("text/rfc822-headers", "message/rfc822-headers", "message/rfc822", "message/partial"):
        text = _part_text(message)
        if not returned:
            returned.update(fields_of(text))
        parts.append(Part(kind, text, depth, True))
    elif kind.startswith("text/"):
        parts.append(Part(kind, _part_text(message), depth, inside))
    else:
        parts.append(Part(kind, "", depth, inside))


def _messages(payload: Any) -> list[Message]:
    """Those of a container's parts that could be parsed."""
    return [each for each in cast("list[object]", payload) if isinstance(each, Message)]


def _fields_text(message: Message) -> str:
    """The fields of a report as they stand, a blank line between their groups."""
    payload = cast("object", message.get_payload())
    groups = _messages(payload) if isinstance(payload, list) else [message]
    texts: list[str] = []
    for each in groups[:50]:
        head = "\n".join(f"{name}: {unfolded(str(value))}" for name, value in each.items())
        rest = each.get_payload()
        texts.append(f"{head}\n{rest if isinstance(rest, str) else ''}".strip())
    text = "\n\n".join(each for each in texts if each)
    encoding = str(message.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding in ("base64", "quoted-printable") and ":" not in text.partition("\n")[0]:
        decoded = _transfer_decoded(text.encode("utf-8", "surrogateescape"), encoding)
        return text_of(decoded, None)[:MOST_TEXT]
    return _SURROGATES.sub("?", text)[:MOST_TEXT]


def _transfer_decoded(raw: bytes, encoding: str) -> bytes:
    try:
        return base64.b64decode(raw) if encoding == "base64" else binascii.a2b_qp(raw)
    except (binascii.Error, ValueError):
        return raw


def _part_text(message: Message) -> str:
    payload = message.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    charset = message.get_param("charset")
    text = text_of(raw[: MOST_TEXT * 4], charset if isinstance(charset, str) else None)
    return words_of_html(text) if message.get_content_type() == "text/html" else text[:MOST_TEXT]


def text_of(raw: bytes, charset: str | None) -> str:
    """Bytes as text: as the mail says, else UTF-8, else what old mail systems of the west wrote."""
    for name in (charset, "utf-8"):
        if not name:
            continue
        try:
            return raw.decode(name.strip("\"' ")).replace("\r\n", "\n").replace("\r", "\n")
        except (LookupError, UnicodeError, ValueError):
            continue
    try:
        return raw.decode(charset or "cp1252", "replace").replace("\r\n", "\n").replace("\r", "\n")
    except (LookupError, UnicodeError, ValueError):
        return raw.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")


def words_of_html(text: str) -> str:
    """The words a reader sees; where a mail program begins what it quotes, a line that begins with `>`."""
    text = _HIDDEN.sub(" ", text[: MOST_TEXT * 4])
    found = _QUOTED.search(text)
    if found is not None:
        text = f"{text[: found.start()]}{HtmlMark}{text[found.start() :]}"
    text = _TAG.sub(
        "", _BREAK.sub("\n", re.sub(r"\s+", " ", text) if "<br" in text.lower() or "<p" in text.lower() else text)
    )
    lines = (" ".join(line.split()) for line in html.unescape(text).splitlines())
    return "\n".join(lines)[:MOST_TEXT]


def headers_of(message: Message) -> dict[str, tuple[str, ...]]:
    """The headers, decoded, by lower-case name."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in list(message.raw_items())[:400]:
        key = name.lower()
        found[key] = (*found.get(key, ()), decoded(unfolded(str(value))))
    return found


def fields_of(text: str) -> dict[str, tuple[str, ...]]:
    """Fields written as headers at the head of a text; the same form."""
    found: dict[str, tuple[str, ...]] = {}
    name = ""
    for line in text.lstrip("\n ").splitlines()[:600]:
        if not line.strip():
            break
        if line[0] in " \t" and name:
            *before, last = found[name]
            found[name] = (*before, f"{last} {line.strip()}"[:_MOST_HEADER])
            continue
        key, colon, value = line.partition(":")
        if not colon or " " in key.strip() or not key.strip():
            name = ""
            continue
        name = key.strip().lower()
        found[name] = (*found.get(name, ()), decoded(value.strip()))
    return found


def unfolded(value: str) -> str:
    """A header on one line, no longer than any honest one."""
    return " ".join(value[: _MOST_HEADER * 2].split())[:_MOST_HEADER]


def decoded(value: str) -> str:
    """A header with its encoded-words read (RFC 2047); what can't be read stays as it is."""
    if _SURROGATES.search(value):
        raw = value.encode("utf-8", "surrogateescape")
        value = text_of(raw, None)
    return _WORD.sub(_read_word, _BETWEEN.sub(r"\1\2", value)) if "=?" in value else value


def _read_word(found: re.Match[str]) -> str:
    charset, encoding, text = found.groups()
    try:
        if encoding in "bB":
            raw = base64.b64decode(text + "=" * (-len(text) % 4))
        else:
            raw = binascii.a2b_qp(text.replace("_", " ").encode("ascii", "replace"), header=False)
    except (binascii.Error, ValueError):
        return found.group(0)
    return " ".join(text_of(raw, charset).split("\n"))
