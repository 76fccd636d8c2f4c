"""In what are two people alike? A level for each thing; how much a level says is another question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from leadloom.domain.people.names import name_level
from leadloom.domain.people.person import Person

UNKNOWN = -1
"""One of the two didn't tell it: says nothing, for or against."""


class Thing(NamedTuple):
    """One thing that is compared."""

    name: str
    levels: tuple[str, ...]
    """From equal to another, in words."""
    expected: tuple[float, ...]
    """How often two records of one person are at each level: where counting begins, and what holds for few records."""
    by_chance: float
    """How often two people are equal in it."""
    group: str
    """Things of one household say together at most which household it is."""


THINGS: tuple[Thing, ...] = (
    Thing("first name", ("equal", "nearly equal", "alike", "another"), (0.80, 0.12, 0.03, 0.05), 0.008, "name"),
    Thing("last name", ("equal", "nearly equal", "alike", "another"), (0.80, 0.12, 0.03, 0.05), 0.003, "family"),
    Thing(
        "date of birth",
        ("equal", "one slip apart", "two slips apart", "another"),
        (0.80, 0.13, 0.03, 0.04),
        5e-05,
        "born",
    ),
    Thing("house number", ("equal", "one slip apart", "another"), (0.75, 0.12, 0.13), 0.02, "home"),
    Thing("street", ("equal", "nearly equal", "alike", "another"), (0.70, 0.15, 0.05, 0.10), 0.001, "home"),
    Thing("second line of the address", ("equal", "nearly equal", "another"), (0.60, 0.20, 0.20), 0.005, "home"),
    Thing("city", ("equal", "nearly equal", "another"), (0.75, 0.13, 0.12), 0.03, "home"),
    Thing("state", ("equal", "another"), (0.88, 0.12), 0.2, "home"),
    Thing("postcode", ("equal", "one slip apart", "another"), (0.75, 0.13, 0.12), 0.003, "home"),
    Thing("phone", ("equal", "one slip apart", "another"), (0.75, 0.08, 0.17), 0.0001, "home"),
    Thing(
        "mail address",
        ("equal", "nearly equal", "of one name elsewhere", "another"),
        (0.6, 0.1, 0.1, 0.2),
        0.0001,
        "mail",
    ),
    Thing("company", ("equal", "nearly equal", "another"), (0.7, 0.1, 0.2), 0.005, "company"),
)
FIELDS = (
    "given",
    "family",
    "born",
    "number",
    "street",
    "place",
    "city",
    "state",
    "postcode",
    "phone",
    "email",
    "company",
)
"""Of each thing the field of a Person whose value it is."""
GIVEN, FAMILY, BORN, NUMBER, STREET, PLACE, CITY, STATE, POSTCODE, PHONE, EMAIL, COMPANY = range(len(THINGS))

_WHOLLY_OTHER = (3, 3)
_TELLING = 3
"""Letters a name has at least that stands in another one's place by no chance."""
Levels = tuple[int, ...]
"""For each of THINGS its level, from 0 (equal), or UNKNOWN."""


class Alike(NamedTuple):
    """Two people, compared."""

    levels: Levels
    swapped: tuple[str, ...]
    """What stands in one another's place, in words."""


def compare(one: Person, other: Person) -> Alike:
    """In what they are alike. Names and lines of the address that stand in one another's place are compared crossed."""
    given, family, names_swapped = _crossed(name_level, (one.given, one.family), (other.given, other.family))
    street, place, lines_swapped = _crossed(_street, (one.street, one.place), (other.street, other.place))
    levels = (
        given,
        family,
        _told(_day, one.born, other.born),
        _told(_slip, one.number, other.number),
        street,
        UNKNOWN if place == UNKNOWN else min(2, place if place < 2 else 2),
        _told(_place, one.city, other.city),
        _told(_same, one.state, other.state),
        _told(_slip, one.postcode, other.postcode),
        _told(_phone, one.phone, other.phone),
        _mails(one, other),
        _told(_company, one.company, other.company),
    )
    swapped = (
        *(("first and last name",) if names_swapped else ()),
        *(("lines of the address",) if lines_swapped else ()),
    )
    return Alike(levels, swapped)


def _told(level: Callable[[str, str], int], one: str, other: str) -> int:
    return level(one, other) if one and other else UNKNOWN


def _crossed(level: Callable[[str, str], int], one: tuple[str, str], other: tuple[str, str]) -> tuple[int, int, bool]:
    """The levels of two things, straight or crossed, whichever says more."""
    straight = (_told(level, one[0], other[0]), _told(level, one[1], other[1]))
    if straight[0] in (0, 1) or straight[1] in (0, 1):
        return (*straight, False)
    # A level belongs to the first record's place, so that the frequency of its value is looked up there.
    crossed = (_told(level, one[0], other[1]), _told(level, one[1], other[0]))
    good = [each for each in crossed if each != UNKNOWN]
    if good and max(good) <= 1 and (len(good) == 2 or UNKNOWN in straight):
        return (*crossed, True)
    if straight == _WHOLLY_OTHER and sorted(crossed) == [0, 2] and min(map(len, (*one, *other))) >= _TELLING:
        # One stands in the other's place, and the other was written wrongly as well: worth a slip, no more.
        return (max(crossed[0], 1), max(crossed[1], 1), True)
    return (*straight, False)


def _same(one: str, other: str) -> int:
    return 0 if one == other else 1


def _slip(one: str, other: str) -> int:
    if one == other:
        return 0
    if min(len(one), len(other)) < 2:
        return 2
    return 1 if DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1 else 2


def _day(one: str, other: str) -> int:
    if one == other:
        return 0
    if len(one) == len(other) == 8 and one[:4] == other[:4] and one[4:6] == other[6:] and one[6:] == other[4:6]:
        return 1
    edits = DamerauLevenshtein.distance(one, other, score_cutoff=2)
    return edits if edits <= 2 else 3


def _street(one: str, other: str) -> int:
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return 0
    similar = max(fuzz.token_sort_ratio(one, other), fuzz.ratio(one, other)) / 100
    if similar >= 0.85:
        return 1
    bare, other_bare = _without_kind(one), _without_kind(other)
    if bare == other_bare or JaroWinkler.similarity(bare, other_bare) >= 0.93:
        return 1
    return 2 if similar >= 0.72 else 3


def _without_kind(street: str) -> str:
    return street.rpartition(" ")[0] or street


def _place(one: str, other: str) -> int:
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return 0
    return 1 if fuzz.ratio(one, other) >= 80 or _edits(one, other) <= 1 else 2


def _edits(one: str, other: str) -> int:
    return DamerauLevenshtein.distance(one, other, score_cutoff=2)


def _phone(one: str, other: str) -> int:
    if one == other or (min(len(one), len(other)) >= 7 and (one.endswith(other[-9:]) or other.endswith(one[-9:]))):
        return 0
    return 1 if _edits(one, other) <= 1 else 2


def _mails(one: Person, other: Person) -> int:
    """Of one name elsewhere says nothing new where the local part is that name: names have said it already."""
    level = _told(_mail, one.email, other.email)
    return UNKNOWN if level == _ELSEWHERE and _is_named(one) and _is_named(other) else level


def _is_named(person: Person) -> bool:
    local = _NO_LETTER.sub("", person.email.partition("@")[0])
    given, family = person.given.replace(" ", ""), person.family.replace(" ", "")
    short = given[:1]
    return bool(local) and local in {given + family, family + given, short + family, family + short, given, family}


_NO_LETTER = re.compile(r"[^a-z]+")
_ELSEWHERE = 2


def _mail(one: str, other: str) -> int:
    if one == other:
        return 0
    (local, _, domain), (other_local, _, other_domain) = one.partition("@"), other.partition("@")
    if _edits(one, other) <= 1 or (domain == other_domain and _edits(local, other_local) <= 2 and len(local) > 4):
        return 1
    return 2 if local == other_local and len(local) > 4 else 3


def _company(one: str, other: str) -> int:
    if one == other:
        return 0
    return 1 if fuzz.token_sort_ratio(one, other) >= 88 or JaroWinkler.similarity(one, other) >= 0.95 else 2


def in_words(alike: Alike) -> Iterator[str]:
    """What speaks for and against, a phrase each: `date of birth one slip apart`."""
    for swap in alike.swapped:
        yield f"{swap} swapped"
    for thing, level in zip(THINGS, alike.levels, strict=True):
        if level != UNKNOWN:
            yield f"{thing.name} {thing.levels[level]}"
