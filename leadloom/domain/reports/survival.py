"""By which day had how many reached the end, when some have not had so long yet?"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence

from leadloom.domain.model import Value
from leadloom.domain.reports.figures import Proportion

BY_DAYS = (30, 60, 90)
"""After so many days a report says what share has reached the end (leads.md §2.2)."""

BASIS = (
    "of all leads that have had so long, open ones too; K-M: Kaplan and Meier's, open ones censored at the as-of date"
)

Watched = tuple[float, float | None]
"""Days from a lead's beginning to the as-of date, and to its end; None while it is open."""


class ByDay(Value):
    """How many had reached the second stage so many days after the first."""

    days: int
    reached: Proportion
    """Of all leads that have had so long, open ones too; a backwards one reached it on day 0."""
    kaplan_meier_percent: float | None
    """1 - S(days) of all leads, open ones censored at the as-of date; None when nobody has been watched so long."""


def by_day(watched: Sequence[Watched]) -> tuple[ByDay, ...]:
    """The share that had reached the end by each of the days; a negative number of days counts as none."""
    clipped = [(had, None if took is None else max(0.0, took)) for had, took in watched]
    survival = kaplan_meier(clipped)
    rows: list[ByDay] = []
    for limit in BY_DAYS:
        had_so_long = [took for had, took in clipped if had >= limit]
        left = survival(limit)
        rows.append(
            ByDay(
                days=limit,
                reached=Proportion(
                    part=sum(took is not None and took <= limit for took in had_so_long), whole=len(had_so_long)
                ),
                kaplan_meier_percent=None if left is None else 100 * (1 - left),
            )
        )
    return tuple(rows)


def kaplan_meier(watched: Sequence[Watched]) -> Callable[[float], float | None]:
    """S(t) = Π (1 - d_i / n_i), the share still open after t days; None past the longest watch of an open lead."""
    ended = Counter(took for _, took in watched if took is not None)
    until = sorted(had if took is None else took for had, took in watched)

    def survival(limit: float) -> float | None:
        left = 1.0
        for at in sorted(took for took in ended if took <= limit):
            left *= 1 - ended[at] / (len(until) - bisect_left(until, at))
        return left if until and (until[-1] >= limit or left == 0) else None

    return survival
