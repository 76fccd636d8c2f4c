"""When is a deferred mail tried again? Soon at first, then ever later, spread so nothing storms (RFC 5321 §4.5.4).

And when is it not the mail but the relay that wants to be left alone?
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from leadloom.domain.mails.outcome import Deferred, SendOutcome
from leadloom.domain.mails.routes import Group
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


_ASKED = re.compile(
    r"(?:try|again|later|wait|retry|delay|after|back)\D{0,40}?\b(\d{1,5})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b",
    re.IGNORECASE,
)
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}


def asked_delay(reply: str, message_id: MessageId) -> timedelta:
    """How long the relay itself asks to be left alone ("try again in 300 seconds"), at most 4 hours; else zero.

    Spread a little, and only to later: who asked a thousand mails to come back doesn't want them at once.
    """
    if (found := _ASKED.search(reply)) is None:
        return timedelta()
    asked = min(int(found[1]) * _UNITS[found[2][0].lower()], _LONGEST)
    return asked * (1 + _SPREAD / 5 * ((message_id.int >> 8) % 1000) / 1000)


GIVEN_UP_AFTER = timedelta(hours=48)
"""A mail that relays have put off for so long has nowhere to go (mail.md §3), unless its deadline comes first."""


IN_A_ROW = 5
"""So many deferrals with nothing accepted or refused between them are about the relay and not about a mail."""


def relay_rests(last: Sequence[SendOutcome]) -> Deferred | None:
    """Of a group's last `IN_A_ROW` answers, the one by which it is left alone; None while it takes or refuses mail.

    The mails that were not tried yet keep their tries and their slots; the group is asked again with the first retry.
    """
    deferred = [each for each in last if isinstance(each, Deferred)]
    if len(deferred) < IN_A_ROW or len(deferred) < len(last):
        return None
    return min(deferred, key=lambda each: (each.until, each.message_id))


def rest_of(group: Group, failures: int, *, at: datetime, told: datetime, first: timedelta = FIRST) -> datetime:
    """Until when a group rests that failed `failures` times in vain before; `told` is what a mail was told.

    Doubling from `first` to 4 hours, spread by the group's name: two relays that fell together aren't tried together.
    """
    if failures == 0:
        return told
    spread = sum(map(ord, "/".join(group))) % 100 / 100
    return max(told, at + min(first * 2 ** min(failures, 10), _LONGEST) * (1 + _SPREAD * spread))
