"""Which names mean one company, whatever their legal form, accents, article and punctuation?"""

from __future__ import annotations

import pytest

from leadloom.domain.companies.company_name import company_name, nearly, other_form, same_core


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller Logistik GmbH & Co. KG", "MUELLER LOGISTIK"),
        ("Müller Logistik GmbH & Co. KG", "muller logistik"),
        ("The Acme Co., Ltd.", "Acme"),
        ("Société Générale S.A.", "SOCIETE GENERALE SA"),
        ("Foo S.r.l.", "FOO SRL"),
        ("Fiat S.p.A.", "Fiat"),
        ("ABC B.V.", "A.B.C. BV"),
        ("AB Volvo", "Volvo AB (publ)"),
        ("トヨタ株式会社", "トヨタ"),
        ("Sony K.K.", "SONY Kabushiki Kaisha"),
        ("A.P. Møller - Mærsk A/S", "AP Moller Maersk"),
        ("Petrobras S/A", "PETROBRAS S.A."),
        ("Smith & Sons Ltd", "Smith and Sons Limited"),
        ("Kelvance Sp. z o.o.", "Kelvance"),
        ("PT Astra", "Astra, PT"),
        ("Grupo Norte S.A. de C.V.", "Grupo Norte"),
        ("O'Neill Foods LLC", "ONeill Foods"),
    ],
)
def test_one_company_in_two_spellings(one: str, other: str) -> None:
    assert same_core(company_name(one), company_name(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nordkap", "Nordkap Holding AG"),
        ("Polar Pharma", "Polar Pharma DE"),
        ("Sunrise Spa", "Sunrise S.p.A."),
        ("Acme East", "Acme West"),
        ("Blue", "Blu"),
    ],
)
def test_two_companies_with_names_alike(one: str, other: str) -> None:
    assert not same_core(company_name(one), company_name(other))


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("Nordkap GmbH", "Nordkap AG", True),
        ("Nordkap GmbH", "Nordkap GmbH & Co. KG", True),
        ("Nordkap Oy", "Nordkap Ltd.", True),
        ("Nordkap Ltd", "Nordkap Limited", False),
        ("Nordkap Pvt. Ltd.", "Nordkap Private Limited", False),
        ("Nordkap", "Nordkap AG", False),
        ("Nordkap Company", "Nordkap Inc.", False),
    ],
)
def test_a_written_legal_form_tells_two_legal_persons_apart(one: str, other: str, differ: bool) -> None:
    assert (other_form(company_name(one), company_name(other)) is not None) is differ


@pytest.mark.parametrize("name", ["n/a", "privat", "Freelance", "-", "x", "Self-Employed", "Student"])
def test_what_people_write_for_no_company_names_none(name: str) -> None:
    assert not company_name(name).names_somebody


def test_a_typing_error_is_a_hint_and_no_more() -> None:
    one, other = company_name("Meridian Pharma"), company_name("Meridain Pharma")
    assert (same_core(one, other), nearly(one, other)) == (False, True)
    assert not nearly(company_name("Acme"), company_name("Acne"))


def test_a_name_of_nothing_but_a_legal_form_keeps_it() -> None:
    assert [company_name(one).core for one in ("Ltd", "The The", "SE", "")] == ["ltd", "the", "se", ""]
