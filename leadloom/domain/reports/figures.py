"""What is a figure on a report made of? Its numerator, its denominator, its spread, and what it is printed beside."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer, computed_field

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Instant, Value


def _as_number(figure: int | Decimal) -> int | float:
    return figure if isinstance(figure, int) else float(figure)


Figure = Annotated[int | Decimal, PlainSerializer(_as_number, return_type=int | float, when_used="json")]
"""A count or an amount of money; a number in JSON, exact in Python."""

DAY_BOUNDS = (1.0, 3.0, 7.0, 14.0, 30.0, 60.0, 90.0)
"""Upper ends of the classes in which a spread of days is drawn; above the last one is open."""

Z_95 = 1.959963984540054
"""The 0.975-quantile of the normal distribution."""


class Frame(Value):
    """What must stand beside each figure, so that two printouts can be compared."""

    as_of: Instant
    """Nothing after this instant was looked at."""
    definition: str
    definition_version: int
    track: str | None = None
    """None when the figures are of all tracks."""


class Share(Value):
    """A part of a whole, both kept: 2 of 3 and 200 of 300 are different news."""

    part: Figure
    whole: Figure

    @computed_field
    @property
    def percent(self) -> float | None:
        """0 to 100, unrounded; None when the whole is zero."""
        return float(100 * self.part / self.whole) if self.whole else None


class Proportion(Share):
    """A share of leads or deals that each did or didn't, with the range its true rate lies in: few say little."""

    @computed_field
    @property
    def low(self) -> float | None:
        """Lower end of Wilson's 95 % interval, 0 to 100, unrounded; None when the whole is zero."""
        return self._interval()[0]

    @computed_field
    @property
    def high(self) -> float | None:
        """Upper end of the same."""
        return self._interval()[1]

    def _interval(self) -> tuple[float, float] | tuple[None, None]:
        if not self.whole:
            return None, None
        low, high = wilson(int(self.part), int(self.whole))
        return 100 * low, 100 * high


class Bucket(Value):
    """How many values lie above the bucket before it and at or below `up_to`."""

    up_to: float | None
    """None: no upper end."""
    count: int


class Spread(Value):
    """Where values lie. Median first: a mean of days to close is mostly its slowest deals."""

    count: int
    p25: float | None
    median: float | None
    p75: float | None
    p90: float | None
    mean: float | None
    buckets: tuple[Bucket, ...] = ()
    """Filled for days only."""


def spread(values: Sequence[float], *, bounds: Sequence[float] = ()) -> Spread:
    """The spread of `values`, in any order; all None when there are none."""
    ordered = sorted(values)
    return Spread(
        count=len(ordered),
        p25=quantile(ordered, 0.25),
        median=quantile(ordered, 0.5),
        p75=quantile(ordered, 0.75),
        p90=quantile(ordered, 0.9),
        mean=math.fsum(ordered) / len(ordered) if ordered else None,
        buckets=_buckets(ordered, bounds),
    )


def spread_of_days(spans: Sequence[timedelta]) -> Spread:
    """The spread of spans in days, with its distribution."""
    return spread([days(span) for span in spans], bounds=DAY_BOUNDS)


def wilson(part: int, whole: int, *, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (Wilson 1927); `whole` is not zero."""
    share, spread_of = part / whole, z * z / whole
    middle = share + spread_of / 2
    reach = z * math.sqrt(share * (1 - share) / whole + spread_of / (4 * whole))
    return (middle - reach) / (1 + spread_of), (middle + reach) / (1 + spread_of)


def days(span: timedelta) -> float:
    """A span as a number of days."""
    return span / timedelta(days=1)


def minutes(span: timedelta) -> float:
    """A span as a number of minutes."""
    return span / timedelta(minutes=1)


def quantile(ordered: Sequence[float], q: float) -> float | None:
    """The q-quantile of ascending values, linear between neighbours (Hyndman & Fan's type 7); None of nothing."""
    if not ordered:
        return None
    # Rounded, because 0.9 of 841 is 756.9 and a float says a hair less.
    place = round(q * (len(ordered) - 1), 9)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + round(place - below, 9) * (ordered[above] - ordered[below])


def frame(definition: Definition, as_of: Instant, *, track: str | None = None) -> Frame:
    """The frame of a report that speaks the words of `definition`."""
    return Frame(as_of=as_of, definition=definition.name, definition_version=definition.version, track=track)


def known_by(at: Instant | None, as_of: Instant) -> Instant | None:
    """What was known at `as_of`: something later had not happened."""
    return at if at is not None and at <= as_of else None


def month_of(at: Instant) -> str:
    """The calendar month of an instant in UTC, such as `2024-01`; sorts by time."""
    return f"{at.year:04}-{at.month:02}"


def month_after(month: str) -> str:
    """The month that follows `month`."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def months_between(first: str, last: str) -> tuple[str, ...]:
    """All months from `first` to `last`, both included; none when `last` is earlier."""
    months: list[str] = []
    while first <= last:
        months.append(first)
        first = month_after(first)
    return tuple(months)


def _buckets(ordered: Sequence[float], bounds: Sequence[float]) -> tuple[Bucket, ...]:
    if not bounds:
        return ()
    counts = [0] * (len(bounds) + 1)
    for value in ordered:
        counts[bisect_left(bounds, value)] += 1
    return tuple(Bucket(up_to=up_to, count=count) for up_to, count in zip((*bounds, None), counts, strict=True))
