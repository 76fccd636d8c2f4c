"""What does the definition say about the odds that a deal is won: by what they are told, and from how many deals on?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.model import Value

Variable = Literal["track", "source", "industry", "country", "role", "product"]
VARIABLES: tuple[Variable, ...] = get_args(Variable)


class WinOdds(Value):
    """What a win is foretold by. The track always counts: what a customer buys next is won otherwise than at first."""

    by: tuple[Variable, ...] = ("track", "source", "industry", "country", "role", "product")
    """What of a deal and its lead counts."""
    least: int = 20
    """Deals that were decided before any odds are told: fewer say more about chance than about us."""


def check(rules: WinOdds) -> Iterator[Fault]:
    """What keeps odds from being told as written."""
    if "track" not in rules.by:
        yield Fault(path=("win_odds", "by"), words="The track always counts: add `track`.")
    if rules.least < 2:
        yield Fault(
            path=("win_odds", "least"), words="Write 2 or more: one won and one lost is the least there can be."
        )
    for place, variable in enumerate(rules.by):
        if variable in rules.by[:place]:
            yield Fault(path=("win_odds", "by", place), words=f"`{variable}` stands there twice: take one out.")
