"""What does a look at a run, hand-off or lifecycle answer its workflow? Ids, instants and words without persons."""

from __future__ import annotations

from typing import Literal

from leadloom.domain.model import Instant, Value


class Advanced(Value):
    """Wait until then, let an outside effect happen first, or nothing more."""

    kind: Literal["wait", "call", "done"]
    until: Instant | None = None
    waiting_for: str
    """What is waited for; for `done` how it ended."""
    activity: str | None = None
    """For `call`: the name of a regular activity …"""
    step: str | None = None
    visit: int | None = None
    """… whose key is (run, step, visit)."""
