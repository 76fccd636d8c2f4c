"""What does the definition say about who fits: points for what a lead is, or a grade that criteria move by thirds?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from leadloom.domain.definitions.draft_faults import Fault, unknown
from leadloom.domain.model import Value

LOWEST_LETTER = "D"
LETTERS = "DCBA"
"""Worst first."""
Step = Literal["third", "two-thirds", "letter"]
THIRDS: dict[Step, int] = {"third": 1, "two-thirds": 2, "letter": 3}


class OneOf(Value):
    """Points for being one of a list."""

    points: int
    is_: tuple[str, ...] = Field(alias="is")


class RoleRule(OneOf):
    """Points for the roles we look for, and fewer for some others."""

    else_: OneOf = Field(alias="else")


class AtLeast(Value):
    """Points for a number that is large enough."""

    points: int
    at_least: int


class Fit(Value):
    """Points for who the lead is: 0 to 100, without decay."""

    industry: OneOf
    sites: AtLeast
    role: RoleRule
    country: OneOf
    letters: dict[str, int]
    """Letter → least points, best first; below all is D."""
    graded_by: str | None = None
    """A key of `profiles` that gives the letter instead of these points; None: the points do."""


class Criterion(Value):
    """One thing we look for. Not knowing it moves nothing: unknown is no mismatch."""

    of: Literal["industry", "sites", "role", "country", "source"]
    is_: tuple[str, ...] | None = Field(default=None, alias="is")
    """A match is one of these …"""
    at_least: int | None = None
    """… or, of `sites`, a number that is large enough."""
    moves: Step
    """How far a match raises the grade."""
    mismatch: Step | Literal["nothing"] | None = None
    """How far a mismatch lowers it; None: as far as a match raises it."""

    @property
    def lowers(self) -> int:
        """Thirds of a letter a mismatch costs."""
        step = self.moves if self.mismatch is None else self.mismatch
        return 0 if step == "nothing" else THIRDS[step]


class Profile(Value):
    """Whom a product or segment is for: a grade from D− to A+ that criteria move."""

    means: str
    starts: Literal["A", "B", "C", "D"] = "D"
    criteria: tuple[Criterion, ...]


def check(fit: Fit, profiles: Mapping[str, Profile]) -> Iterator[Fault]:
    """What keeps a lead from being graded as written."""
    if fit.graded_by is not None:
        yield from unknown(("fit", "graded_by"), fit.graded_by, profiles, "profile")
    for name, profile in profiles.items():
        path = ("profiles", name, "criteria")
        if not profile.criteria:
            yield Fault(path=path, words="A profile without criteria grades everybody alike: write one.")
        for place, criterion in enumerate(profile.criteria):
            if (criterion.is_ is None) == (criterion.at_least is None):
                yield Fault(path=(*path, place), words="Write either `is` with a list, or `at_least` with a number.")
            elif (criterion.at_least is not None) != (criterion.of == "sites"):
                words = "`sites` is a number and takes `at_least`; everything else takes `is`."
                yield Fault(path=(*path, place), words=words)
