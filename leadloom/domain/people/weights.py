"""How much does it say that two records are alike in something? Counted in the records themselves, nobody told which
belong together (Fellegi and Sunter 1969; expectation maximisation as Winkler 1988 has it).

Two people of one house are no strangers either: they share name, address and phone. So the question is always one
person against strangers and against relatives of one house, each as frequent as the records say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp2, log2
from typing import NamedTuple

from leadloom.domain.people.comparing import BORN, EMAIL, FIELDS, GIVEN, THINGS, UNKNOWN, Alike, Levels, compare
from leadloom.domain.people.person import Person

_SAMPLED = 100_000
"""Pairs taken at random, among which hardly two are one person."""
_ROUNDS = 12
_BELIEVED = 25.0
"""As many pairs of one person weighs what we expect of them, against what is counted."""
_HOUSE_SAYS = 3.0
"""Bits by which an address and a phone together may outweigh that there are as many households as records."""
_CHANCE_BELIEVED = 100.0
"""As many records weighs how often a value is told by chance, as we expect it, against what is counted."""
_AT_HOME = "home"


class _Kin(NamedTuple):
    """Two people who share a house: in what they are like strangers all the same, and how often, for each record."""

    strange: frozenset[int]
    expected: float


_KINDS = (_Kin(frozenset((GIVEN, BORN, EMAIL)), 0.05),)
"""Father and son. Twins, and sons named as their fathers, are not told from one person written twice: they differ in
one thing only, as a slip does."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each level says."""

    pairs: float
    """Of all records with one another."""
    matched_pairs: float
    kin_pairs: tuple[float, ...]
    """Of each kind of relatives."""
    matched: tuple[tuple[float, ...], ...]
    """How often each level of each thing is found in two records of one person."""
    unmatched: tuple[tuple[float, ...], ...]
    """The same of two people."""
    frequency: tuple[Mapping[str, float], ...]
    """Of each thing, how often each value is told."""


class Odds(NamedTuple):
    """What two records may be."""

    bits: float
    """How likely one person, above even: +10 is a thousand to one."""
    kin: tuple[float, ...]
    """The share of each kind of relatives."""

    @property
    def one_person(self) -> float:
        """The probability."""
        return 1 / (1 + exp2(-self.bits)) if self.bits > -60 else 0.0


def odds(weights: Weights, alike: Alike, one: Person) -> Odds:
    """What the two are likely to be. A rare value they share says more than a common one."""
    same, chance = _likelihoods(weights, alike, one)
    home = sum(log2(same[thing] / chance[thing]) for thing in same if THINGS[thing].group == _AT_HOME)
    rest = sum(log2(same[thing] / chance[thing]) for thing in same if THINGS[thing].group != _AT_HOME)
    most = log2(max(weights.pairs, 1.0)) / 2 + _HOUSE_SAYS
    against_strangers = log2(weights.matched_pairs / weights.pairs) + rest + min(home, most)
    kin = [
        log2(weights.matched_pairs / often)
        + sum(log2(same[each] / chance[each]) for each in same if each in kind.strange)
        for kind, often in zip(_KINDS, weights.kin_pairs, strict=True)
    ]
    others = [exp2(min(-bits, 200.0)) for bits in (against_strangers, *kin)]
    together = sum(others)
    return Odds(-log2(together), tuple(each / (1 + together) for each in others[1:]))


def _likelihoods(weights: Weights, alike: Alike, one: Person) -> tuple[dict[int, float], dict[int, float]]:
    """For each thing both told: how often one person's records are so, and how often strangers'."""
    same: dict[int, float] = {}
    chance: dict[int, float] = {}
    for thing, level in enumerate(alike.levels):
        if level != UNKNOWN:
            same[thing] = weights.matched[thing][level]
            average = weights.unmatched[thing][level]
            value = getattr(one, FIELDS[thing])
            chance[thing] = average if level else weights.frequency[thing].get(value, average)
    return same, chance


def learn(people: Sequence[Person], compared: Sequence[tuple[int, int, Alike]]) -> Weights:
    """What the levels say among these records. `compared` are the pairs worth a look; all others are two people."""
    frequency = tuple(_frequency(people, thing) for thing in range(len(THINGS)))
    weights = Weights(
        pairs=max(1.0, len(people) * (len(people) - 1) / 2),
        matched_pairs=max(1.0, len(people) / 4),
        kin_pairs=tuple(max(0.5, kind.expected * len(people)) for kind in _KINDS),
        matched=tuple(thing.expected for thing in THINGS),
        unmatched=_unmatched(people, frequency),
        frequency=frequency,
    )
    for _ in range(_ROUNDS):
        weights = _again(weights, people, compared)
    return weights


def _again(weights: Weights, people: Sequence[Person], compared: Sequence[tuple[int, int, Alike]]) -> Weights:
    """One round: who is one person by what is believed, and what to believe by that."""
    counts = [[_BELIEVED * share for share in thing.expected] for thing in THINGS]
    found, kin = 1.0, [0.5 for _ in _KINDS]
    for one, _, alike in compared:
        what = odds(weights, alike, people[one])
        kin = [sofar + share for sofar, share in zip(kin, what.kin, strict=True)]
        if (sure := what.one_person) > 1e-4:
            found += sure
            for thing, level in enumerate(alike.levels):
                if level != UNKNOWN:
                    counts[thing][level] += sure
    matched = tuple(_shares(levels) for levels in counts)
    return replace(weights, matched_pairs=found, kin_pairs=tuple(kin), matched=matched)


def _shares(counts: Sequence[float]) -> tuple[float, ...]:
    return tuple(count / sum(counts) for count in counts)


def _frequency(people: Sequence[Person], thing: int) -> Mapping[str, float]:
    counted = Counter(value for person in people if (value := getattr(person, FIELDS[thing])))
    expected = _CHANCE_BELIEVED * THINGS[thing].by_chance
    told = sum(counted.values()) + _CHANCE_BELIEVED
    return {value: (count + expected) / told for value, count in counted.items()}


def _unmatched(people: Sequence[Person], frequency: Sequence[Mapping[str, float]]) -> tuple[tuple[float, ...], ...]:
    """Of pairs at random. How often they are equal is known from the values, without a sample."""
    counts = [[0.5] * (len(thing.levels) - 1) + [_CHANCE_BELIEVED] for thing in THINGS]
    for levels in _sampled(people):
        for thing, level in enumerate(levels):
            if level != UNKNOWN:
                counts[thing][level] += 1
    shares = [[count / sum(levels) for count in levels] for levels in counts]
    for thing, known in enumerate(frequency):
        equal = sum(share * share for share in known.values()) or THINGS[thing].by_chance
        others = sum(shares[thing][1:])
        shares[thing] = [equal, *(share / others * (1 - equal) for share in shares[thing][1:])]
    return tuple(tuple(levels) for levels in shares)


def _sampled(people: Sequence[Person]) -> Iterator[Levels]:
    """Pairs that are spread over the records, the same ones each time."""
    count = len(people)
    strides = max(1, min(_SAMPLED, count * (count - 1) // 2) // max(count, 1))
    step = max(1, (count - 1) // (strides + 1))
    for stride in range(1, strides + 1):
        apart = (stride * step) % max(count, 1) or 1
        for place in range(count if count > 2 else 0):
            yield compare(people[place], people[(place + apart) % count]).levels


def assumed(count: int) -> Weights:
    """What the levels say among so many leads before anything is counted: as is expected of people anywhere."""
    unmatched = tuple(
        (thing.by_chance, *((1 - thing.by_chance) * share for share in _spread(len(thing.levels)))) for thing in THINGS
    )
    return Weights(
        pairs=max(1.0, count * (count - 1) / 2),
        matched_pairs=max(1.0, count * 0.05),
        kin_pairs=tuple(max(0.5, kind.expected * count) for kind in _KINDS),
        matched=tuple(thing.expected for thing in THINGS),
        unmatched=unmatched,
        frequency=tuple({} for _ in THINGS),
    )


def _spread(levels: int) -> tuple[float, ...]:
    """Of two people who aren't equal in a thing: hardly any are nearly so."""
    nearly = tuple(0.005 for _ in range(levels - 2))
    return (*nearly, 1 - sum(nearly))
