"""Invented people with a written truth: households, records written again with slips, swaps and gaps, by a seed."""

from __future__ import annotations

import random
import string
from itertools import combinations

_WORDS = {
    "given": """
        ada alma amir anke anton arno bea bela berta bo carla carlos cem clara cora dara dina dirk edda elio ella emil
        enzo esra eva fabio fadi femi finn flora frieda gero gita goran greta hana hugo ida ilka imre ines ivo jana jaro
        jonas juna kai kalle kim lara lars lea leon lina linus livia luca lutz mara marek mats maya mila milan mira
        moritz nadia nele nico nils nora odin olga oskar otto paula pia piet quinn rafik rana rosa ruben ruth sami sina
        sven taro thea theo tilda timo tove ulf uma vera vito wanda wim xenia yara yusuf zara zeno""",
    "heads": "acker berg brand dahl eich falk gran hart holm karl lang lind mar neu ober pohl quist rain sand tal",
    "tails": "auer berger dorf eck er feld gren hagen hof ing lund mann meier ner sen sson stad tov witz wyn",
}
GIVEN, _HEADS, _TAILS = (words.split() for words in _WORDS.values())
FAMILY = [head + tail for head in _HEADS for tail in _TAILS]
STREETS = [f"{name} {kind}" for name in FAMILY[::3] for kind in ("street", "lane", "road")]
TOWNS = [head + tail for head in _HEADS for tail in ("by", "ford", "ham", "stedt", "ville")]
FIELDS = ("first_name", "last_name", "street_number", "street", "city", "postal_code", "born", "phone")

Told = dict[str, str]


def population(seed: int, *, people: int, sons: float = 0.1) -> list[tuple[int, Told]]:
    """Records in no order, each with the number of the person it is of; half the people have one to three more."""
    rng = random.Random(seed)
    records: list[tuple[int, Told]] = []
    for person in _people(rng, people, sons):
        number = len({who for who, _ in records})
        records.append((number, person))
        if rng.random() < 0.5:
            records += [(number, _written_again(rng, person)) for _ in range(rng.choice((1, 1, 2, 3)))]
    rng.shuffle(records)
    return records


def true_pairs(numbers: list[int]) -> set[tuple[int, int]]:
    """The places of records of one person, two by two."""
    places: dict[int, list[int]] = {}
    for place, number in enumerate(numbers):
        places.setdefault(number, []).append(place)
    return {pair for each in places.values() for pair in combinations(each, 2)}


def _people(rng: random.Random, count: int, sons: float) -> list[Told]:
    found: list[Told] = []
    while len(found) < count:
        town = rng.randrange(len(TOWNS))
        person = {
            "first_name": rng.choice(GIVEN), "last_name": rng.choice(FAMILY),
            "street_number": str(rng.randint(1, 180)), "street": rng.choice(STREETS), "city": TOWNS[town],
            "postal_code": f"{20000 + town * 37 + rng.randrange(5)}", "born": _day(rng),
            "phone": "0" + "".join(rng.choice(string.digits) for _ in range(9)),
        }  # fmt: skip
        found.append(person)
        if rng.random() < sons:
            other = rng.choice([name for name in GIVEN if name[0] != person["first_name"][0]])
            found.append({**person, "first_name": other, "born": _day(rng)})
    return found


def _day(rng: random.Random) -> str:
    return f"{rng.randint(1930, 2004)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"


def _written_again(rng: random.Random, person: Told) -> Told:
    again = dict(person)
    for field in rng.sample(FIELDS, rng.randint(1, 3)):
        what = rng.random()
        if what < 0.7:
            again[field] = _slip(rng, again[field])
        elif what < 0.9:
            again[field] = ""
        else:
            again["first_name"], again["last_name"] = again["last_name"], again["first_name"]
    return again


def _slip(rng: random.Random, text: str) -> str:
    place = rng.randrange(len(text))
    sign = rng.choice(string.digits if text[place].isdigit() else string.ascii_lowercase)
    match rng.randrange(4):
        case 0:
            return text[:place] + sign + text[place:]
        case 1:
            return text[:place] + text[place + 1 :]
        case 2:
            return text[:place] + sign + text[place + 1 :]
        case _:
            return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
