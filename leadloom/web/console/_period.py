"""Of which time are the figures of a page? A few usual spans, chosen in the address."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.model import Value

SPANS: dict[str, tuple[str, timedelta | None]] = {
    "7d": ("7 days", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
    "91d": ("91 days", timedelta(days=91)),
    "ever": ("all there ever were", None),
}
USUAL = "30d"


class Period(Value):
    """The span a page is asked about."""

    key: str
    words: str
    last: timedelta | None
    """None: since the beginning."""

    def since(self, at: datetime) -> datetime | None:
        """Its first instant, seen from `at`."""
        return None if self.last is None else at - self.last


def period_of(key: str | None) -> Period:
    """The span of that name; the usual one for none, and for a name an old bookmark has."""
    key = key if key in SPANS else USUAL
    words, last = SPANS[key]
    return Period(key=key, words=words, last=last)


PERIODS = tuple(period_of(key) for key in SPANS)
