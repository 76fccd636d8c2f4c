"""How long must somebody wait who has guessed wrong? Longer each time, but never because of a stranger.

Whoever guesses is slowed by where they come from, and an account is slowed for browsers that never signed in to it. A
browser that did is counted by itself: so no stranger shuts a user out of their own account (NIST SP 800-63B, 3.2.2;
the device cookies of OWASP).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.model import Instant, Value

FREE_TRIES = 5
"""Wrong passwords in a row that cost nothing: people mistype."""
FREE_OF_AN_ADDRESS = 20
"""A whole office may share one address."""
LONGEST_WAIT = timedelta(minutes=15)
REMEMBERED = timedelta(hours=24)
"""What is older doesn't count."""
_FIRST_WAIT = timedelta(seconds=2)
_MOST_DOUBLINGS = 20


class Failures(Value):
    """Wrong tries since the last right one, of the last day."""

    count: int = 0
    last_at: Instant | None = None


def next_try_at(failures: Failures, *, free: int) -> datetime | None:
    """When the next try is looked at; None when it may come at once. Waits double: 2 s, 4 s, 8 s … 15 min."""
    over = failures.count - free
    if over < 0 or failures.last_at is None:
        return None
    return failures.last_at + min(_FIRST_WAIT * 2 ** min(over, _MOST_DOUBLINGS), LONGEST_WAIT)


def wait_left(found: list[datetime | None], at: datetime) -> timedelta:
    """The longest of these waits that is left at `at`; nothing when none is."""
    return max((each - at for each in found if each is not None and each > at), default=timedelta(0))
