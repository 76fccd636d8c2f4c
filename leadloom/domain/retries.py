"""When is a deferred mail tried again? Soon at first, then ever later, spread so nothing storms (RFC 5321 §4.5.4)."""

from __future__ import annotations

from datetime import timedelta

from leadloom.domain.model import MessageId

FIRST = timedelta(minutes=5)
_LONGEST = timedelta(hours=4)
_FIRST_FOR_OWNER = timedelta(minutes=1)
_LONGEST_FOR_OWNER = timedelta(minutes=15)
_SPREAD = 0.25


def next_try(tries: int, message_id: MessageId, *, owner: bool, first: timedelta = FIRST) -> timedelta:
    """How long to wait after the try number `tries` (from 0): doubling from `first` to 4 hours (mail.md §3).

    A notice to an owner has a clock behind it: from 1 minute to 15. The spread of a quarter belongs to the message, so
    the same mail always waits equally long and a thousand mails never come back at once.
    """
    first, longest = (min(first, _FIRST_FOR_OWNER), _LONGEST_FOR_OWNER) if owner else (first, _LONGEST)
    wait = min(first * 2 ** min(tries, 10), longest)
    return wait * (1 + _SPREAD * ((message_id.int >> 8) % 1000) / 1000)
