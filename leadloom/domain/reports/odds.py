"""How likely is a deal to be won, by what became of those before it? Naive Bayes over frequencies, told with reasons.

Each thing known of a deal multiplies the odds by how much more often won deals had it than lost ones, as if the things
were independent of one another; they aren't quite, so the figure sorts deals better than it counts money. One is added
to each count (Laplace), so that what was seen once decides little and what was never seen nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pydantic import Field

from leadloom.domain.definitions.win_odds import Variable, WinOdds
from leadloom.domain.model import Instant, Value

_SUREST = 0.99
"""Nobody's future is surer than this."""
_TELLS = 1.1
"""A factor nearer to one than this isn't worth a word."""


class Ended(Value):
    """How many deals ended which way."""

    won: int
    lost: int


class Past(Value):
    """What became of the deals that were decided."""

    all: Ended
    having: dict[str, dict[str, Ended]] = Field(default_factory=dict)
    """Variable → value → how those ended that had it; deals of which it isn't known are in none."""


class Because(Value):
    """What one thing does to the odds."""

    variable: Variable
    value: str
    factor: float
    """Above 1 it speaks for a win."""
    ended: Ended
    """Deals that had it."""


class Manual(Value):
    """What a person said, who knows more; it stands until somebody lets the figure follow the deals again."""

    share: float
    by: str
    at: Instant
    why: str


class Odds(Value):
    """How likely a win is, 0 to 1."""

    share: float | None
    """None: too few deals were decided, or none was won or none lost, and nobody said otherwise."""
    reckoned: float | None
    """What the deals before say, also where a person said otherwise."""
    because: tuple[Because, ...] = ()
    """What of it tells most, first."""
    of: int
    """Deals that were decided."""
    manual: Manual | None = None


def odds(rules: WinOdds, past: Past, known: Mapping[str, str | None], *, manual: Manual | None = None) -> Odds:
    """The odds of a deal of which this is known."""
    of = past.all.won + past.all.lost
    if of < rules.least or not past.all.won or not past.all.lost:
        return Odds.built(share=manual.share if manual else None, reckoned=None, of=of, manual=manual)
    because = [_because(past, variable, value) for variable in rules.by if (value := known.get(variable))]
    even = math.log((past.all.won + 1) / (past.all.lost + 1)) + math.fsum(math.log(one.factor) for one in because)
    reckoned = min(max(1 / (1 + math.exp(-even)), 1 - _SUREST), _SUREST)
    return Odds.built(
        share=manual.share if manual else reckoned,
        reckoned=reckoned,
        because=_worth_saying(because),
        of=of,
        manual=manual,
    )


def _because(past: Past, variable: Variable, value: str) -> Because:
    having = past.having.get(variable, {})
    here = having.get(value, Ended(won=0, lost=0))
    won, lost = sum(one.won for one in having.values()), sum(one.lost for one in having.values())
    kinds = len(having.keys() | {value})
    factor = ((here.won + 1) / (won + kinds)) / ((here.lost + 1) / (lost + kinds))
    return Because.built(variable=variable, value=value, factor=factor, ended=here)


def _worth_saying(because: Sequence[Because]) -> tuple[Because, ...]:
    ordered = sorted(because, key=lambda one: -abs(math.log(one.factor)))
    return tuple(one for one in ordered if max(one.factor, 1 / one.factor) >= _TELLS)
