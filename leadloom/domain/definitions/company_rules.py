"""What does the definition say about a company as a whole: how its people's engagement adds up, and who must be in?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.model import Value


class CompanyRules(Value):
    """How a company is scored from its people, and which roles decide together there."""

    formula: Literal["sum", "max", "mean"] = "sum"
    """Of the people's engagement: all of it, that of the warmest, or the mean of those who have any."""
    per_person: float | None = 60
    """Most that one person counts for, so that one eager reader is no company; None: no limit."""
    cap: float | None = 200
    """Most that a company can have; None: no limit."""
    digits: dict[int, float] | None = None
    """Digit → least points, best first, as for people; None: those of people."""
    engaged_at: float = 15
    """From so much engagement on a person counts as engaged in the buying group."""
    roles: tuple[str, ...] = ()
    """Roles of the buying group, the most needed first."""


def check(rules: CompanyRules) -> Iterator[Fault]:
    """What keeps a company from being scored as written."""
    for name, limit in (("per_person", rules.per_person), ("cap", rules.cap), ("engaged_at", rules.engaged_at)):
        if limit is not None and limit <= 0:
            yield Fault(path=("company_score", name), words="Write a number above 0, or null for no limit.")
    for place, role in enumerate(rules.roles):
        if role in rules.roles[:place]:
            yield Fault(path=("company_score", "roles", place), words=f"`{role}` stands there twice: take one out.")
