"""What may somebody say to an offered lead, and how long may they still take it back?"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from leadloom.domain.model import Instant, Value

UNDO_FOR = timedelta(seconds=10)
"""How long an answer given at a screen can be taken back. Nothing follows from it before that."""


class Decision(Value):
    """What somebody decided about a hand-off, as they told us."""

    kind: Literal["accept", "reject", "recycle"]
    by: str
    """Handle of the owner, or `system` with `via` clock."""
    via: Literal["link", "reply", "chat", "card", "page", "cli", "api", "clock"]
    reason: str | None = None
    """A key of the definition's reject reasons; a recycle without one is the chip that asks for a date."""
    text: str | None = None
    """What the chip asks for: who is right, or what else. May name a person: never put it into an event."""
    until: Instant | None = None
    sub_reason: str | None = None


class Answer(Value):
    """A decision that can still be taken back. Nothing has followed from it; nobody else can decide meanwhile."""

    decision: Decision
    at: Instant
    """When it was given: what every report and clock reads once it is final."""
    final_at: Instant
