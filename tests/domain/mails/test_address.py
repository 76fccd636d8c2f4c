"""Is every address on the page taken, spelled or refused as it says? And does nothing ever break the reader?"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.identity import normal_email
from leadloom.domain.mails.address import REMEDY, read_address
from leadloom.mail.headers import mailbox, wire_address
from tests import repository

PAGE = repository.text(Path("docs/reference/addresses.md"))
ESCAPES = {"\\r": "\r", "\\n": "\n", "\\t": "\t", "\\0": "\0", "\\\\": "\\"}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head."""
    table = PAGE.partition(f"## {heading}")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r" \|(?: |$)", line.removeprefix("| "))] for line in lines]


def meant(cell: str) -> str:
    """What `\\u200b` and `a{65}` in the page stand for."""
    text = re.sub(r"(.)\{(\d+)\}", lambda found: found[1] * int(found[2]), cell.strip("`"))
    text = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r"\\[rnt0\\]", lambda found: ESCAPES[found[0]], text)


TAKEN = {meant(given_): meant(known) for given_, known, *_ in rows("Taken, and spelled one way")}
REFUSED = {meant(given_): why for given_, why, *_ in rows("Refused")}


def test_the_page_has_its_tables() -> None:
    assert len(TAKEN) > 15
    assert len(REFUSED) > 50


@pytest.mark.parametrize("text", TAKEN, ids=ascii)
def test_what_is_taken_is_spelled_one_way_and_can_be_sent_to(text: str) -> None:
    known = normal_email(text)
    assert known == TAKEN[text]
    assert normal_email(known) == known
    assert str(wire_address(known)) == known
    assert mailbox("To", "Ana", known).decode().replace("\r\n", "") == f"To: Ana <{known}>"


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text[:40]))
def test_what_is_refused_says_why_and_what_to_give(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        normal_email(text)
    assert REFUSED[text] in refused.value.remedy
    assert refused.value.remedy.endswith(REMEDY)
    assert refused.value.field == "email"


def test_the_wire_takes_letters_outside_of_ascii_for_relays_that_do() -> None:
    assert str(wire_address("jörg@kühl.example")) == "jörg@xn--khl-hoa.example"


@given(st.text(max_size=40) | st.text('ana@.-xé\u0430\u200b\u212a[]"()<>:,;\\ \r\n\0=?1', max_size=40))
@example("\u212aurt@alder.example")
@example("ana@\u212aelvin.example")
@example("@" * 40)
@example("ana@" + "\u3002" * 10)
def test_whatever_is_given_is_an_ascii_address_or_refused(text: str) -> None:
    try:
        known = normal_email(text)
    except BadInput:
        return
    assert known.isascii()
    assert re.fullmatch(r"[!-?A-~]+@[a-z0-9.-]+", known)
    assert normal_email(known) == known
    assert len(known) <= 254


@given(st.from_regex(r"[A-Za-z0-9_.+-]{1,66}@([A-Za-z0-9-]{1,10}\.){1,3}(example|com|TEST|a|9)", fullmatch=True))
def test_what_is_taken_at_a_glance_is_what_the_validator_takes(text: str) -> None:
    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError:
        with pytest.raises(BadInput):
            read_address(text, field="email")
    else:
        assert tuple(read_address(text, field="email")) == (found.local_part, found.ascii_domain.lower())


def test_a_million_characters_are_refused_at_once() -> None:
    begun = time.perf_counter()
    with pytest.raises(BadInput) as refused:
        normal_email("a." * 500_000 + "@alder.example")
    assert time.perf_counter() - begun < 0.5
    assert len(str(refused.value)) < 500
