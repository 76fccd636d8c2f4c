"""What does somebody look at before two leads become one? Each field side by side, what stands and why, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

from leadloom.domain.consent.from_events import SAID_BY_THE_PERSON
from leadloom.domain.definitions.one_person import MERGED_FIELDS, OnePerson
from leadloom.domain.lead import Basis
from leadloom.domain.model import Json, Value
from leadloom.domain.people.merging import From, Side, United

Confidence = Literal["almost sure", "likely", "perhaps"]
LEAST_BITS: Mapping[Confidence, float] = {"almost sure": 10.0, "likely": 6.0, "perhaps": float("-inf")}
"""From how many bits above even a suggestion is called so: a thousand to one, sixty to one. The surest first."""
_RULES = {
    "oldest": "of who we met first",
    "newest": "of who did something last",
    "filled": "of the one who stays",
    "source": "of the more trusted source",
    "by hand": "chosen",
}

_NO, _NOTHING = "no,", "nothing"


class FieldLine(Value):
    """One field of both."""

    field: str
    mine: str
    """The survivor's; empty when nobody told."""
    theirs: str
    becomes: str
    taken_from: From
    why: str
    """Why this value stands; empty when they say the same."""
    differs: bool
    choosable: bool
    """Both told something else: somebody may choose."""


class PermissionLine(Value):
    """What both said for one purpose on one channel, and what holds for the person."""

    purpose: str
    channel: str
    mine: str
    theirs: str
    then: str
    is_no: bool
    stricter: bool
    """The two said different things, and the stricter word wins."""


def confidence(bits: float | None) -> Confidence:
    """What so many bits are called; a pair without any was named by a person."""
    return next(name for name, least in LEAST_BITS.items() if (bits or 0.0) >= least)


def one_in(bits: float) -> str:
    """The odds in words: `1,000 to 1`."""
    return f"{round(2 ** min(bits, 30.0)):,} to 1" if bits > 0 else "even"


def survivor_because(survivor: Side, loser: Side) -> str:
    """Why this one stays."""
    if survivor.identified and not loser.identified:
        return "known by an address or an id, which the other isn't"
    if survivor.lead.created_at < loser.lead.created_at:
        return f"we met them first, on {survivor.lead.created_at:%Y-%m-%d}"
    return "we met both at one instant, so the smaller id stays"


def field_lines(rules: OnePerson, survivor: Side, loser: Side, united: Mapping[str, United]) -> tuple[FieldLine, ...]:
    """Every field that either told, in the order a merge decides; those they share, too."""
    return tuple(_fields(rules, survivor, loser, united))


def _fields(rules: OnePerson, survivor: Side, loser: Side, united: Mapping[str, United]) -> Iterator[FieldLine]:
    for field in MERGED_FIELDS:
        mine, theirs = getattr(survivor.lead, field), getattr(loser.lead, field)
        if field == "attributes":
            first: From = united[field].taken_from if field in united else "survivor"
            yield from _attributes(survivor.lead.attributes, loser.lead.attributes, rules.rule(field), first)
        elif mine or theirs:
            each = united.get(field)
            becomes = mine if each is None else each.is_
            taken: From = "survivor" if each is None else each.taken_from
            yield _line(field, mine, theirs, becomes, taken, rules.rule(field), choosable=bool(mine and theirs))


def _attributes(mine: Mapping[str, Json], theirs: Mapping[str, Json], rule: str, first: From) -> Iterator[FieldLine]:
    for name in sorted({*mine, *theirs}):
        one, other = mine.get(name), theirs.get(name)
        taken: From = "survivor" if other is None else "loser" if one is None else first
        yield _line(name, one, other, one if taken == "survivor" else other, taken, rule, choosable=False)


def _line(
    field: str, mine: Json, theirs: Json, becomes: Json, taken_from: From, rule: str, *, choosable: bool
) -> FieldLine:
    differs = mine != theirs
    blank = _words(mine) == "" or _words(theirs) == ""
    why = "" if not differs else "the other told nothing" if blank else _RULES[rule]
    return FieldLine(
        field=field, mine=_words(mine), theirs=_words(theirs), becomes=_words(becomes), taken_from=taken_from, why=why,
        differs=differs, choosable=choosable and differs,
    )  # fmt: skip


def _words(value: Json) -> str:
    match value:
        case None | "":
            return ""
        case list():
            return ", ".join(map(_words, value))
        case dict():
            return ", ".join(f"{name}: {_words(each)}" for name, each in value.items())
        case _:
            return str(value)


def permission_lines(mine: Sequence[Basis], theirs: Sequence[Basis], at: datetime) -> tuple[PermissionLine, ...]:
    """Purpose by purpose and channel by channel what each said, and what holds for the person: a no of either."""
    found: list[PermissionLine] = []
    for purpose, channel in sorted({(one.purpose, one.channel) for one in (*mine, *theirs)}):
        logs = [[one for one in log if (one.purpose, one.channel) == (purpose, channel)] for log in (mine, theirs)]
        said = [_stands(log, at) for log in logs]
        noes = [each.startswith(_NO) for each in said]
        yes = [each for each in said if each.startswith("yes")]
        then = "no" if any(noes) else yes[0] if yes else next(each for each in said if each != _NOTHING)
        found.append(
            PermissionLine(
                purpose=purpose,
                channel=channel,
                mine=said[0],
                theirs=said[1],
                then=then,
                is_no=any(noes),
                stricter=any(noes) and not all(noes),
            )
        )
    return tuple(found)


def _stands(log: Sequence[Basis], at: datetime) -> str:
    """The last word on it: a no that they never took back themselves, else a yes that holds, else what waits."""
    noes = [one.at for one in log if one.act == "withdrawn" and one.at <= at]
    own = [one.at for one in log if one.act == "given" and one.kind in SAID_BY_THE_PERSON and one.at <= at]
    if noes and max(noes) >= max(own, default=min(noes)):
        return f"{_NO} since {max(noes):%Y-%m-%d}"
    after = max(noes, default=None)
    holds = [
        one
        for one in log
        if one.act == "given" and one.at <= at and (one.until is None or one.until > at)
        and (after is None or (one.at > after and one.kind in SAID_BY_THE_PERSON))
    ]  # fmt: skip
    if holds:
        return f"yes, {holds[-1].kind} since {holds[-1].at:%Y-%m-%d}"
    if any(one.act == "asked" and one.until is not None and one.until > at for one in log):
        return "asked, waits for their confirmation"
    return "ran out" if log else _NOTHING
