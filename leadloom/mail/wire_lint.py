"""What would a strict relay, mail reader or mailbox provider find wrong with these bytes? (mail.md §1)"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.message import Message
from typing import cast

from leadloom.domain.mails.mail_class import MailClass

LONGEST_LINE = 998
"""Bytes of a line without its CRLF (RFC 5322 §2.1.1)."""
LONGEST_FOLDED = 78
"""Bytes of a header line that could have been folded."""
LARGEST_HTML = 100_000
"""Bytes of the HTML part on the wire: Gmail clips what is larger, and with it the way to unsubscribe."""

_ONCE = (
    "from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "feedback-id", "content-type",
    "auto-submitted", "x-auto-response-suppress",
)  # fmt: skip
_LIST = ("list-unsubscribe", "list-unsubscribe-post", "list-id", "list-help")
_AT_MOST_ONCE = (*_LIST, "in-reply-to", "references")
_MAY_BE_ENCODED = ("from", "to", "reply-to", "subject")
_ENCODED_WORD = re.compile(rb"=\?utf-8\?(?:q\?[!->@-~]*|b\?[A-Za-z0-9+/]*=*)\?=")
_ONE_CLICK = re.compile(rb"<https?://[!-;=?-~]+>, *<mailto:[!-;=?-~]+>")
_FEEDBACK = re.compile(rb"(?:[a-z0-9-]+:){3}[a-z0-9-]{5,15}")

Header = tuple[str, bytes]
"""Its name in lower case, and its value unfolded."""


def lint_wire(wire: bytes, *, mail_class: str = MailClass.MARKETING, stops: bool = False) -> list[str]:
    """The faults in words; empty is good. `stops`: a mail of another class that asks to become marketing."""
    is_list = stops or mail_class == MailClass.MARKETING
    faults = [*_line_faults(wire)]
    head, found, _ = wire.partition(b"\r\n\r\n")
    if not found:
        return [*faults, "there is no empty line after the headers"]
    headers = [_header(line) for line in re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n")]
    return [
        *faults,
        *_count_faults([name for name, _ in headers]),
        *_fold_faults(head),
        *_word_faults(headers),
        *_value_faults(dict(headers)),
        *_list_faults(dict(headers), mail_class=mail_class, is_list=is_list),
        *_signature_faults(headers),
        *_body_faults(message_from_bytes(wire), is_list=is_list),
    ]


def _header(line: bytes) -> Header:
    name, _, value = line.partition(b":")
    return name.decode("latin-1").lower(), value.strip()


def _line_faults(wire: bytes) -> Iterator[str]:
    if re.search(rb"\r(?!\n)|(?<!\r)\n", wire):
        yield "a line does not end in CRLF"
    if not wire.endswith(b"\r\n"):
        yield "the last line has no end"
    if b"\0" in wire:
        yield "there is a NUL"
    if not wire.isascii():
        yield "there is a byte outside of ASCII: a relay of seven bits would change it, and break the signature"
    longest = max(len(line) for line in wire.split(b"\r\n"))
    if longest > LONGEST_LINE:
        yield f"a line has {longest} bytes"


def _count_faults(names: list[str]) -> Iterator[str]:
    for name in _ONCE:
        if names.count(name) != 1:
            yield f"{name} stands {names.count(name)} times"
    for name in _AT_MOST_ONCE:
        if names.count(name) > 1:
            yield f"{name} stands {names.count(name)} times"


def _fold_faults(head: bytes) -> Iterator[str]:
    for line in head.split(b"\r\n"):
        name = line.partition(b":")[0].decode("latin-1")
        if re.search(rb"[^ -~]", line.replace(b"\t", b" ")):
            yield f"{name} holds a control character"
        # What has a space within could have been broken there; a token that is longer stays whole.
        if len(line) > LONGEST_FOLDED and b" " in re.sub(rb"^[!-9;-~]+: ", b"", line).strip():
            yield f"{name} could be folded and has {len(line)} bytes"


def _word_faults(headers: Iterable[Header]) -> Iterator[str]:
    for name, value in headers:
        if b"=?" not in value or name == "dkim-signature":
            continue
        if name not in _MAY_BE_ENCODED:
            yield f"{name} holds an encoded-word"
        words = [word for word in value.split() if b"=?" in word]
        if not all(_ENCODED_WORD.fullmatch(word) and len(word) <= 75 for word in words):
            yield f"{name} holds what is no encoded-word of at most 75 bytes"


def _value_faults(headers: dict[str, bytes]) -> Iterator[str]:
    ours = headers.get("from", b"").rpartition(b"@")[2].rstrip(b">")
    if not headers.get("message-id", b"").endswith(b"@" + ours + b">"):
        yield "message-id is not on the domain of from"
    if not _FEEDBACK.fullmatch(headers.get("feedback-id", b"")):
        yield "feedback-id is not step:journey:class:sender, with 5 to 15 characters for the sender"
    if b"all" in headers.get("x-auto-response-suppress", b"").lower().split(b", "):
        yield "x-auto-response-suppress asks to suppress reports of non-delivery"


def _list_faults(headers: dict[str, bytes], *, mail_class: str, is_list: bool) -> Iterator[str]:
    there = [name for name in _LIST if name in headers]
    if not is_list:
        if there:
            yield f"{mail_class} mail has List- headers"
        return
    if not there:
        yield f"{mail_class} mail has no List- headers"
        return
    yield from (f"{name} is missing" for name in _LIST if name not in there)
    if not _ONE_CLICK.fullmatch(headers.get("list-unsubscribe", b"")):
        yield "list-unsubscribe is not a URL and then a mailbox"
    if headers.get("list-unsubscribe-post") != b"List-Unsubscribe=One-Click":
        yield "list-unsubscribe-post does not say One-Click (RFC 8058)"


def _signature_faults(headers: list[Header]) -> Iterator[str]:
    for value in (value.replace(b" ", b"").replace(b"\t", b"") for name, value in headers if name == "dkim-signature"):
        tags = {name: tag for name, _, tag in (part.partition(b"=") for part in value.split(b";"))}
        signed = tags.get(b"h", b"").decode().split(":")
        there = {name for name, _ in headers}
        unsigned = sorted(there - set(signed) - {"dkim-signature"})
        if unsigned:
            yield f"a signature leaves out {', '.join(unsigned)}"
        if b"l" in tags:
            yield "a signature covers a part of the body only"


def _ours(mail: Message) -> Iterator[Message]:
    """The parts we wrote: a mail that goes along stays as somebody else wrote it (RFC 2046 §5.2.1)."""
    if mail.get_content_type() == "message/rfc822":
        return
    if not mail.is_multipart():
        yield mail
        return
    for part in cast("list[Message]", mail.get_payload()):
        yield from _ours(part)


def _body_faults(mail: Message, *, is_list: bool) -> Iterator[str]:
    parts = {part.get_content_type(): part for part in _ours(mail)}
    if [kind for kind in parts if kind.startswith("text/")][:2] != ["text/plain", "text/html"]:
        yield "the parts are not text and then HTML"
        return
    for kind, part in parts.items():
        if str(part["Content-Transfer-Encoding"]) not in ("quoted-printable", "base64"):
            yield f"{kind} is neither quoted-printable nor base64"
    if len(str(parts["text/html"].get_payload())) > LARGEST_HTML:
        yield f"the HTML part has more than {LARGEST_HTML} bytes: Gmail would clip it"
    text = parts["text/plain"].get_payload(decode=True)
    url = re.match(r"<([^>]+)>", str(mail.get("List-Unsubscribe", "")))
    if is_list and url and (not isinstance(text, bytes) or url[1].encode() not in text):
        yield "the text part does not show where to unsubscribe"
