"""Does the lint find each thing it looks for, and nothing in a good mail?"""

from __future__ import annotations

from pathlib import Path

import pytest

from leadloom.mail.compose import compose
from leadloom.mail.dkim_keys import make_key
from leadloom.mail.signing import Signatory
from leadloom.mail.wire_lint import lint_wire
from tests.mail.test_compose import LETTER, NOTICE, SECRET, URL

GOOD = compose(LETTER, secret=SECRET)


def test_a_good_mail_has_no_fault_whether_it_is_signed_or_not(tmp_path: Path) -> None:
    key = make_key(tmp_path, "kelvance.example", "s1", algorithm="ed25519")
    signed = compose(LETTER, secret=SECRET, signatory=Signatory((key,)))
    assert lint_wire(GOOD) == lint_wire(signed) == []
    assert lint_wire(signed.replace(b"list-unsubscribe-post:", b"")) == ["a signature leaves out list-unsubscribe-post"]
    assert lint_wire(signed.replace(b" bh=", b" l=9; bh=")) == ["a signature covers a part of the body only"]


@pytest.mark.parametrize(
    ("change", "to", "fault"),
    [
        (b"\r\n", b"\n", "a line does not end in CRLF"),
        (b"Date:", b"Date: x\r\nDate:", "date stands 2 times"),
        (b"From:", b"Form:", "from stands 0 times"),
        (b"Auto-Submitted:", b"X-Auto:", "auto-submitted stands 0 times"),
        (b"<https", b"=?utf-8?q?<https", "list-unsubscribe holds an encoded-word"),
        (b"Hello", b"H\xc3\xa9llo", "there is a byte outside of ASCII: a relay of seven bits would change it"),
        (b"Subject: ", b"Subject: =?utf-8?q?a b?= ", "subject holds what is no encoded-word of at most 75 bytes"),
        (b"Subject: ", b"Subject: =?latin1?q?a?= ", "subject holds what is no encoded-word of at most 75 bytes"),
        (b"Subject: ", b"Subject: " + b"a word " * 12, "Subject could be folded and has"),
        (b"Subject: ", b"Subject: \x07", "Subject holds a control character"),
        (b"@kelvance.example>\r\nList", b"@else.example>\r\nList", "message-id is not on the domain of from"),
        (b":kelvance\r\n", b":k\r\n", "feedback-id is not step:journey:class:sender"),
        (b": OOF, AutoReply", b": All", "x-auto-response-suppress asks to suppress reports"),
        (b"List-Id:", b"X-Id:", "list-id is missing"),
        (b"List-Help:", b"X-Help:", "list-help is missing"),
        (b"=One-Click", b"=Two-Clicks", "list-unsubscribe-post does not say One-Click"),
        (b"<mailto:u-", b"<sms:u-", "list-unsubscribe is not a URL and then a mailbox"),
        (b"List-Unsubscribe: <", b"List-Unsubscribe: <https://else.example>, <", "list-unsubscribe is not a URL"),
        (b"quoted-printable", b"8bit", "text/plain is neither quoted-printable nor base64"),
        (b"text/plain", b"text/html", "the parts are not text and then HTML"),
    ],
)
def test_a_fault_is_found_and_said(change: bytes, to: bytes, fault: str) -> None:
    assert change in GOOD
    assert any(fault in found for found in lint_wire(GOOD.replace(change, to, 1)))


def test_what_is_too_long_or_hidden_is_found() -> None:
    assert "a line has 2000 bytes" in lint_wire(GOOD + b"x" * 2000 + b"\r\n")
    assert "there is a NUL" in lint_wire(GOOD + b"\0\r\n")
    assert "the last line has no end" in lint_wire(GOOD + b"x")
    large = LETTER.model_copy(update={"html": "<p>" + "long " * 30_000})
    assert any("Gmail would clip it" in fault for fault in lint_wire(compose(large, secret=SECRET)))
    hidden = LETTER.model_copy(update={"text": LETTER.text.replace(URL, "")})
    assert lint_wire(compose(hidden, secret=SECRET)) == ["the text part does not show where to unsubscribe"]


def test_only_marketing_mail_is_a_list() -> None:
    assert "marketing mail has no List- headers" in lint_wire(compose(NOTICE, secret=SECRET))
    assert "service mail has List- headers" in lint_wire(GOOD, mail_class="service")
