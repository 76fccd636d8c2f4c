"""Are records of one person found, and two people left apart?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadloom.domain.people.comparing import EMAIL, UNKNOWN, compare
from leadloom.domain.people.names import folded, name_level
from leadloom.domain.people.pairs import find
from leadloom.domain.people.person import Person, birth_day, person_of
from tests.domain.people.a_population import Told, population, true_pairs


@pytest.fixture(scope="module")
def village() -> tuple[list[Person], set[tuple[int, int]]]:
    """Written so that a tenth of the people have a father or son in the house."""
    records = population(20261122, people=700)
    people = [person_of(str(place), told) for place, (_, told) in enumerate(records)]
    return people, true_pairs([number for number, _ in records])


def test_nearly_all_records_of_one_person_are_found_and_nearly_nobody_else(
    village: tuple[list[Person], set[tuple[int, int]]],
) -> None:
    people, true = village
    found = {(pair.one, pair.other) for pair in find(people)}
    assert len(found & true) / len(found) >= 0.995
    assert len(found & true) / len(true) >= 0.97


def test_a_pair_says_what_speaks_for_and_against_it() -> None:
    ana = {"first_name": "Ana", "last_name": "Torres", "born": "1980-03-02", "postal_code": "10004", "city": "New York"}
    people = [person_of("1", ana), person_of("2", {**ana, "first_name": "Torres", "last_name": "Anna"})]
    people += [person_of(str(place), told) for place, (_, told) in enumerate(population(3, people=60, sons=0))]
    [pair] = [pair for pair in find(people) if (pair.one, pair.other) == (0, 1)]
    assert "first and last name swapped" in pair.reasons and "date of birth equal" in pair.reasons
    assert pair.bits > 2


def test_few_records_are_compared_by_what_is_expected_of_any() -> None:
    ana: Told = {"first_name": "Ana", "last_name": "Torres", "born": "19800302", "email": "ana@meridian.example"}
    bea: Told = {"first_name": "Bea", "last_name": "Lind", "born": "19710101", "email": "bea@lind.example"}
    people = [person_of("1", ana), person_of("2", {**ana, "first_name": "Anna"}), person_of("3", bea)]
    assert [(pair.one, pair.other) for pair in find(people)] == [(0, 1)]
    assert find([]) == [] and find(people[:1]) == []


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [("robert", "bob", 1), ("j", "jonas", 1), ("ines", "ines", 0), ("jonas", "jonsa", 1), ("ada", "bob", 3),
     ("mary ann", "maryann", 0), ("karl heinz", "karl", 1), ("mueller", "muller", 1), ("joergensen", "jorgensen", 1),
     ("youssef", "yusuf", 1), ("sergei", "sergey", 1), ("wojciech", "wojtek", 1), ("jan", "jana", 1),
     ("ruth", "rosa", 3)],
)  # fmt: skip
def test_names_are_alike_as_people_write_them(one: str, other: str, level: int) -> None:
    assert name_level(one, other) == name_level(other, one) == level


def test_a_name_loses_accents_titles_and_hyphens() -> None:
    assert folded("Dr. Inês  d'Arco-Müller") == "ines darco muller"


def test_a_name_in_another_script_is_read_as_a_passport_writes_it() -> None:
    assert (folded("Сергей Иванов"), folded("Ελένη Παππά")) == ("sergei ivanov", "eleni pappa")
    assert name_level(folded("Наталья"), "natalia") <= 1


@pytest.mark.parametrize(
    ("told", "names"),
    [("Torres, Ana", ("ana", "torres")), ("Ana Torres", ("ana", "torres")), ("Torres, Jr.", ("torres", "jr")),
     ("da Silva, Dr. Inês", ("ines", "da silva")), ("Torres,", ("", "torres"))],
)  # fmt: skip
def test_one_column_of_names_is_parted_and_a_comma_says_which_came_first(told: str, names: tuple[str, str]) -> None:
    person = person_of("1", {"full_name": told})
    assert (person.given, person.family) == names


def test_an_address_made_of_the_name_says_the_name_once() -> None:
    """Two people of one common name at two companies have one local part: that is no second sign."""
    ana = {"first_name": "Ana", "last_name": "Torres", "email": "ana.torres@lind.example"}
    named = compare(person_of("1", ana), person_of("2", {**ana, "email": "atorres@meridian.example"}))
    same = compare(person_of("1", ana), person_of("2", {**ana, "email": "ana.torres@meridian.example"}))
    odd = {**ana, "email": "coldchain.queen@lind.example"}
    other = compare(person_of("1", odd), person_of("2", {**odd, "email": "coldchain.queen@meridian.example"}))
    assert (named.levels[EMAIL], same.levels[EMAIL], other.levels[EMAIL]) == (3, UNKNOWN, 2)


def test_swapped_names_are_known_when_one_of_them_has_a_slip_too() -> None:
    lind = person_of("1", {"first_name": "Marta", "last_name": "Lindqvist"})
    slipped = compare(lind, person_of("2", {"first_name": "Lindkwst", "last_name": "Marta"}))
    assert slipped.swapped == ("first and last name",)
    assert compare(lind, person_of("3", {"first_name": "Xenia", "last_name": "Marta"})).swapped == ()


@pytest.mark.parametrize("text", ["1980-03-02", "19800302", "2.3.1980", "02/03/1980", "1980-03-02T00:00:00Z"])
def test_a_birthday_is_one_day_however_it_is_written(text: str) -> None:
    assert birth_day(text) == "19800302"


_word = st.text(alphabet="abcdeéßñ -'19", max_size=12)
_told = st.fixed_dictionaries(dict.fromkeys(("first_name", "last_name", "street", "street_2", "phone", "born"), _word))


@settings(max_examples=60, deadline=None)
@given(_told, _told)
def test_who_is_compared_with_whom_makes_no_difference(one: Told, other: Told) -> None:
    left, right = person_of("1", one), person_of("2", other)
    assert sorted(compare(left, right).levels[:2]) == sorted(compare(right, left).levels[:2])
    assert compare(left, right).levels[2:4] == compare(right, left).levels[2:4]
