"""Can any value become a header of its own, or come out as another value than went in?"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadloom.domain.errors import BadInput
from leadloom.mail.headers import clean, fixed, mailbox, token, tokens, wire_address, words

INJECTION = "=?utf-8?q?=0D=0ABcc=3A_eve=40evil.example?="
hostile = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(["\r", "\n", "\r\nBcc: eve@evil.example", "\0", "\u2028", "\x85", INJECTION, "=?", "\ud800"]),
        st.sampled_from(['"', "\\", "<a@b.example>", ",", "e\u0301", "寒", "👩‍🔬", "\u202e", " " * 9, "x" * 90]),
    ),
    max_size=8,
).map("".join)


def names_of(wire: bytes) -> list[str]:
    return message_from_bytes(wire + b"\r\n", policy=default.clone(utf8=True)).keys()


def unfolded(wire: bytes) -> str:
    return wire.decode().replace("\r\n ", " ").partition(": ")[2].removesuffix("\r\n")


@given(hostile)
@example(INJECTION)
@example("Ana\r\nBcc: eve@evil.example")
def test_no_text_ever_becomes_a_second_header(text: str) -> None:
    for wire in (words("Subject", text), mailbox("From", text, "ana@alder.example")):
        lines = wire.removesuffix(b"\r\n").split(b"\r\n")
        assert all(line.startswith(b" ") for line in lines[1:])
        assert all(len(line) <= 76 or b" " not in line.partition(b": ")[2].strip() for line in lines)
        assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\xff]", wire)
        assert names_of(wire) in (["Subject"], ["From"])


@given(hostile)
@example(INJECTION)
def test_a_foreign_parser_reads_the_cleaned_text_back(text: str) -> None:
    subject = unfolded(words("Subject", text))
    assert str(make_header(decode_header(subject))) == clean(text)


@given(hostile.filter(clean))
@example(INJECTION)
@example('Ana "the cold" Ortiz, \\Alder')
def test_a_foreign_parser_reads_the_display_name_and_the_address_back(text: str) -> None:
    parsed = message_from_bytes(mailbox("From", text, "ana@alder.example") + b"\r\n")["From"]
    phrase = parsed.replace("\r\n ", " ").removesuffix(" <ana@alder.example>")
    assert phrase != parsed
    unquoted = re.sub(r"\\(.)", r"\1", phrase[1:-1]) if phrase.startswith('"') else phrase
    assert str(make_header(decode_header(unquoted))) == clean(text) or unquoted == clean(text)


@given(st.text(min_size=1, max_size=128))
def test_encoded_words_are_short_and_whole(text: str) -> None:
    found = re.findall(r"=\?utf-8\?[qb]\?.*?\?=", words("Subject", "é" + text).decode())
    assert found
    for word in found:
        assert len(word) <= 75
        [(raw, _)] = decode_header(word)
        raw.decode("utf-8")  # a character cut in two would not decode


def test_whichever_encoding_is_shorter_is_taken() -> None:
    assert words("Subject", "Inês Carvalho") == b"Subject: =?utf-8?q?In=C3=AAs_Carvalho?=\r\n"
    assert words("Subject", "寒い倉庫") == b"Subject: =?utf-8?b?5a+S44GE5YCJ5bqr?=\r\n"


def test_text_is_nfc_single_spaced_and_at_most_128_characters() -> None:
    assert clean("  Ine\u0302s\t\r\n Carvalho\0 ") == "Inês Carvalho"
    assert len(clean("word " * 100)) <= 128


@pytest.mark.parametrize("text", ["a b", "a\r\nBcc: x", "<a>", "ä", "a\0", "", INJECTION, "x" * 901])
def test_an_id_that_is_no_token_is_refused_and_not_mended(text: str) -> None:
    with pytest.raises(BadInput, match="printable ASCII"):
        token(text, what="References")


def test_ids_are_folded_between_and_never_within() -> None:
    ids = [f"{'a' * 90}{number}@kelvance.example" for number in range(3)]
    wire = tokens("References", ids)
    assert unfolded(wire).split(" ") == [f"<{one}>" for one in ids]
    assert b"=?" not in wire


def test_a_fixed_header_takes_nothing_foreign() -> None:
    with pytest.raises(BadInput):
        fixed("Feedback-ID", "a:b\r\nBcc: x")
    with pytest.raises(BadInput):
        fixed("Bad Name", "a")


@pytest.mark.parametrize(
    ("address", "local", "domain"),
    [
        ("Ana.Ortiz+x@alder.example", "Ana.Ortiz+x", "alder.example"),
        ("ana@KÜHL.example", "ana", "xn--khl-hoa.example"),
        ("jörg@kühl.example", "jörg", "xn--khl-hoa.example"),
    ],
)
def test_a_domain_is_written_as_a_labels(address: str, local: str, domain: str) -> None:
    wire = wire_address(address)
    assert (wire.local, wire.domain, wire.needs_utf8) == (local, domain, not local.isascii())


@pytest.mark.parametrize(
    "address",
    [
        "ana",
        "ana@",
        "ana@alder..example",
        "a b@alder.example",
        "ana@alder.example\r\nBcc: x",
        "=?q?=@alder.example",
        "ana@-alder.example",
        "x" * 65 + "@alder.example",
        "ana>@alder.example",
    ],
)
def test_an_address_no_relay_could_take_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        wire_address(address)
