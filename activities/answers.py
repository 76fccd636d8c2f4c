"""What activities and workflows say to each other: ids, instants and words without persons (law 2)."""

from __future__ import annotations

from typing import Literal

from leadloom.domain.model import Instant, Value
from leadloom.store.advanced import Advanced

TRANSIENT = "Transient"
"""Type of a failure that waiting may cure; every other type blocks the run after three tries."""


class Look(Value):
    """Look at the rows of `about` (an id, or a lane's name) as of `at`, business time."""

    about: str
    at: Instant


class Looked(Value):
    """What to do next: wait (until, for what), call an outside effect, or nothing more."""

    kind: Literal["wait", "call", "done"]
    until: Instant | None = None
    words: str
    """What is waited for, or how it ended."""
    activity: str | None = None
    step: str | None = None
    visit: int | None = None


def looked(advanced: Advanced) -> Looked:
    """What the store answered, as a workflow may keep it."""
    answer = advanced.model_dump(exclude={"waiting_for"})
    return Looked(**answer, words=advanced.waiting_for)


class Blocked(Value):
    """A step failed three times."""

    error: str
    at: Instant


class BlockedRun(Blocked):
    """Whose step failed."""

    about: str
    step: str | None = None
    """Of an outside effect that failed for good: its step, which may say how the run goes on …"""
    visit: int | None = None
    """… and its visit."""


class OutsideCall(Value):
    """An outside effect of a run's step; its key is (about, step, visit)."""

    about: str
    step: str
    visit: int
    at: Instant

    @property
    def key(self) -> str:
        """The key as one text: the same at each try, so that a receiver who knows keys takes two tries for one."""
        return f"{self.about}/{self.step}/{self.visit}"


class Drained(Value):
    """What a drain left: more due rows now, or when the next is due (None: nothing planned)."""

    sent: int
    more: bool
    until: Instant | None = None
    pause_s: float = 0.0
    """How long the lane must rest to keep its rate."""


class MaintenanceOrder(Value):
    """Which sweeps to run how often; found by the catalog when the workflow is started."""

    sweeps: tuple[str, ...]
    every_s: float
    once: bool = False
    """True under a Schedule, which brings its own rhythm."""
