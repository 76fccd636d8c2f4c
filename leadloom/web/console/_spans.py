"""Of how many days does a list or a figure speak? The same choices wherever both must agree."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.errors import BadInput
from leadloom.web.console._listing import Asking

DAYS = {"1": "the last day", "7": "the last 7 days", "30": "the last 30 days", "90": "the last 90 days"}


def span_of(days: str) -> timedelta:
    """The span of a choice. Raises BadInput for any other word."""
    if days not in DAYS:
        raise BadInput("days", days, f"Say {', '.join(DAYS)}.")
    return timedelta(days=int(days))


def since(asking: Asking) -> datetime | None:
    """From when on a list is asked for; None without that filter."""
    days = asking.get("days")
    return None if days is None else asking.at - span_of(days)
