"""Do other programs read back what we wrote, whatever a lead calls themselves? And nothing that nobody wrote?"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from pathlib import Path
from typing import NamedTuple, cast

import pytest
from fast_mail_parser import parse_email
from hypothesis import given, settings
from hypothesis import strategies as st

from leadloom.domain.mails.template import LeadWords
from leadloom.mail.compose import Letter, Party, compose
from leadloom.mail.headers import clean
from leadloom.mail.wire_lint import lint_wire
from tests.journeys.letters import written
from tests.mail.every_letter import SECRET, letter
from tests.mail.test_headers import INJECTION, hostile

ANA = "ana.ortiz@alder.example"
AT = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
HOSTILE = [
    "Ana Ortiz",
    "Ana\r\nBcc: eve@evil.example",
    "Ana\nBcc: eve@evil.example\n\n<script>",
    "Ana\r\n\r\nA second body",
    INJECTION,
    "=?utf-8?b?QW5hDQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=",
    "=?unknown?q?=FF?= =?utf-8?q?=E5=AF?=",
    "=?utf-8?q?open",
    "Ana\0Ortiz",
    "".join(map(chr, range(32))) + "\x7f",
    "Ana\x85Bcc: eve@evil.example",
    "Ana\u2028Bcc: eve@evil.example\u2029",
    "\u202eelpmaxe.live@eve\u202c",
    "\u2066Ana\u2069\u200f",
    "x" * 500,
    "word " * 100,
    "寒" * 500,
    "e\u0301" * 250,
    "👩‍🔬" * 100,
    "\ud800broken\udfff",
    '"Ana" <eve@evil.example>, "Ben',
    "Ana (a comment (nested) \\) Ortiz",
    "Ana, Ben; Chloe: <>@[]\\",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "<b onload=alert(1)>Ana</b>",
    "--=_boundary--",
    ".\r\n.\r\nQUIT",
    "From eve@evil.example Mon",
    "Ǆungla ﬁ Å",
    "\ufeffAna\u200b\u00a0Ortiz",
]


class Read(NamedTuple):
    """What a program shows of a mail."""

    to: str
    address: str
    subject: str
    text: str


def a_mail(field: str) -> Letter:
    """A whole mail of ours to a lead each of whose fields says that."""
    words = LeadWords(first_name=field, company=field, role=field, country=field)
    copy = written("welcome-four-degrees", "nine-minutes", words, mail_class="marketing")
    plain = letter("welcome-four-degrees", "nine-minutes", AT)
    return plain.model_copy(
        update={
            "to": Party(name=field, address=ANA),
            "sender": Party(name=field, address="ines.carvalho@kelvance.example"),
            "subject": f"{field} {copy.subject}",
            "text": copy.text,
            "html": copy.html,
        }
    )


def expected(mail: Letter) -> Read:
    return Read(clean(mail.to.name), ANA, clean(mail.subject), lines_of(mail.text))


def lines_of(text: str) -> str:
    """With ends of lines as Python has them, and lone surrogates as the wire has them: as a question mark."""
    return re.sub(r"\r\n|\r", "\n", text).encode("utf-8", "replace").decode()


def as_pythons_old_parser_reads(wire: bytes) -> Read:
    mail = message_from_bytes(wire)
    name, address = parseaddr(mail["To"].replace("\r\n", ""))
    body = cast("bytes", cast("list[EmailMessage]", mail.get_payload())[0].get_payload(decode=True)).decode()
    return Read(decoded(name), address, decoded(mail["Subject"]), lines_of(body))


def decoded(value: str) -> str:
    return str(make_header(decode_header(value.replace("\r\n", "")))) if "=?" in value else value.replace("\r\n", "")


def as_pythons_new_parser_reads(wire: bytes) -> Read:
    mail = cast("EmailMessage", message_from_bytes(wire, policy=default))
    [to] = mail["To"].addresses
    text = cast("EmailMessage", mail.get_body(("plain",))).get_content()
    return Read(to.display_name, to.addr_spec, mail["Subject"], lines_of(text))


def as_a_parser_in_rust_reads(wire: bytes) -> Read:
    mail = parse_email(wire)
    [to] = mail.to
    return Read(to.display_name or "", to.address, mail.subject, lines_of(mail.text_plain[0]))


def assert_read_as_written(field: str) -> None:
    mail = a_mail(field)
    wire = compose(mail, secret=SECRET)
    assert lint_wire(wire) == []
    benign = message_from_bytes(compose(a_mail("Ana"), secret=SECRET)).keys()
    assert message_from_bytes(wire).keys() == benign
    assert list(parse_email(wire).headers) == benign
    assert as_a_parser_in_rust_reads(wire) == expected(mail)
    assert as_pythons_old_parser_reads(wire) == expected(mail)
    # Python's new parser keeps the space between two encoded-words of a name (cpython issue 92081): compare without.
    theirs, ours = as_pythons_new_parser_reads(wire), expected(mail)
    assert theirs._replace(to=theirs.to.replace(" ", "")) == ours._replace(to=ours.to.replace(" ", ""))


@pytest.mark.parametrize("field", HOSTILE, ids=range(len(HOSTILE)))
def test_what_a_hostile_lead_calls_themselves_is_read_back_and_nothing_else(field: str) -> None:
    assert_read_as_written(field)


@settings(max_examples=25)
@given(hostile)
def test_so_is_whatever_else_anybody_thinks_of(field: str) -> None:
    assert_read_as_written(field)


@given(st.text(min_size=1, max_size=10))
def test_most_names_are_one_word_for_readers_that_part_two_by_a_space(field: str) -> None:
    wire = compose(letter("task", "asked", AT).model_copy(update={"to": Party(name=field, address=ANA)}), secret=SECRET)
    assert as_pythons_new_parser_reads(wire).to == clean(field)


def test_npm_mailparser_reads_the_same(tmp_path: Path) -> None:
    modules = os.environ.get("LEADLOOM_NODE_MODULES", "")
    if not shutil.which("node") or not modules or not (Path(modules) / "mailparser").is_dir():
        pytest.skip("name a folder with npm's mailparser in it: LEADLOOM_NODE_MODULES (npm install mailparser)")
    mails = {f"{number:02}.eml": a_mail(field) for number, field in enumerate(HOSTILE)}
    for name, mail in mails.items():
        (tmp_path / name).write_bytes(compose(mail, secret=SECRET))
    reader = Path(__file__).with_name("mailparser_read.cjs")
    done = subprocess.run(["node", reader, modules, tmp_path], capture_output=True, text=True, timeout=120, check=False)
    theirs = {name: Read(**read) for name, read in json.loads(done.stdout).items()}
    # It trims the text, and the ends of what it shows in a header.
    assert {name: read._replace(text=lines_of(read.text).strip()) for name, read in theirs.items()} == {
        name: expected(mail)._replace(text=lines_of(mail.text).strip()) for name, mail in mails.items()
    }
