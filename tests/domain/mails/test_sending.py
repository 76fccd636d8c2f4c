"""May this mail go: the gravest reason first, and the basis each country needs."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from leadloom.domain.definitions.consent_policy import SufficingRow
from leadloom.domain.errors import NotFound
from leadloom.domain.facts import MessageStatus
from leadloom.domain.lead import Basis, BasisKind
from leadloom.domain.mails.sending import (
    REFUSALS,
    RefusalCode,
    SendFacts,
    Veto,
    VetoCode,
    may_market,
    may_send,
    needed_basis,
)
from tests.domain.a_run import LEAD, ROOT, day, the_definition

KELVANCE = the_definition()


def asked(**said: object) -> SendFacts:
    given = {"mail_class": "marketing", "slot_at": day(1), "deadline": day(7)}
    return SendFacts.model_validate({**given, **said})


def a_basis(kind: BasisKind, **said: object) -> Basis:
    given = {"lead_id": LEAD, "kind": kind, "source": "guide form", "at": day(0)}
    return Basis.model_validate({**given, **said})


def test_a_mail_without_anything_against_it_goes() -> None:
    assert may_send(asked(), day(1)) is None


def test_a_mail_goes_from_its_slot_until_just_before_its_deadline() -> None:
    early, late = may_send(asked(), day(0.9)), may_send(asked(), day(7))
    assert early is not None
    assert (early.code, early.becomes) == ("not_due", MessageStatus.RESERVED)
    assert late is not None
    assert (late.code, late.becomes) == ("too_late", MessageStatus.EXPIRED)
    assert may_send(asked(), day(6.99)) is None


def test_what_ends_a_mail_for_good_is_told_before_what_only_delays_it() -> None:
    vetoes = (Veto(code="held", detail="a deal is open"), Veto(code="suppressed", detail="unsubscribed"))
    refusal = may_send(asked(vetoes=vetoes), day(0))
    assert refusal is not None
    assert refusal.code == "suppressed"
    assert refusal.words == "This marketing mail doesn't go: the address is suppressed (unsubscribed)."


@pytest.mark.parametrize("code", get_args(VetoCode))
def test_each_veto_stops_the_mail_under_its_own_code(code: VetoCode) -> None:
    refusal = may_send(asked(vetoes=(Veto(code=code, detail="why"),)), day(2))
    assert refusal is not None
    assert refusal.code == code


def test_the_list_of_refusals_is_closed() -> None:
    assert set(REFUSALS) == set(get_args(RefusalCode))


def test_the_view_in_the_database_answers_exactly_the_codes_of_the_list() -> None:
    schema = (ROOT / "leadloom/store/schema.sql").read_text(encoding="utf-8")
    view = schema[schema.index("CREATE FUNCTION vetoes(") :]
    assert set(re.findall(r"(?:SELECT|THEN|ELSE) '(\w+)'", view)) == set(get_args(VetoCode))


@pytest.mark.parametrize(
    ("country", "kinds"),
    [
        ("DE", {BasisKind.DOUBLE_OPT_IN}),
        ("fr", {BasisKind.EXPRESS, BasisKind.DOUBLE_OPT_IN, BasisKind.SOFT_OPT_IN}),
        ("CA", {BasisKind.EXPRESS, BasisKind.DOUBLE_OPT_IN, BasisKind.IMPLIED}),
        ("SG", {BasisKind.EXPRESS, BasisKind.DOUBLE_OPT_IN}),
        (None, {BasisKind.DOUBLE_OPT_IN}),
    ],
)
def test_the_basis_needed_is_that_of_the_lead_s_country(country: str | None, kinds: set[BasisKind]) -> None:
    assert set(needed_basis(KELVANCE, "marketing", country) or ()) == kinds


def test_the_first_row_that_names_a_country_wins_wherever_the_row_for_all_others_stands() -> None:
    rows = (
        SufficingRow(kinds=(BasisKind.EXPRESS,)),
        SufficingRow(countries=("DE",), kinds=(BasisKind.DOUBLE_OPT_IN,)),
        SufficingRow(countries=("DE",), kinds=(BasisKind.IMPLIED,)),
    )
    definition = KELVANCE.but(consent=KELVANCE.consent.but(suffices=rows))
    assert needed_basis(definition, "marketing", "DE") == (BasisKind.DOUBLE_OPT_IN,)
    assert needed_basis(definition, "marketing", "SG") == (BasisKind.EXPRESS,)


@pytest.mark.parametrize("mail_class", ["service", "one-to-one", "owner-notice"])
def test_what_was_asked_for_needs_no_basis(mail_class: str) -> None:
    assert needed_basis(KELVANCE, mail_class, "DE") is None


def test_a_class_nobody_defined_is_refused() -> None:
    with pytest.raises(NotFound, match="message class newsletter"):
        needed_basis(KELVANCE, "newsletter", "DE")


def test_an_unconfirmed_address_in_germany_gets_no_marketing_and_a_confirmed_one_does() -> None:
    assert not may_market(KELVANCE, [a_basis(BasisKind.EXPRESS)], "DE", day(1))
    assert may_market(KELVANCE, [a_basis(BasisKind.EXPRESS), a_basis(BasisKind.DOUBLE_OPT_IN)], "DE", day(1))


def test_implied_permission_in_canada_ends_on_its_date() -> None:
    implied = a_basis(BasisKind.IMPLIED, until=day(180))
    assert may_market(KELVANCE, [implied], "CA", day(179))
    assert not may_market(KELVANCE, [implied], "CA", day(180))


@pytest.mark.parametrize(
    "other", [{"purpose": "surveys"}, {"channel": "phone"}, {"revoked_at": day(1)}, {"at": day(3)}]
)
def test_a_basis_for_something_else_or_another_time_does_not_suffice(other: dict[str, object]) -> None:
    assert not may_market(KELVANCE, [a_basis(BasisKind.DOUBLE_OPT_IN, **other)], "DE", day(2))
