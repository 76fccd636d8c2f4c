"""When is a deferred mail tried again? Soon at first, then ever later, spread so nothing storms (RFC 5321 §4.5.4).

And when is it not the mail but the relay that wants to be left alone?
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from leadloom.domain.mails.outcome import Deferred, SendOutcome
from leadloom.domain.model import MessageId

FIRST = timedelta(minutes=1)
"""Sooner than the 5 minutes of mail.md §3: a relay that was away for seconds costs its mails a minute."""
_LONGEST = timedelta(hours=4)
_FIRST_FOR_OWNER = timedelta(minutes=1)
_LONGEST_FOR_OWNER = timedelta(minutes=15)
_SPREAD = 0.25


def next_try(tries: int, message_id: MessageId, *, owner: bool, first: timedelta = FIRST) -> timedelta:
    """How long to wait after the try number `tries` (from 0): doubling from `first` to 4 hours.

    A notice to an owner has a clock behind it: from 1 minute to 15. The spread of a quarter belongs to the message, so
    the same mail always waits equally long and a thousand mails never come back at once.
    """
    first, longest = (min(first, _FIRST_FOR_OWNER), _LONGEST_FOR_OWNER) if owner else (first, _LONGEST)
    wait = min(first * 2 ** min(tries, 10), longest)
    return wait * (1 + _SPREAD * ((message_id.int >> 8) % 1000) / 1000)


IN_A_ROW = 5
"""So many deferrals with nothing accepted or refused between them are about the relay and not about a mail."""


def relay_rests(last: Sequence[SendOutcome]) -> Deferred | None:
    """Of a relay's last `IN_A_ROW` answers, the one by which it is left alone; None while it takes or refuses mail.

    The mails that were not tried yet keep their tries and their slots; the relay is asked again with the first retry.
    """
    deferred = [each for each in last if isinstance(each, Deferred)]
    if len(deferred) < IN_A_ROW or len(deferred) < len(last):
        return None
    return min(deferred, key=lambda each: (each.until, each.message_id))
