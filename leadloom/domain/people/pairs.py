"""Which records of a list are one person? Pairs with their odds and reasons, and the groups they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import NamedTuple

from leadloom.domain.people.blocking import candidates
from leadloom.domain.people.comparing import Alike, compare, in_words
from leadloom.domain.people.person import Person
from leadloom.domain.people.weights import Weights, learn, odds

SURE_ENOUGH = 2.0
"""Bits from which two records are said to be one person: four to one."""
_MOST_IN_A_GROUP = 50
_Bits = Callable[[int, int], float]


class Pair(NamedTuple):
    """Two records that are likely one person."""

    one: int
    other: int
    """Places in the list, the lower first."""
    bits: float
    """Above even; of a pair that only others of its group hold together it may be negative."""
    reasons: tuple[str, ...]
    """What speaks for and against, a phrase each."""


def find(people: Sequence[Person], *, least: float = SURE_ENOUGH) -> list[Pair]:
    """The pairs of a list that are one person, by the places of the first and then of the second.

    What a level of likeness says is counted in the list itself. Records that are one person with a third are one
    person, unless they speak against it together more than for it.
    """
    looked = [(one, other, compare(people[one], people[other])) for one, other in candidates(people)]
    weights = learn(people, looked)
    known = {(one, other): odds(weights, alike, people[one]).bits for one, other, alike in looked}

    def bits(one: int, other: int) -> float:
        pair = (min(one, other), max(one, other))
        if pair not in known:
            known[pair] = _bits(weights, people, *pair)
        return known[pair]

    strong = sorted((pair for pair, said in known.items() if said >= least), key=lambda pair: (-known[pair], pair))
    found = {pair for group in groups(strong, bits) for pair in combinations(group, 2)}
    return [
        Pair(one, other, round(bits(one, other), 2), tuple(in_words(compare(people[one], people[other]))))
        for one, other in sorted(found)
    ]


def groups(pairs: Iterable[tuple[int, int]], bits: _Bits) -> Iterator[list[int]]:
    """Groups of two and more, each in order. `pairs` come surest first; two groups become one while the pairs between
    them say on the whole that they are one person."""
    group_of: dict[int, list[int]] = {}
    for one, other in pairs:
        mine, theirs = group_of.setdefault(one, [one]), group_of.setdefault(other, [other])
        if mine is theirs or len(mine) + len(theirs) > _MOST_IN_A_GROUP:
            continue
        between = [bits(*pair) for pair in product(mine, theirs)]
        if sum(between) > 0:
            mine += theirs
            group_of.update(dict.fromkeys(theirs, mine))
    seen: set[int] = set()
    for group in group_of.values():
        if len(group) > 1 and group[0] not in seen:
            seen.update(group)
            yield sorted(group)


def _bits(weights: Weights, people: Sequence[Person], one: int, other: int) -> float:
    alike: Alike = compare(people[one], people[other])
    return odds(weights, alike, people[one]).bits
