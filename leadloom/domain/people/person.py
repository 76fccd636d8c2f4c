"""What of a person is compared with another? Their words, each in one spelling; empty where nobody told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from leadloom.domain.people.names import folded

_DAY = re.compile(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})(?:[T ].*)?$")
_TURNED_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")
_DIGITS = re.compile(r"\D+")
_STREET_WORDS = {
    "street": "st", "str": "st", "strasse": "st", "road": "rd", "avenue": "av", "ave": "av", "drive": "dr",
    "lane": "ln",
    "court": "ct", "crescent": "cr", "cres": "cr", "close": "cl", "terrace": "tc", "boulevard": "bd", "blvd": "bd",
    "circuit": "cct", "parade": "pde", "square": "sq", "highway": "hwy", "saint": "st", "north": "n", "south": "s",
    "east": "e", "west": "w", "mount": "mt", "flat": "unit", "apartment": "unit", "apt": "unit",
}  # fmt: skip
_LEADING_NUMBER = re.compile(r"(\d+\s?[a-z]?)\s+(.+)$")
_TRAILING_NUMBER = re.compile(r"(\D+?)\s+(\d+\s?[a-z]?)$")


@dataclass(frozen=True, slots=True)
class Person:
    """One record. All texts are folded: lower case, no accents, single spaces."""

    key: str
    """Which record it is; never compared."""
    given: str = ""
    family: str = ""
    born: str = ""
    """YYYYMMDD, or what was written, digits only."""
    number: str = ""
    """Of the house."""
    street: str = ""
    place: str = ""
    """The second line of the address."""
    city: str = ""
    state: str = ""
    postcode: str = ""
    phone: str = ""
    """E.164 where it could be read, else its digits."""
    email: str = ""
    """As the identity rule writes it."""
    company: str = ""


def person_of(key: str, told: Mapping[str, str], *, phone: str | None = None, company: str | None = None) -> Person:
    """The person of a record: `told` by the names of our fields, as it was written.

    `phone` and `company` are what the rules made of them; else their digits and words count.
    """
    given, family = folded(told.get("first_name")), folded(told.get("last_name"))
    if not given and not family:
        given, family = _parted(told.get("full_name") or "")
    number, street = _house(folded(told.get("street_number")), folded(told.get("street")))
    return Person(
        key=key,
        given=given,
        family=family,
        born=birth_day(told.get("born", "")),
        number=number,
        street=_street(street),
        place=_street(folded(told.get("street_2"))),
        city=folded(told.get("city")),
        state=folded(told.get("state")),
        postcode=folded(told.get("postal_code")).replace(" ", ""),
        phone=phone if phone is not None else _DIGITS.sub("", told.get("phone", "") or told.get("mobile", "")),
        email=told.get("email", "").strip().lower(),
        company=company if company is not None else folded(told.get("company")),
    )


def birth_day(text: str) -> str:
    """Eight digits, year first, of a day written with its year first or last (the day before the month); else the
    digits there are: a typing error must not lose them."""
    bare = text.strip()
    if found := _TURNED_DAY.match(bare):
        day, month, year = found.groups()
        return f"{year}{month:0>2}{day:0>2}"
    if not bare.isdigit() and (found := _DAY.match(bare)):
        year, month, day = found.groups()
        return f"{year}{month:0>2}{day:0>2}"
    return _DIGITS.sub("", bare)


def _parted(full_name: str) -> tuple[str, str]:
    """First and last name of one column. A comma says that the last name came first: `Torres, Ana`."""
    last, comma, first = full_name.partition(",")
    if comma and folded(first) and folded(first) not in _GENERATIONS:
        return folded(first), folded(last)
    given, _, family = folded(full_name).rpartition(" ")
    return given, family


_GENERATIONS = frozenset(("jr", "junior", "sr", "senior", "ii", "iii", "iv", "phd", "md", "mba"))


def _house(number: str, street: str) -> tuple[str, str]:
    """The number, when the street's own line has it: before the name, or after it."""
    if number:
        return number, street
    if found := _LEADING_NUMBER.match(street):
        return found[1].replace(" ", ""), found[2]
    if found := _TRAILING_NUMBER.match(street):
        return found[2].replace(" ", ""), found[1]
    return "", street


def _street(text: str) -> str:
    return " ".join(_STREET_WORDS.get(word, word) for word in text.split())
