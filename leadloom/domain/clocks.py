"""Which clocks does a lead's lifecycle hold after something happened?

Kinds: `cooling`, `inactivity`, `opt-in-expiry`, and per track `recycle:<track>`, `repair:<track>`, `promise:<track>`.
"""

from __future__ import annotations

from pydantic import Field

from leadloom.domain.model import Instant, Json, Value


class SetClock(Value):
    """Set this clock, whether it was set before or not."""

    kind: str
    due_at: Instant
    data: dict[str, Json] = Field(default_factory=dict)
    """What its event will need: `reason`, `hand_off`, `owner`."""


class DropClock(Value):
    """Forget this clock."""

    kind: str
