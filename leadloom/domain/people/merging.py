"""What do two leads become when they are one person? Who stays, what of each field, which numbers, runs and offers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.one_person import MERGED_FIELDS, FieldRule, OnePerson
from leadloom.domain.definitions.parts import Part
from leadloom.domain.lead import Lead
from leadloom.domain.model import EnrolmentId, HandOffId, Instant, Json, OwnerId, Value

SELLING = ("sdr", "ae")
"""Roles in whose hands somebody is in conversation with sales."""

From = Literal["survivor", "loser"]


class Side(Value):
    """One of the two."""

    lead: Lead
    identified: bool
    """Whether they are known by anything: an address, an id."""
    heard_at: Instant | None
    """When a person last did something; None: never."""


class United(Value):
    """What becomes of one field in which the two differ."""

    was: Json
    """The survivor's."""
    other: Json
    """The loser's."""
    is_: Json
    rule: FieldRule | Literal["by hand"]
    taken_from: From


class Run(NamedTuple):
    """One lead in one journey, as far as two of them may be one too many."""

    enrolment_id: EnrolmentId
    mine: bool
    journey: str
    place: str
    is_open: bool
    mails: int
    """Sent, or perhaps sent."""
    entered_at: datetime


class Talk(NamedTuple):
    """An open hand-off, or one that was accepted and isn't closed."""

    hand_off_id: HandOffId
    kind: str
    track: str
    accepted: bool
    opened_at: datetime
    owner_id: OwnerId | None


def survives(one: Side, other: Side) -> bool:
    """Whether the first of the two stays: the identified one, the one we met first, the smaller id."""
    return _age(one) <= _age(other)


def unite(
    rules: OnePerson, survivor: Side, loser: Side, *, chosen: Mapping[str, From] | None = None
) -> dict[str, United]:
    """The fields in which the two differ, each with the value that stands and why. A blank wins over nothing.

    `chosen` are fields whose side somebody said; the rules decide the others.
    """
    found: dict[str, United] = {}
    for field in MERGED_FIELDS:
        mine, theirs = getattr(survivor.lead, field), getattr(loser.lead, field)
        if mine == theirs or (not theirs and not mine):
            continue
        own, said = _first(rules, rules.rule(field), survivor, loser), (chosen or {}).get(field)
        first, rule = said or own, "by hand" if said not in (None, own) else rules.rule(field)
        if field == "attributes":
            kept = {**theirs, **mine} if first == "survivor" else {**mine, **theirs}
            if kept != mine or theirs:
                found[field] = United(was=mine, other=theirs, is_=kept, rule=rule, taken_from=first)
            continue
        taken: From = first if (mine if first == "survivor" else theirs) else ("loser" if theirs else "survivor")
        found[field] = United(
            was=mine, other=theirs, is_=mine if taken == "survivor" else theirs, rule=rule, taken_from=taken
        )
    return found


def places_among(mine: Sequence[datetime], theirs: Sequence[datetime]) -> tuple[int, ...]:
    """The numbers that the loser's events get among the survivor's, from 1: by their instants, each lead's own order
    kept, so that a number stays a place in a life."""
    places: list[int] = []
    ahead = 0
    for at in theirs:
        while ahead < len(mine) and mine[ahead] <= at:
            ahead += 1
        places.append(len(places) + ahead + 1)
    return tuple(places)


def moved_no(no: int, own: Sequence[int], others: Mapping[int, datetime], until: datetime) -> int:
    """What a run heard last, in the new numbers: its own lead's event `no`, or a later one of the other lead that had
    happened when the run came to where it waits (`until`). What comes after is new to it.

    `own` are the new numbers of its lead's events 1, 2, 3 …; `others` the instants of the other's by their new numbers.
    """
    last = own[no - 1] if 0 < no <= len(own) else 0
    next_own = own[no] if no < len(own) else max((*own, *others), default=0) + 1
    return max([last, *(new for new, at in others.items() if new < next_own and at <= until)])


def goes_ahead(definition: Definition, mine: str | None, theirs: str | None) -> From:
    """Whose stages a track goes on with: who came further. What sales said of a person outweighs what they only did."""
    return "loser" if _rank(definition, theirs) > _rank(definition, mine) else "survivor"


def too_many(runs: Sequence[Run]) -> tuple[EnrolmentId, ...]:
    """Open runs that end because the other lead has been further in the same journey: nobody gets a mail twice."""
    by_place: defaultdict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in runs:
        by_place[run.journey, run.place].append(run)
    ended: list[EnrolmentId] = []
    for same in by_place.values():
        if len({run.mine for run in same}) > 1:
            ahead = min(same, key=lambda run: (-run.mails, not run.is_open, run.entered_at, not run.mine))
            ended += [run.enrolment_id for run in same if run.is_open and run is not ahead]
    return tuple(sorted(ended))


def to_close(definition: Definition, talks: Sequence[Talk]) -> tuple[HandOffId, ...]:
    """Conversations that end because the person has another one: never two owners. The accepted one stays, else the
    older."""
    groups: defaultdict[tuple[str, str], list[Talk]] = defaultdict(list)
    for talk in talks:
        contract = definition.hand_offs.get(talk.kind)
        group = "selling" if contract is not None and contract.to in SELLING else talk.kind
        groups[group, talk.track].append(talk)
    return tuple(
        talk.hand_off_id
        for same in groups.values()
        for talk in sorted(same, key=lambda talk: (not talk.accepted, talk.opened_at, talk.hand_off_id))[1:]
    )


def owner_of(survivor: Lead, loser: Lead, talks: Sequence[Talk]) -> OwnerId | None:
    """Who has the person now: whoever talks with them, else the survivor's owner, else the loser's."""
    talking = next((talk.owner_id for talk in talks if talk.accepted and talk.owner_id), None)
    return talking or survivor.owner_id or loser.owner_id


def _age(side: Side) -> tuple[bool, datetime, str]:
    return not side.identified, side.lead.created_at, str(side.lead.lead_id)


def _first(rules: OnePerson, rule: FieldRule, survivor: Side, loser: Side) -> From:
    match rule:
        case "filled":
            return "survivor"
        case "oldest":
            return "survivor" if survivor.lead.created_at <= loser.lead.created_at else "loser"
        case "newest":
            return "survivor" if _heard(survivor) >= _heard(loser) else "loser"
        case "source":
            return "survivor" if _trust(rules, survivor) <= _trust(rules, loser) else "loser"


def _heard(side: Side) -> datetime:
    return side.heard_at or side.lead.created_at


def _trust(rules: OnePerson, side: Side) -> int:
    ranked = list(rules.trusted_sources)
    return ranked.index(side.lead.source) if side.lead.source in ranked else len(ranked)


def _rank(definition: Definition, stage: str | None) -> int:
    if stage is None:
        return -1
    place = next((no for no, known in enumerate(definition.stages) if known.name == stage), 0)
    plays = definition.stages[place].plays
    if stage == definition.first_stage or plays is Part.QUIET:
        return 0
    if plays in (Part.RETURNED, Part.CLOSED):
        # A person's word about them: above what has come by itself, below a conversation under way.
        return len(definition.stages) + (2 if plays is Part.CLOSED else 1)
    ready = next((no for no, known in enumerate(definition.stages) if known.plays is Part.READY), 0)
    return place + (2 * (len(definition.stages) + 1) if place >= ready else 0)
