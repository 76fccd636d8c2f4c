"""Are the bytes of a mail right for a strict reader, and the same each time?"""

from __future__ import annotations

import base64
import hmac
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.errors import BadInput
from leadloom.domain.model import MessageId
from leadloom.mail.compose import Letter, Origin, Party, Stop, compose, wire_id, wire_key
from leadloom.mail.wire_lint import lint_wire
from tests.mail.test_headers import hostile

SECRET = "a-secret-that-never-rotates"
URL = "https://kelvance.example/u/" + "t" * 90
LETTER = Letter(
    message_id=MessageId(UUID(int=5)),
    mail_class="marketing",
    written_at=datetime(2026, 3, 3, 14, 30, tzinfo=UTC),
    sender=Party(name="Inês Carvalho", address="ines.carvalho@kelvance.example"),
    reply_to="r-abc@kelvance.example",
    to=Party(name="Ana Ortiz", address="ana.ortiz@alder.example"),
    subject="Nine minutes at −2 °C",
    html="<p>Hello Ana,</p>\n<p>.</p>\n<p>" + "long " * 300 + "</p>",
    text=f"Hello Ana,\n.\n\nFrom here — on.\n\nNo more of these: {URL}\n",
    origin=Origin(step="hello", journey="welcome-four-degrees", sender_id="kelvance"),
    stop=Stop(url=URL, mailbox="u-abc@kelvance.example", program="marketing"),
)
NOTICE = LETTER.model_copy(update={"mail_class": "owner-notice", "stop": None})


def changed(**values: object) -> Letter:
    return LETTER.model_copy(update=values)


def parsed(wire: bytes) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(wire, policy=default))


def head(wire: bytes) -> str:
    return wire.partition(b"\r\n\r\n")[0].decode()


def test_a_mail_passes_the_lint_and_a_foreign_parser_reads_what_we_wrote() -> None:
    wire = compose(LETTER, secret=SECRET)
    assert lint_wire(wire) == []
    mail = parsed(wire)
    assert mail["From"] == "Inês Carvalho <ines.carvalho@kelvance.example>"
    assert mail["Reply-To"] == "Inês Carvalho <r-abc@kelvance.example>"
    assert mail["To"] == "Ana Ortiz <ana.ortiz@alder.example>"
    assert mail["Subject"] == LETTER.subject
    assert mail["Date"].datetime == LETTER.written_at
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    contents = [part.get_content().replace("\r\n", "\n") for part in mail.iter_parts()]
    assert contents == [LETTER.text, LETTER.html]


def test_the_same_letter_is_the_same_bytes() -> None:
    again = Letter.model_validate_json(LETTER.model_dump_json())
    assert compose(again, secret=SECRET) == compose(LETTER, secret=SECRET)


def test_the_id_belongs_to_the_message_and_not_to_the_try() -> None:
    ours = wire_id(LETTER.message_id, secret=SECRET, domain="kelvance.example")
    assert f"Message-ID: <{ours}>" in head(compose(changed(subject="Another"), secret=SECRET))
    assert re.fullmatch(r"[a-z2-7]{32}@kelvance\.example", ours)
    assert ours != wire_id(MessageId(UUID(int=6)), secret=SECRET, domain="kelvance.example")
    assert ours != wire_id(LETTER.message_id, secret=SECRET + "!", domain="kelvance.example")


@given(st.uuids())
def test_the_key_of_a_mail_is_for_ever_the_base32_of_what_its_id_and_the_secret_hash_to(id_: UUID) -> None:
    hashed = hmac.digest(SECRET.encode(), id_.bytes, "sha256")
    assert wire_key(MessageId(id_), secret=SECRET) == base64.b32encode(hashed[:20]).decode().lower()


def test_one_click_unsubscribe_stands_whole_and_unfolded() -> None:
    lines = head(compose(LETTER, secret=SECRET)).split("\r\n")
    assert f"List-Unsubscribe: <{URL}>," in lines
    assert " <mailto:u-abc@kelvance.example>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert "List-Id: <marketing.kelvance.example>" in lines
    assert "List-Help: <mailto:r-abc@kelvance.example?subject=help>" in lines, "where a person answers"


def test_a_mail_says_it_is_automatic_and_where_it_comes_from() -> None:
    text = head(compose(LETTER, secret=SECRET))
    assert "Auto-Submitted: auto-generated" in text
    assert "X-Auto-Response-Suppress: OOF, AutoReply" in text
    assert "Feedback-ID: hello:welcome-four-degrees:marketing:kelvance" in text
    short = changed(origin=Origin(step="hello", journey="welcome", sender_id="acme"))
    assert "Feedback-ID: hello:welcome:marketing:acme-mail\r\n" in head(compose(short, secret=SECRET)), "5 to 15"


def test_an_owner_notice_is_no_list() -> None:
    wire = compose(NOTICE, secret=SECRET)
    assert lint_wire(wire, mail_class="owner-notice") == []
    assert "List-" not in head(wire)


def test_a_follow_up_joins_the_thread_with_the_last_ten_ids() -> None:
    ids = tuple(wire_id(MessageId(UUID(int=n)), secret=SECRET, domain="kelvance.example") for n in range(12))
    wire = compose(changed(earlier=ids), secret=SECRET)
    assert lint_wire(wire) == []
    mail = parsed(wire)
    assert mail["In-Reply-To"] == f"<{ids[-1]}>"
    assert re.findall(r"<(.*?)>", mail["References"]) == list(ids[-10:])


def test_an_invitation_goes_along_as_a_file() -> None:
    wire = compose(changed(invitation="BEGIN:VCALENDAR\r\nSUMMARY:Anruf für Ana\r\nEND:VCALENDAR\r\n"), secret=SECRET)
    assert lint_wire(wire) == []
    (file,) = parsed(wire).iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "invitation.ics")
    assert "SUMMARY:Anruf für Ana" in file.get_content()


@given(hostile, hostile, hostile)
def test_hostile_words_change_no_header_but_their_own(name: str, subject: str, text: str) -> None:
    hostile_letter = changed(
        sender=Party(name=name, address="ines.carvalho@kelvance.example"),
        to=Party(name=name, address="ana.ortiz@alder.example"),
        subject=subject,
        text=f"{text}\n{URL}",
        html=text,
    )
    wire = compose(hostile_letter, secret=SECRET)
    assert lint_wire(wire) == []
    assert message_from_bytes(wire).keys() == message_from_bytes(compose(LETTER, secret=SECRET)).keys()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_a_body_comes_back_as_it_was(text: str) -> None:
    for part in parsed(compose(changed(text=text, html=text), secret=SECRET)).iter_parts():
        lines = cast("bytes", part.get_payload(decode=True)).decode().replace("\r\n", "\n")
        assert lines == re.sub(r"\r\n|\r", "\n", text)


@pytest.mark.parametrize(
    "change",
    [
        {"reply_to": "x@y.example\r\nBcc: eve@evil.example"},
        {"to": Party(address="ana ortiz@alder.example")},
        {"earlier": ("a b@kelvance.example",)},
        {"stop": Stop(url="https://k.example/u/\r\nX: y", mailbox="u@kelvance.example", program="marketing")},
    ],
)
def test_an_address_id_or_url_that_is_none_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        compose(changed(**change), secret=SECRET)
