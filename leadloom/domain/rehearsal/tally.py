"""What is counted while an audience is rehearsed? Plain counts that add up, whoever counted which leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from leadloom.domain.model import Json, LeadId


class Went(NamedTuple):
    """A mail that goes to a lead."""

    at: datetime
    lead_id: LeadId
    journey: str
    step: str
    visit: int
    mail: str


class Clash(NamedTuple):
    """A mail that a cap kept from going when it was asked for."""

    lead_id: LeadId
    journey: str
    step: str
    mail: str
    wanted_at: datetime
    got_at: datetime | None
    """None: it was no longer worth sending."""
    cap: str
    won: tuple[str, ...]
    """`journey/step` of the mails that took the room, earliest first."""


NoteKind = Literal["came in", "happened", "came to", "did", "asked", "went", "lost", "ended"]


class Noted(NamedTuple):
    """One line of a story: what happened to a lead, or what a run decided, and the values that made it."""

    at: datetime
    kind: NoteKind
    journey: str
    """Empty for what concerns the lead and no run."""
    step: str
    words: str
    why: dict[str, Json]


@dataclass
class Tally:
    """Counts of some leads."""

    leads: int = 0
    entered: Counter[str] = field(default_factory=Counter[str])
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """(journey, code) of those somebody wanted to let in, and what stood against them."""
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    arrived: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """(journey, step)."""
    took: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    """(journey, step, where they went on)."""
    waiting: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    """(journey, step, what for) of runs that haven't ended."""
    lost: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    """(journey, step, what became of the mail) of mails that didn't go."""
    load: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    """(owner, day in UTC, `hand-off` or `task`)."""
    answered: Counter[str] = field(default_factory=Counter[str])
    """Kinds of what leads did."""
    sends: list[Went] = field(default_factory=list[Went])
    clashes: list[Clash] = field(default_factory=list[Clash])
    story: list[Noted] | None = None
    """Everything in order, when it was asked for: of one lead, since it names none."""

    def note(
        self,
        at: datetime,
        kind: NoteKind,
        words: str,
        *,
        journey: str = "",
        step: str = "",
        why: Mapping[str, Json] | None = None,
    ) -> None:
        """Write a line of the story, if somebody wants to read it."""
        if self.story is not None:
            self.story.append(Noted(at, kind, journey, step, words, dict(why or {})))

    def add(self, other: Tally) -> None:
        """Count in what somebody else counted of other leads."""
        self.leads += other.leads
        for name in ("entered", "left_out", "outcomes", "arrived", "took", "waiting", "lost", "load", "answered"):
            getattr(self, name).update(getattr(other, name))
        self.sends += other.sends
        self.clashes += other.clashes
