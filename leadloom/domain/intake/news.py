"""Which events does a draft bring, given what is known of its lead? A list told twice brings none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.stages.stage_moves import IMPORTED

OPTED_OUT = "opted-out"
"""Key of the no that another system reports: however many lists repeat it, it is one event."""


def news(
    draft: LeadDraft, *, first_met_at: datetime | None, told: bool, known_keys: Collection[str] = (), at: datetime
) -> tuple[EventDraft, ...]:
    """What happened, oldest first, with what the draft's import and its no add to it.

    Args:
        draft: What came in. Its `imported` event says which list it came in with.
        first_met_at: When a lead that is new was first met; None for a known one.
        told: The draft changed something about the lead or their permissions.
        known_keys: Keys of the draft's events, and of the no, that are recorded already.
        at: When we heard.
    """
    imported = next((event for event in draft.events if event.kind == IMPORTED), None)
    if imported is None and not draft.opted_out:
        return draft.events
    happened = [event for event in draft.events if event is not imported and event.key not in known_keys]
    if draft.opted_out and OPTED_OUT not in known_keys:
        happened.append(_no(imported, at))
    if imported is None:
        return tuple(happened)
    if first_met_at == imported.at:
        return (imported, *happened)
    if first_met_at is not None:
        return (imported.but(at=first_met_at), *happened)
    if told or happened:
        # A known lead stands somewhere already: a list doesn't say where. What it says is kept for the drift list.
        data = {"there" if name == "stage" else name: value for name, value in imported.data.items()}
        return (imported.but(at=at, data=data), *happened)
    return ()


def _no(imported: EventDraft | None, at: datetime) -> EventDraft:
    data = {} if imported is None else {name: imported.data[name] for name in ("import",) if name in imported.data}
    return EventDraft.built(kind="unsubscribed", at=at, key=OPTED_OUT, data=data)
