"""Which company is meant, surely, perhaps or not at all: by table, and counted over a population with traps."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from uuid import UUID

import pytest

from leadloom.domain.companies.match import (
    Firm,
    Strength,
    keeps,
    keys_of_firm,
    match,
    too_much_at_stake,
    which_of_family,
)
from leadloom.domain.companies.sites import Ground, site_of
from leadloom.domain.model import AccountId
from tests.domain.companies.a_population import REGISTRABLE, Population

AT = datetime(2026, 3, 2, tzinfo=UTC)


def firm(no: int, name: str, domain: str | None = None, country: str | None = None, **rest: object) -> Firm:
    told = {"account_id": AccountId(UUID(int=no)), "name": name, "domain": domain, "country": country}
    return Firm.model_validate({**told, "created_at": AT.replace(minute=no), **rest})


NORDKAP = firm(1, "Nordkap GmbH", "nordkap.de", "DE")


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        (firm(9, "mail.nordkap.de", "mail.nordkap.de"), "part of a domain"),
        (firm(9, "NORDKAP gmbh", "sales.nordkap.de"), "part of a domain"),
        (firm(9, "The Nordkap", None, None), "name"),
        (firm(9, "Nordkap", None, "DE"), "name"),
        (firm(9, "Nordkap Immobilien", "immo.nordkap.de"), None),
        (firm(9, "Nordkap Oy"), None),
        (firm(9, "Nordkap", None, "FI"), None),
        (firm(9, "Nordkap AG", None, "DE"), None),
        (firm(9, "Nordkap", "nordkap-foods.com"), None),
        (firm(9, "Nordkap", "nordkap.com", "DE"), "name"),
        (firm(9, "Nordkap", "nordkap.com", "US"), None),
        (firm(9, "Nordkap Holding AG"), None),
        (firm(9, "nordkap.com", "nordkap.com"), None),
        (firm(9, "Südkap GmbH"), None),
    ],
)
def test_it_is_the_company_only_with_a_domain_an_alias_or_a_whole_name_to_show(asked: Firm, rule: str | None) -> None:
    found = match(asked, [NORDKAP], REGISTRABLE)
    assert (found.account_id, found.rule) == ((NORDKAP.account_id, rule) if rule else (None, "nobody"))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (firm(9, "Nordkap Immobilien", "immo.nordkap.de"), "may be a daughter or a department"),
        (firm(9, "Nordkap Oy"), "one is a oy, the other a gmbh"),
        (firm(9, "Nordkap", None, "FI"), "one is in FI, the other in DE"),
        (firm(9, "Nordkap", "nordkap-foods.com"), "they have their own domains"),
        (firm(9, "Nordkap Holding AG"), "one may be the other's parent"),
    ],
)
def test_what_speaks_against_a_company_is_said_and_it_stays_to_choose(asked: Firm, says: str) -> None:
    found = match(asked, [NORDKAP], REGISTRABLE)
    assert found.is_open
    assert says in "; ".join(found.candidates[0].against)


def test_a_declared_alias_beats_a_name_and_a_country() -> None:
    alias = firm(2, "Kapp Logistics", "kapp.com", "US", also_names=("nordkap",), also_domains=("nk-log.com",))
    assert match(firm(9, "Nordkap", None, "DE"), [NORDKAP, alias], REGISTRABLE).account_id == alias.account_id
    by_domain = match(firm(9, "nk-log.com", "nk-log.com"), [NORDKAP, alias], REGISTRABLE)
    assert (by_domain.account_id, by_domain.candidates[0].strength) == (alias.account_id, Strength.DOMAIN)


@pytest.mark.parametrize(
    ("one", "other", "asked", "by"),
    [
        ({"country": "DE"}, {"country": "FI"}, {"country": "DE"}, "in the same country"),
        ({"name": "Kap Oy"}, {"name": "Kap"}, {"name": "Kap OY"}, "of the same legal form"),
        ({"is_named": True}, {"open_deals": 3}, {}, "a named account"),
        ({"open_deals": 2}, {"open_deals": 1}, {}, "with the most open deals"),
    ],
)
def test_companies_that_agree_equally_well_are_told_apart_in_order(
    one: dict[str, object], other: dict[str, object], asked: dict[str, object], by: str
) -> None:
    base: dict[str, object] = {"name": "Kap"}
    first, second = firm(1, **{**base, **one}), firm(2, **{**base, **other})  # type: ignore[arg-type]  a table's row
    found = match(firm(9, **{**base, **asked}), [second, first], REGISTRABLE)  # type: ignore[arg-type]  a table's row
    assert (found.account_id, found.rule) == (first.account_id, f"name, {by}" if "country" not in asked else "name")


def test_a_tie_nothing_breaks_is_somebodys_to_choose_and_wishes_break_none_between_countries() -> None:
    one, other = firm(1, "Kap", "kap.de", "DE", is_named=True), firm(2, "Kap", "kap.fi", "FI")
    found = match(firm(9, "Kap"), [one, other], REGISTRABLE)
    assert (found.account_id, found.rule, len(found.candidates)) == (None, "a tie", 2)


def test_free_mail_shared_hosts_and_their_parts_name_no_company() -> None:
    domains = ("gmail.com", "yahoo.co.uk", "x.onmicrosoft.com", "kap.de")
    grounds = [site_of(one, REGISTRABLE).ground for one in domains]
    assert grounds == [Ground.FREE, Ground.FREE, Ground.ROOF, Ground.OWN]
    one, other = firm(1, "a.github.io", "a.github.io"), firm(2, "b.github.io", "b.github.io")
    assert match(one, [other], REGISTRABLE).candidates == ()
    free, named = firm(1, "gmx.net", "gmx.net"), firm(2, "mail.gmx.net", "mail.gmx.net")
    assert match(named, [free], REGISTRABLE).account_id is None


def test_a_university_and_its_clinic_are_two_though_one_lies_below_the_other() -> None:
    roof = firm(1, "Universität Kiel", "uni-kiel.de")
    found = match(firm(9, "Klinikum Kiel", "klinikum.uni-kiel.de"), [roof], REGISTRABLE)
    assert (found.account_id, found.is_open) == (None, True)
    assert "a department or a clinic" in found.candidates[0].against[0]


def test_the_one_that_is_named_owned_in_business_or_older_keeps_its_row() -> None:
    old, named, owned = firm(1, "Kap"), firm(2, "Kap", is_named=True), firm(3, "Kap", owner="ines-carvalho")
    assert [keeps(old, named), keeps(old, owned), keeps(owned, named), keeps(firm(4, "Kap"), old)] == [
        named, owned, named, old,
    ]  # fmt: skip


def test_no_rule_moves_business_or_many_people_behind_somebodys_back() -> None:
    one = firm(1, "Kap", owner="ines-carvalho", open_deals=1, open_hand_offs=1, is_named=True, people=900)
    others = ({"owner": "dana-whitlock"}, {"open_deals": 1}, {"open_hand_offs": 1}, {"is_named": True}, {"people": 501})
    assert all(too_much_at_stake(one, firm(2, "Kap", None, None, **other)) for other in others)
    assert too_much_at_stake(one, firm(2, "Kap", people=3)) is None
    assert too_much_at_stake(firm(2, "Kap", parent_id=one.account_id), one) is not None


def test_who_names_a_daughter_by_the_holdings_domain_is_at_the_daughter() -> None:
    home, logistics = firm(1, "Kap Holding AG", "kap.de"), firm(2, "Kap Logistics GmbH")
    foods = firm(3, "Kap Foods GmbH", also_names=("kap fresh",))
    named = ("KAP LOGISTICS", "Kap Fresh", "Kap Holding", "Kap Logistics AG", "privat", "Somebody Else")
    found = [which_of_family(one, home, [logistics, foods]) for one in named]
    assert found == [logistics, foods, None, None, None, None]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_company_is_taken_for_another_and_most_are_found(seed: int) -> None:
    """Precision before recall; both are printed (`pytest -rP`)."""
    people = Population(seed)
    of = {one.firm.account_id: one.truth for one in people.known}
    sharing: defaultdict[str, list[Firm]] = defaultdict(list)
    for one in people.known:
        for key in keys_of_firm(one.firm, REGISTRABLE):
            sharing[key].append(one.firm)
    truths = set(of.values())
    ends = Counter[str]()
    for asked in people.asked:
        keys = sorted(keys_of_firm(asked.firm, REGISTRABLE))
        known = {firm.account_id: firm for key in keys for firm in sharing[key]}
        found = match(asked.firm, list(known.values()), REGISTRABLE)
        if found.account_id is not None and of[found.account_id] != asked.truth:
            print(f"wrong: {asked} taken for {known[found.account_id]}")
        if found.account_id is not None:
            ends["right" if of[found.account_id] == asked.truth else "wrong"] += 1
        elif asked.truth in truths:
            right = {one.account_id for one in found.candidates if of[one.account_id] == asked.truth}
            ends["offered" if right else "missed"] += 1
        else:
            ends["rightly nobody"] += 1
    there = ends["right"] + ends["offered"] + ends["missed"]
    precision, recall = ends["right"] / (ends["right"] + ends["wrong"]), ends["right"] / there
    print(f"seed {seed}: {dict(ends)}; precision {precision:.4f}, recall {recall:.3f}")
    assert precision == 1.0
    assert recall >= 0.9
