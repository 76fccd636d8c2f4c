"""What would a definition have made of a lead's past? Their life is told again by it, event by event, as of then.

Points are earned by its rules, the gate is asked at each event, and what sales answered counts where this telling had
handed the lead over: an answer to a question nobody would have asked is left out. What other systems said (deals,
imports) stays fact. Silences and recycle dates are taken as they came, and so is what we know of the person, of which
no past is kept. An event that earned nothing counts when it happened: only rows of the ledger say when they were heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.lead import Event
from leadloom.domain.model import Instant, Value
from leadloom.domain.stages.ledger import POINTS_TAKEN_BACK, RESCORED, booked
from leadloom.domain.stages.rescoring import Life
from leadloom.domain.stages.stage_moves import DEFINITION_CHANGED, moves
from leadloom.domain.stages.stage_walk import Moved, first_change
from leadloom.domain.standing import Standing

_ANSWERS = ("hand_off_accepted", "hand_off_rejected", "hand_off_recycled")
_LEFT_OUT = (RESCORED, POINTS_TAKEN_BACK, DEFINITION_CHANGED)
"""What another definition did, or what is told by the verdict of the event itself by now."""


class DealSpan(Value):
    """When a deal of the lead or their company was open."""

    opened_at: Instant
    closed_at: Instant | None
    """None: it is open still."""


class Passage(Value):
    """One time the lead came through the gate, in one telling."""

    at: Instant
    track: str
    hand_off: str
    """The kind they were to be offered by."""
    answered_at: Instant | None = None
    is_accepted: bool | None = None
    """None while nobody answered, or nobody was ever asked."""


def passages(definition: Definition, life: Life, deals: Iterable[DealSpan] = ()) -> tuple[Passage, ...]:
    """Each time the lead would have come through the gate, oldest first."""
    known = tuple(deals)
    heard = {entry.event_no: entry.known_at for entry in life.entries if entry.known_at is not None}
    now = Standing(lead=life.lead, account=life.account)
    found: list[Passage] = []
    for event in life.events:
        if event.kind in _LEFT_OUT or event.kind not in definition.events:
            continue
        at = max(event.at, heard.get(event.no) or event.at)
        now = _heard(definition, now, event, at, known)
        step = _moved(definition, now, event, at)
        if step is not None:
            found = _with_answer([*found, *_through(definition, step)], event, at)
            now = _stood(now, step)
    return tuple(found)


def _heard(definition: Definition, now: Standing, event: Event, at: datetime, deals: tuple[DealSpan, ...]) -> Standing:
    """The lead with the event noted and what it earns, before it moves them anywhere."""
    is_open = any(deal.opened_at <= at and (deal.closed_at is None or at < deal.closed_at) for deal in deals)
    now = now.but(
        last_event_no=event.no,
        recent=(*now.recent, event),
        entries=(*now.entries, *booked(definition, now.entries, event, heard_at=at)),
        open_deal=is_open,
    )
    began = first_change(definition, now, at=at, evidence={})
    return _stood(now, Moved(changes=began))


def _moved(definition: Definition, now: Standing, event: Event, at: datetime) -> Moved | None:
    """Where the event leads; None for an answer to a question that nobody asked in this telling."""
    if event.kind in _ANSWERS and event.data.get("kind") in _by_gate(definition):
        # A lead a rep works may be given back later; one who never came through was never theirs. Hand-offs that
        # journeys raised ask no gate, so they are facts.
        asked = {definition.named(part) for part in (Part.READY, Part.ACCEPTED, Part.DEAL)}
        if asked.isdisjoint(now.stages.values()):
            return None
    return moves(definition, now, event=event, at=at, history=event.kind == "deal_won")


def _by_gate(definition: Definition) -> tuple[str | None, ...]:
    """Kinds of hand-off the gate opens; an answer that names none was about one of them."""
    return None, *definition.mql.kinds()


def _stood(now: Standing, step: Moved) -> Standing:
    if not step.changes:
        return now
    return now.but(
        stages={**now.stages, **{change.track: change.to_stage for change in step.changes}},
        since={**now.since, **{change.track: change.at for change in step.changes}},
        last_change_no={**now.last_change_no, **{change.track: change.no for change in step.changes}},
    )


def _through(definition: Definition, step: Moved) -> Iterator[Passage]:
    """Who comes to the gate's stage was handed over, whatever kind of hand-off asked."""
    ready, kinds = definition.named(Part.READY), {offer.track: offer.kind for offer in step.hand_offs}
    for change in step.changes:
        if change.to_stage == ready:
            kind = kinds.get(change.track) or str(change.evidence.get("hand_off") or definition.mql.scored.hand_off)
            yield Passage(at=change.at, track=change.track, hand_off=kind)


def _with_answer(found: list[Passage], event: Event, at: datetime) -> list[Passage]:
    """The last passage nobody had answered gets the answer; later words about the same lead change nothing."""
    if event.kind not in _ANSWERS or not found or found[-1].is_accepted is not None:
        return found
    answered = found[-1].but(answered_at=at, is_accepted=event.kind == "hand_off_accepted")
    return [*found[:-1], answered]


class Telling(Value):
    """A lead's passages within a span, by the version in force and by the draft."""

    before: tuple[Passage, ...]
    after: tuple[Passage, ...]


Case = Literal["missed", "only before", "only after", "sooner", "later"]
CASES: Mapping[Case, str] = {
    "missed": "sales accepted, or a deal was won, and the draft would not have handed them over",
    "only before": "the draft would not have handed over, and nothing came of it",
    "only after": "only the draft would have handed over",
    "sooner": "the draft would have handed over more than a day sooner",
    "later": "the draft would have handed over more than a day later",
}
"""Leads the two tell differently, those to look at first of all."""
_A_DAY = 24 * 60 * 60


def case_of(telling: Telling, *, has_won: bool) -> Case | None:
    """How the two tellings of a lead differ; None when they don't."""
    before, after = telling.before, telling.after
    if before and not after:
        worth = has_won or any(one.is_accepted for one in before)
        return "missed" if worth else "only before"
    if after and not before:
        return "only after"
    if before and after:
        moved = (after[0].at - before[0].at).total_seconds()
        if abs(moved) > _A_DAY:
            return "sooner" if moved < 0 else "later"
    return None
