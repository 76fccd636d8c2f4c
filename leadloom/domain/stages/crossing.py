"""Did a lead's engagement cross the threshold, and which way? Each crossing is told once (features C9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import Event, EventDraft
from leadloom.domain.stages.scoring import engagement
from leadloom.domain.standing import Standing

WARMED, COOLED = "warmed", "cooled"


def crossed(
    definition: Definition, before: Standing, now: Standing, *, cause: Event, at: datetime, history: bool
) -> Iterator[EventDraft]:
    """What is to be recorded after an event that changed the ledger: `warmed`, `cooled` or nothing.

    Up at `warms_at`, down at `cooling_below`, and nothing in the band between, whatever the score does there. The fall
    that comes by time alone is the cooling clock's to tell. A past that is told now warms nobody: nobody acts on it.
    """
    if len(now.entries) == len(before.entries) or (history and not now.is_warm):
        return
    how_much = engagement(now.entries, definition.half_life, at=at)
    if now.is_warm and how_much <= definition.cooling_below:
        yield _told(COOLED, cause, how_much, at)
    elif not now.is_warm and is_warm(definition, how_much):
        yield _told(WARMED, cause, how_much, at)


def is_warm(definition: Definition, how_much: float) -> bool:
    """Whether so much engagement warms a lead that was not warm."""
    if definition.warms_at is None:
        return how_much > definition.cooling_below
    return how_much >= definition.warms_at and how_much > definition.cooling_below


def _told(kind: str, cause: Event, how_much: float, at: datetime) -> EventDraft:
    data = {"engagement": round(how_much, 4), "event_no": cause.no}
    return EventDraft.built(kind=kind, at=at, actor="system", data=data)
