"""Is a cell of a stranger's table read for what it says, and never guessed?"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from leadloom.domain.intake.cells import Unreadable, When, amount, name_key, one_line, said, when, yes_or_no


@pytest.mark.parametrize(
    "text", ["Select", " select ", "--None--", "-", "n/a", "#N/A", "(blank)", "Please select", "Select one", ""]
)
def test_a_placeholder_is_blank(text: str) -> None:
    assert said(text) == ""


@pytest.mark.parametrize("text", ["NA", "None", "null", "unknown", "Selected", "0", "No"])
def test_namibia_people_named_none_and_unknown_are_values(text: str) -> None:
    assert said(text) == text


def test_yes_and_no_are_read_and_a_misspelt_no_is_neither() -> None:
    assert [yes_or_no(text) for text in ("Yes", "y", "TRUE", "1", "no", "N", "false", "0")] == [True] * 4 + [False] * 4
    with pytest.raises(Unreadable, match="neither yes nor no"):
        yes_or_no("Noo")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-02-01", When(at=datetime(2018, 2, 1, tzinfo=UTC), day_only=True)),
        ("2018/2/1", When(at=datetime(2018, 2, 1, tzinfo=UTC), day_only=True)),
        ("2018-02-26 19:58:54", When(at=datetime(2018, 2, 26, 19, 58, 54, tzinfo=UTC))),
        ("2018-02-26T19:58:54.123Z", When(at=datetime(2018, 2, 26, 19, 58, 54, tzinfo=UTC))),
        ("2024-01-02T03:04:05+0200", When(at=datetime(2024, 1, 2, 1, 4, 5, tzinfo=UTC))),
        ("25/12/2024", When(at=datetime(2024, 12, 25, tzinfo=UTC), day_only=True)),
        ("12/25/2024 1:05 PM", When(at=datetime(2024, 12, 25, 13, 5, tzinfo=UTC))),
        ("5.5.2024", When(at=datetime(2024, 5, 5, tzinfo=UTC), day_only=True)),
    ],
)
def test_a_date_that_can_mean_one_day_only_is_read(text: str, expected: When) -> None:
    assert when(text, order=None, zone="UTC") == expected


def test_a_date_that_can_mean_two_days_waits_for_the_operator() -> None:
    with pytest.raises(Unreadable, match="--dates dmy or --dates mdy"):
        when("03/02/2026", order=None, zone="UTC")
    assert when("03/02/2026", order="dmy", zone="UTC").at == datetime(2026, 2, 3, tzinfo=UTC)
    assert when("03/02/2026", order="mdy", zone="UTC").at == datetime(2026, 3, 2, tzinfo=UTC)


def test_times_without_a_zone_are_the_named_zones_and_days_stay_days() -> None:
    assert when("2026-07-01 10:00", order=None, zone="Europe/Berlin").at == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert when("2026-07-01", order=None, zone="Europe/Berlin").at == datetime(2026, 7, 1, tzinfo=UTC)


def test_a_day_as_excel_counts_it_is_named_and_not_guessed() -> None:
    with pytest.raises(Unreadable, match="Excel counts 2018-02-01 so"):
        when("43132", order=None, zone="UTC")


@pytest.mark.parametrize("text", ["43132", "31/02/2024", "Feb 2018", "01/02/18", "2018-02-01 late", "yesterday"])
def test_what_is_no_date_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(Unreadable, match="2026-03-02"):
        when(text, order="dmy", zone="UTC")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24000", "24000"), ("1,234.50", "1234.50"), ("1.234,50", "1234.50"), ("$ 1,234", "1234"), ("12,5", "12.50"),
        ("1.234.567", "1234567"), ("1840.5", "1840.50"), ("€1 000", "1000"),
    ],
)  # fmt: skip
def test_money_is_read_whichever_mark_parts_the_cents(text: str, expected: str) -> None:
    assert amount(text) == Decimal(expected)


def test_no_money_is_nobody_told() -> None:
    assert amount("0") is None
    assert amount("0.00") is None


@pytest.mark.parametrize("text", ["1.234", "-5", "much", "1e6", "9999999999999"])
def test_money_that_says_two_things_or_nothing_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        amount(text)


def test_names_that_differ_by_spaces_and_case_have_one_key() -> None:
    assert name_key("GTX Pro") == name_key("GTXPro") == name_key(" gtx  PRO ")
    assert name_key("GTX Pro") != name_key("GTX-Pro")


def test_a_line_break_can_inject_nothing() -> None:
    assert one_line("Ana\r\nBcc: all@x.example\x00") == "Ana Bcc: all@x.example"
