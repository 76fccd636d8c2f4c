"""What does an event write into the ledger of points, and what would a lead's whole life write under other rules?

The rows are the only writer of a score (features C7, X6): what corrects one is a row of its own, dated when it was
decided. One half-life for all makes that exact: what is left at an instant, one row of that size takes away for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import Event
from leadloom.domain.model import Json
from leadloom.domain.stages.earning import earn
from leadloom.domain.stages.scoring import SCORE_RESET, balance, left
from leadloom.domain.standing import ScoreEntry

POINTS_GIVEN = "points_given"
"""A journey gave points of its own; the event says how many."""
POINTS_TAKEN_BACK = "points_taken_back"
"""An event turned out not to be the lead's; this one says which (`of`)."""
RESCORED = "rescored"
"""The ledger was brought to what the rules of a version make of the lead's life; the event says the difference."""
_NOTHING = 1e-9
"""A sum that must be zero is so up to rounding."""


def booked(
    definition: Definition, entries: Sequence[ScoreEntry], event: Event, *, heard_at: datetime | None = None
) -> tuple[ScoreEntry, ...]:
    """The rows an event writes, given all rows before it; none when it earns nothing.

    `heard_at` is when we heard of it; None for a past that is told as it was lived.
    """
    if event.kind in _CORRECTIONS:
        rows = _CORRECTIONS[event.kind](definition, entries, event)
        return tuple(row.but(event_no=event.no, at=event.at, part=part) for part, row in enumerate(rows, start=1))
    points = _earned(definition, entries, event)
    if not points:
        return ()
    rule = definition.events[event.kind]
    late = heard_at is not None and heard_at > event.at
    return (
        ScoreEntry.built(
            event_no=event.no,
            kind=event.kind,
            points=points,
            at=event.at,
            category=_category(definition, event),
            expires_at=None if rule.expires is None or points < 0 else event.at + rule.expires,
            known_at=heard_at if late else None,
        ),
    )


def _earned(definition: Definition, entries: Sequence[ScoreEntry], event: Event) -> float:
    """What the kind of event earns; points a journey gave are as many as it said."""
    told = event.data.get("points") if event.kind == POINTS_GIVEN else None
    if isinstance(told, int | float):
        return float(told)
    return earn(definition, event.kind, at=event.at, verdict=event.verdict, entries=entries)


def _category(definition: Definition, event: Event) -> str | None:
    categories = definition.scoring.categories
    if not categories:
        return None
    told = event.data.get("category")
    return told if isinstance(told, str) and told in categories else definition.events[event.kind].category


def _reset(definition: Definition, entries: Sequence[ScoreEntry], event: Event) -> Iterable[ScoreEntry]:
    return _by_account(entries, definition.half_life, at=event.at, sign=-1, kind=SCORE_RESET)


def _taken_back(definition: Definition, entries: Sequence[ScoreEntry], event: Event) -> Iterable[ScoreEntry]:
    for entry in entries:
        if entry.event_no == event.data.get("of") and (rest := left(entry, definition.half_life, event.at)):
            yield entry.but(points=-rest, known_at=None)


def _rescored(definition: Definition, entries: Sequence[ScoreEntry], event: Event) -> Iterable[ScoreEntry]:
    del definition, entries
    told = event.data.get("rows")
    for row in told if isinstance(told, list) else ():
        if isinstance(row, dict):
            yield ScoreEntry.model_validate({"event_no": event.no, "at": event.at, "kind": RESCORED, **row})


_CORRECTIONS: dict[str, Callable[[Definition, Sequence[ScoreEntry], Event], Iterable[ScoreEntry]]] = {
    SCORE_RESET: _reset,
    POINTS_TAKEN_BACK: _taken_back,
    RESCORED: _rescored,
}


def _by_account(
    entries: Sequence[ScoreEntry], half_life: timedelta, *, at: datetime, sign: int, kind: str
) -> Iterable[ScoreEntry]:
    """What is left at `at`, one row for each category and expiry, as they fall apart later."""
    accounts: dict[tuple[str | None, datetime | None], list[ScoreEntry]] = {}
    for entry in entries:
        accounts.setdefault((entry.category, entry.expires_at), []).append(entry)
    for (category, expires_at), rows in accounts.items():
        if abs(rest := balance(rows, half_life, at=at)) > _NOTHING:
            points = {"points": sign * rest, "category": category, "expires_at": expires_at}
            yield ScoreEntry.built(event_no=0, kind=kind, at=at, **points)


def entries_under(definition: Definition, events: Iterable[Event]) -> tuple[ScoreEntry, ...]:
    """The ledger a whole life would have written under these rules. `events` in the order of their numbers.

    Earlier re-scorings count for nothing; resets, and points that journeys gave, stay what they were. An event the
    definition doesn't know earns nothing.
    """
    entries: list[ScoreEntry] = []
    for event in events:
        if event.kind in definition.events and event.kind not in (RESCORED, POINTS_TAKEN_BACK):
            entries += booked(definition, entries, event)
    return tuple(entries)


def difference(
    definition: Definition, entries: Sequence[ScoreEntry], events: Iterable[Event], *, at: datetime
) -> list[Json]:
    """What a `rescored` event must say at `at` so that the ledger comes to what these rules make of the events: its
    `rows`, none when it is there already. From `at` on, and for ever, the two are then equal.
    """
    half_life = definition.half_life
    wanted = _by_account(entries_under(definition, events), half_life, at=at, sign=1, kind=RESCORED)
    found = _by_account(entries, half_life, at=at, sign=-1, kind=RESCORED)
    netted = _by_account((*wanted, *found), half_life, at=at, sign=1, kind=RESCORED)
    return [
        {
            "points": row.points,
            "category": row.category,
            "expires_at": row.expires_at.isoformat() if row.expires_at else None,
        }
        for row in netted
    ]
