"""Where was the time lost when a lead waited too long: with us before anybody knew, or with people after they knew?

A lead is promised an answer within the working time of its kind, from the moment it was ready for sales. The system's
clock runs until a notice of it has left our hands (routing, waiting for room, a relay that defers); the human clock
from then until the answer. A breach is the system's when people answered, or still may, within the promise counted
from their notice: nobody can be late for what they weren't told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.regions import localised
from leadloom.domain.model import HandOffId, Instant, Value
from leadloom.domain.reports.figures import Spread, known_by, minutes, spread
from leadloom.domain.reports.response_time import Clocks, OfferedHandOff, offered_by


class Told(Value):
    """When a hand-off began, and when somebody was told of it."""

    hand_off_id: HandOffId
    asked_at: Instant
    """When the lead was ready for sales."""
    told_at: Instant | None = None
    """When the first notice of it left our hands; None while none has."""


class Split(Value):
    """One hand-off's time, split."""

    hand_off_id: HandOffId
    kind: str
    system_minutes: float
    """Working time until somebody knew."""
    human_minutes: float
    """Working time from then to the answer, or to now."""
    breached_by: Literal["system", "people"] | None
    """None: the promise was kept, or still can be."""


class TwoClocks(Value):
    """The split of all hand-offs of a period."""

    system: tuple[HandOffId, ...]
    """Breaches that are ours: told too late."""
    people: tuple[HandOffId, ...]
    """Breaches after the notice: friction at the desk."""
    system_minutes: Spread
    human_minutes: Spread
    """Of those that were answered."""


def two_clocks(
    definition: Definition,
    hand_offs: Iterable[OfferedHandOff],
    told: Mapping[HandOffId, Told],
    *,
    as_of: Instant,
) -> TwoClocks:
    """The split of what was known of these at `as_of`. A kind the definition no longer has carries no promise."""
    known = [one for one in offered_by(hand_offs, as_of) if one.kind in definition.hand_offs]
    clocks = {key: Clocks(localised(definition, key)) for key in (None, *definition.regions)}
    splits = [
        (one, split(definition, one, told[one.hand_off_id], clocks[one.region], as_of=as_of))
        for one in known
        if one.hand_off_id in told
    ]
    return TwoClocks(
        system=_breached(splits, "system"),
        people=_breached(splits, "people"),
        system_minutes=spread([each.system_minutes for _, each in splits]),
        human_minutes=spread([each.human_minutes for one, each in splits if one.decided_at is not None]),
    )


def split(definition: Definition, one: OfferedHandOff, told: Told, clocks: Clocks, *, as_of: Instant) -> Split:
    """One hand-off's time by both clocks, in working time of its owner's calendar."""
    calendar = clocks.calendars[one.calendar or clocks.pools]
    promise = minutes(definition.hand_offs[one.kind].accept)
    end = one.decided_at or as_of
    # Whoever answered before their notice came had found it by themselves.
    knew_at = min(known_by(told.told_at, as_of) or end, end)
    system = minutes(calendar.between(min(told.asked_at, knew_at), knew_at))
    human = minutes(calendar.between(knew_at, end))
    breached = system + human > promise
    by: Literal["system", "people"] = "system" if human <= promise else "people"
    return Split(
        hand_off_id=one.hand_off_id,
        kind=one.kind,
        system_minutes=system,
        human_minutes=human,
        breached_by=by if breached else None,
    )


def _breached(splits: Sequence[tuple[OfferedHandOff, Split]], by: str) -> tuple[HandOffId, ...]:
    return tuple(each.hand_off_id for _, each in splits if each.breached_by == by)
