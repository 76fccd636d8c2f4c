"""What do the hours and days of a week look like in a definition?"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import BeforeValidator

from leadloom.domain.model import Json

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MIDNIGHT_AFTER = time.max
"""How `24:00` is kept: the end of the day."""


def _clock_time(value: Json | time) -> Json | time:
    return MIDNIGHT_AFTER if value == "24:00" else value


ClosingTime = Annotated[time, BeforeValidator(_clock_time)]
"""A time of day; `24:00` is the end of it."""
