"""Which stage does an event move a lead to, and which hand-off does that open?"""

from __future__ import annotations

from pydantic import Field

from leadloom.domain.model import Instant, Json, Value


class StageChange(Value):
    """One line of the stage log."""

    track: str
    no: int
    """Without gaps from 1 per lead and track."""
    from_stage: str | None
    """None for the first."""
    to_stage: str
    at: Instant
    actor: str
    reason: str
    """A key of the reject reasons, or a few words."""
    evidence: dict[str, Json] = Field(default_factory=dict)
    """The event and the values that decided it, `why` in words (law 8)."""
    waiting_for: str | None = None
    """What the new stage waits for, in words: a promise, or a recycle date (law 7)."""
    waits_until: Instant | None = None


class OpenHandOff(Value):
    """Offer the lead to an owner (or let it join the company's open hand-off: the store knows)."""

    kind: str
    track: str
    asked_by: str
    """`gate:asks`, `gate:scored`, or the event that asked for it."""
    why: tuple[str, ...]
    """In words for the owner's notice, most telling first."""
    prefer: str | None = None
    """Handle of the owner it should go back to."""


class Ignored(Value):
    """A stage change that an event asked for and the definition doesn't allow, or that had nothing to change."""

    event_no: int
    track: str
    to_stage: str
    why: str
