"""How does a file write a length of time, or a time of day?"""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_span(value: Any) -> Any:
    """Read `3d`, `45m`, `2h`, `1w` as a timedelta; leaves anything else to pydantic."""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([mhdw])\s*", value)):
        return timedelta(**{_UNITS[match.group(2)]: float(match.group(1))})
    return value


def write_span(span: timedelta) -> str:
    """Write a timedelta the way `parse_span` reads it, in the largest unit that keeps it whole."""
    minutes = span.total_seconds() / 60
    for unit, size in (("w", 7 * 24 * 60), ("d", 24 * 60), ("h", 60)):
        if minutes and minutes % size == 0:
            return f"{int(minutes // size)}{unit}"
    # Ten places keep every microsecond, and `g` would write a long one as a power of ten.
    return f"{minutes:.10f}".rstrip("0").rstrip(".") + "m"


def _write_clock(clock: time) -> str:
    return clock.strftime("%H:%M")


Span = Annotated[timedelta, BeforeValidator(parse_span), PlainSerializer(write_span, return_type=str)]
"""A length of time, written `45m`, `2h`, `3d`, `1w`."""

Clock = Annotated[time, PlainSerializer(_write_clock, return_type=str)]
"""A time of day, written `08:30`; whose day it is says the field."""
