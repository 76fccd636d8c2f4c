"""Are values of variables read by their type, said in the reader's language, and left out when they are none?"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from leadloom.domain.mails.language import chosen, greeting
from leadloom.domain.mails.variables import Kind, Variable, worded
from leadloom.domain.model import Json

BERLIN = ZoneInfo("Europe/Berlin")


def said(kind: Kind, told: Json, *, language: str = "en", default: Json = "") -> str:
    return worded(Variable(type=kind, default=default), told, language=language, zone=BERLIN)


@pytest.mark.parametrize(
    ("kind", "told", "language", "words"),
    [
        ("number", 1234567, "en", "1,234,567"),
        ("number", "1234.50", "de", "1.234,50"),
        ("number", 1200.0, "en", "1,200"),
        ("number", 0.5, "fr", "0,5"),
        ("date", "2026-03-03", "en", "3 March 2026"),
        ("date", "2026-03-03", "de", "3. März 2026"),
        ("date", "2026-03-03", "pt", "3 de março de 2026"),
        ("instant", "2026-07-03T13:00:00Z", "en", "3 July 2026, 15:00\u00a0CEST"),
        ("instant", "2026-07-03T13:00:00", "de", "3. Juli 2026 um 15:00\u00a0CEST"),
        ("yes-no", True, "de", "ja"),
        ("yes-no", "no", "en", ""),
        ("text", "Two <b>pages</b>", "en", "Two <b>pages</b>"),
    ],
)
def test_a_value_is_said_as_its_language_says_it(kind: Kind, told: Json, language: str, words: str) -> None:
    assert said(kind, told, language=language) == words


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("number", "many"), ("number", "NaN"), ("number", "1e400"), ("number", True), ("number", None), ("number", ""),
        ("date", "soon"), ("date", "2026-02-30"), ("instant", "half past"), ("yes-no", "perhaps"), ("text", "  "),
        ("text", ["a"]), ("text", {"a": 1}),
    ],
)  # fmt: skip
def test_what_is_no_value_of_the_type_reads_as_the_default(kind: Kind, told: Json) -> None:
    default: dict[Kind, Json] = {"number": 7, "date": "2026-03-03", "instant": "", "yes-no": True, "text": "your site"}
    assert said(kind, told, default=default[kind]) == said(kind, default[kind])


def test_a_long_text_is_cut() -> None:
    assert len(said("text", "x" * 5000)) == 300


def test_the_first_wish_there_is_a_variant_for_is_chosen() -> None:
    assert chosen(["fr", "de"], ["en", "de"], otherwise="en") == "de"
    assert chosen(["de-AT", None], ["en", "de"], otherwise="en") == "de"
    assert chosen(["fr", ""], ["en", "de"], otherwise="en") == "en"


def test_a_greeting_speaks_the_language() -> None:
    assert greeting("Ana") == "Hello Ana,"
    assert greeting(" ", language="de") == "Guten Tag,"
    assert greeting("Ana", language="xx") == "Hello Ana,"
