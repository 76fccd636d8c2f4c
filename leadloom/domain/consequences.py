"""What follows from what happened to a lead: the whole write path of events, decided purely (law 5)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from leadloom.domain.consent.from_events import gained, with_gained
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.journeys.doors import Doors
from leadloom.domain.journeys.runs import Enrol, ExitRun, Happened, follow
from leadloom.domain.lead import BasisDraft, Event, EventDraft, Side, Verdict
from leadloom.domain.model import EnrolmentId, Value
from leadloom.domain.stages.clocks import COOLING, DropClock, SetClock, has_own_date, needs_lifecycle, rearm
from leadloom.domain.stages.crossing import COOLED, WARMED, crossed
from leadloom.domain.stages.ledger import booked
from leadloom.domain.stages.stage_moves import GIVEN_BACK, IMPORTED, moves
from leadloom.domain.stages.stage_walk import Ignored, Moved, OpenHandOff, StageChange, first_change, precision_of
from leadloom.domain.standing import CodeEntry, PublishedJourney, ScoreEntry, Standing


class Consequences(Value):
    """Everything one transaction writes about a lead after some events. In order where order matters."""

    events: tuple[Event, ...] = ()
    """Numbered without gaps from the lead's last; drafts whose key was known are missing."""
    entries: tuple[ScoreEntry, ...] = ()
    changes: tuple[StageChange, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    hand_offs: tuple[OpenHandOff, ...] = ()
    joins_deal: tuple[str, ...] = ()
    """Why the lead was ready for sales, in words, when their company's open deal takes them in: no hand-off."""
    enrol: tuple[Enrol, ...] = ()
    exits: tuple[ExitRun, ...] = ()
    wakes: tuple[EnrolmentId, ...] = ()
    """Open runs that listen to one of the events; an exited run is not among them."""
    clocks: tuple[SetClock | DropClock, ...] = ()
    """At most one per kind."""
    bases: tuple[BasisDraft, ...] = ()
    """Permissions that come by themselves with the events."""
    lifecycle: bool = False
    """Whether the lifecycle must look again: a gate was crossed, a clock is new or moved earlier."""


def decide(
    definition: Definition,
    journeys: Sequence[PublishedJourney] | Doors,
    *,
    code_journeys: Sequence[CodeEntry],
    standing: Standing,
    drafts: Sequence[EventDraft],
    at: datetime,
    history: bool = False,
) -> Consequences:
    """Everything that follows from the drafts, oldest first, heard at `at`.

    A lead without a stage gets its first, also when nothing else happened. What a machine did is recorded, earns
    nothing and moves nothing. Twice is once for drafts with a key. An event said to be later than `at` counts as
    of `at`: nothing can be heard before it happened.

    `history` is what another system lived through: each event is decided as of its own instant, and nobody acts on
    it now. No hand-off is opened, no journey entered, no lifecycle woken; runs it ends or wakes still hear of it, and
    of the clocks only those with a date of their own are set.

    Raises:
        BadInput: An event is of no kind the definition has.
    """
    fresh = tuple(_fresh(definition, standing, drafts))
    standing = with_gained(definition, standing, bases := tuple(gained(definition, fresh)), at)
    began = _began(definition, standing, fresh, at=at, history=history)
    lived = list(_lived(definition, _moved_to(standing, began), fresh, at=at, history=history))
    happened, moved = [moment for moment, _ in lived], [Moved(changes=began), *(step for _, step in lived)]
    now = happened[-1].standing if happened else _moved_to(standing, began)
    events = tuple(moment.event for moment in happened)
    changes = tuple(change for step in moved for change in step.changes)
    doors, code_doors = ((), ()) if history else (journeys, code_journeys)
    runs = follow(definition, doors, code_journeys=code_doors, before=standing, happened=happened, at=at)
    clocks = rearm(definition, standing, after=now, events=events, changes=changes, at=at)
    if history:
        clocks = tuple(clock for clock in clocks if _is_for_history(clock, standing))
    return Consequences.built(
        events=events,
        entries=now.entries[len(standing.entries) :],
        changes=changes,
        ignored=tuple(line for step in moved for line in step.ignored),
        hand_offs=() if history else _once(hand_off for step in moved for hand_off in step.hand_offs),
        joins_deal=next((step.joins_deal for step in reversed(moved) if step.joins_deal), ()),
        enrol=runs.enrol, exits=runs.exits, wakes=runs.wakes,
        clocks=clocks,
        bases=bases,
        lifecycle=not history and needs_lifecycle(definition, standing.clocks, clocks=clocks, changes=changes),
    )  # fmt: skip


def _lived(
    definition: Definition, now: Standing, fresh: Sequence[EventDraft], *, at: datetime, history: bool
) -> Iterator[tuple[Happened, Moved]]:
    """The events one after the other, each crossing of the threshold right behind what caused it."""
    waiting = list(reversed(fresh))
    while waiting:
        moment, step = _taken(definition, now, waiting.pop(), at=at, history=history)
        yield moment, step
        before, now = now, moment.standing
        waiting += crossed(definition, before, now, at=at, cause=moment.event, history=history)


def _is_for_history(clock: SetClock | DropClock, standing: Standing) -> bool:
    """A past that is told starts no clock of its own, but who is warm goes on cooling, sooner or later."""
    return isinstance(clock, DropClock) or has_own_date(clock) or (standing.is_warm and clock.kind == COOLING)


def _taken(
    definition: Definition, now: Standing, draft: EventDraft, *, at: datetime, history: bool
) -> tuple[Happened, Moved]:
    """One event: numbered, scored, and where it moved the lead."""
    event = _numbered(definition, now, draft, at)
    now = _scored(definition, now, event, heard_at=None if history else at)
    step = moves(definition, now, event=event, at=event.at if history else at, history=history)
    return Happened(event=event, standing=_moved_to(now, step.changes)), step


def _began(
    definition: Definition, standing: Standing, fresh: Sequence[EventDraft], *, at: datetime, history: bool
) -> tuple[StageChange, ...]:
    """The first stage of a lead without one; of a person another system knew, since that system knew them."""
    came = next((precision_of(draft) for draft in fresh if draft.kind == IMPORTED), None)
    met_at = min(at, standing.lead.created_at) if history else at
    return first_change(definition, standing, at=met_at, evidence=came or {})


def _fresh(definition: Definition, standing: Standing, drafts: Sequence[EventDraft]) -> Iterator[EventDraft]:
    """The drafts that aren't known yet, each checked to be of a kind the definition has."""
    known = {*standing.known_keys, *(event.key for event in standing.recent)}
    for draft in drafts:
        if draft.kind not in definition.events:
            like = difflib.get_close_matches(draft.kind, definition.events, n=3)
            hint = f"Did you mean {' or '.join(like)}?" if like else "See `events` in the definition."
            raise BadInput("event", draft.kind, f"The definition has no event of this kind. {hint}")
        if draft.key is not None:
            if draft.key in known:
                continue
            known.add(draft.key)
        yield draft


def _numbered(definition: Definition, now: Standing, draft: EventDraft, at: datetime) -> Event:
    credit = _credit(definition, draft)
    return Event.built(
        lead_id=now.lead.lead_id,
        no=now.last_event_no + 1,
        kind=draft.kind,
        at=min(draft.at, at),
        key=draft.key,
        verdict=draft.verdict,
        actor=draft.actor,
        channel=draft.channel or (now.lead.source if credit else None),
        data=draft.data,
        credit=credit,
    )


def _credit(definition: Definition, draft: EventDraft) -> Side | None:
    """A touch is a response by a person; what a machine did credits nobody."""
    rule = definition.events[draft.kind]
    return rule.credit if rule.response and draft.verdict is Verdict.HUMAN else None


def _scored(definition: Definition, now: Standing, event: Event, *, heard_at: datetime | None) -> Standing:
    """The lead with the event noted, what it wrote into the ledger, and the reason it gave."""
    given = event.data.get("reason") if event.kind in GIVEN_BACK else None
    return now.but(
        last_event_no=event.no,
        recent=(*now.recent, event),
        entries=(*now.entries, *booked(definition, now.entries, event, heard_at=heard_at)),
        last_reason=given if given in definition.reject_reasons else now.last_reason,
        is_warm=event.kind == WARMED or (now.is_warm and event.kind != COOLED),
    )


def _moved_to(now: Standing, changes: Sequence[StageChange]) -> Standing:
    if not changes:
        return now
    return now.but(
        stages={**now.stages, **{change.track: change.to_stage for change in changes}},
        since={**now.since, **{change.track: change.at for change in changes}},
        last_change_no={**now.last_change_no, **{change.track: change.no for change in changes}},
    )


def _once(hand_offs: Iterable[OpenHandOff]) -> tuple[OpenHandOff, ...]:
    """One offer of a kind per track, however often one transaction asked for it."""
    first: dict[tuple[str, str], OpenHandOff] = {}
    for hand_off in hand_offs:
        first.setdefault((hand_off.kind, hand_off.track), hand_off)
    return tuple(first.values())
