"""Whom is it worth comparing? People who share a key; a key that too many share tells nobody apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from leadloom.domain.people.names import sound
from leadloom.domain.people.person import Person

MOST_IN_A_BLOCK = 60
"""People with one key who are compared with one another; pairs grow with its square."""
_MOST_OF_A_DAY = 6
"""Digits of a birthday that a slip may have left."""


def keys_of(person: Person) -> set[str]:
    """The keys a person is looked up by: each of another pair of things, so that one that is wrong or missing
    leaves others."""
    return set(_keys(person))


def _keys(person: Person) -> Iterator[str]:
    given, family = sound(person.given), sound(person.family)
    yield from _reached(person, family)
    if given and family:
        # In either order, as names that were swapped are.
        yield "names " + " ".join(sorted((given, family)))
    for name in {given, family} - {""}:
        for about in _about(person):
            yield f"{about} {name}"
    yield from _at_home(person)


def _reached(person: Person, family: str) -> Iterator[str]:
    if person.email:
        yield f"mail {person.email}"
        local, _, domain = person.email.partition("@")
        yield f"local {local}"
        if family:
            yield f"at {domain} {family}"
    if person.phone:
        yield f"phone {person.phone[-9:]}"


def _about(person: Person) -> Iterator[str]:
    """What tells people of one name apart well enough to look at the rest."""
    if person.born:
        yield f"year {person.born[:4]}"
        yield f"day {person.born[4:]}"
    if person.number:
        yield f"no {person.number} {person.state}"
    said = (person.postcode, person.city[:6], person.company[:8], person.street[:5], person.place[:5])
    for what, start in zip(("code", "city", "firm", "street", "place"), said, strict=True):
        if start:
            yield f"{what} {start}"


def _at_home(person: Person) -> Iterator[str]:
    """Without a name: it may be missing, or wholly another."""
    if len(person.born) >= _MOST_OF_A_DAY:
        yield f"born {person.born}"
        if person.postcode:
            yield f"day at {person.born[4:]} {person.postcode}"
            yield f"year at {person.born[:4]} {person.postcode}"
    if person.number and person.street:
        yield f"home {person.number} {person.street[:6]}"
        yield f"house {person.number} {person.postcode or person.city}"
    if person.postcode and person.street:
        yield f"way {person.postcode} {person.street[:5]}"


def candidates(people: Sequence[Person], *, most: int = MOST_IN_A_BLOCK) -> Iterator[tuple[int, int]]:
    """Pairs of places in `people` that share a key, each once, the lower place first; not in order."""
    blocks: defaultdict[str, list[int]] = defaultdict(list)
    for place, person in enumerate(people):
        for key in keys_of(person):
            blocks[key].append(place)
    yield from _pairs(blocks.values(), most)


def _pairs(blocks: Iterable[Sequence[int]], most: int) -> Iterator[tuple[int, int]]:
    seen: set[tuple[int, int]] = set()
    for block in blocks:
        if 1 < len(block) <= most:
            for place, one in enumerate(block):
                for other in block[place + 1 :]:
                    if (one, other) not in seen:
                        seen.add((one, other))
                        yield one, other
