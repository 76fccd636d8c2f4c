"""On which days of a journey can something come?"""

from __future__ import annotations

from datetime import timedelta

from leadloom.domain.model import Value

_DAY = timedelta(days=1)


class Days(Value):
    """The first and the last day on which something can come; day 0 is the entry."""

    earliest: float
    latest: float

    def or_(self, other: Days) -> Days:
        """Both together."""
        return Days(earliest=min(self.earliest, other.earliest), latest=max(self.latest, other.latest))

    def later(self, span: timedelta) -> Days:
        """So long afterwards."""
        return Days(earliest=self.earliest + span / _DAY, latest=self.latest + span / _DAY)

    def not_before(self, day: float) -> Days:
        """On these days, but on none before that one."""
        return Days(earliest=max(self.earliest, day), latest=max(self.latest, day))

    @property
    def words(self) -> str:
        """`day 3`, or `day 14 to 21`."""
        first, last = f"{self.earliest:.3g}", f"{self.latest:.3g}"
        return f"day {first}" if first == last else f"day {first} to {last}"
