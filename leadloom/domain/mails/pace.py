"""Which of the mails that are due may go now, and when the others? Rates shared by all lanes, and a day's warm-up.

A rate is kept as the instant at which its next mail would be exactly on time (GCRA, ITU-T I.371 annex A): one number a
bucket, so that many workers share it by one row, and a mail that has to wait is booked at once: it isn't asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from leadloom.domain.model import MessageId

KeptBy = Literal["warm_up", "provider_pace", "company_pace", "relay_rests", "sender_stopped", "template_stopped"]
"""What may keep back a mail that is due."""

BOOKED_AHEAD = timedelta(minutes=10)
"""A mail is booked so far ahead at most: beyond, it asks again, and is planned anew, for its window may be over."""
BOOKING_HOLDS = timedelta(seconds=30)
"""A booked mail that is taken up later than this asks again: a lane that was stopped must not go on with a flood."""
_AT_ONCE = timedelta(seconds=1)
"""So little ahead of its time a mail goes: the lane would only look again."""


class Rate(NamedTuple):
    """At most so many, evenly; `burst` of them at a stroke."""

    bucket: str
    apart: timedelta
    burst: int
    code: KeptBy


class Due(NamedTuple):
    """A mail that is due."""

    message_id: MessageId
    rates: tuple[Rate, ...]
    warms: str | None
    """The sender domain whose day it counts for."""
    waits: bool
    """Whether it may be kept back. Mail that somebody waits for goes at once, and counts."""
    booked: bool
    """It was kept back until now, and its place is taken already."""


class Day(NamedTuple):
    """How a sender domain's day stands."""

    left: int
    """Mails that may still go."""
    next_at: datetime
    """When its next day begins."""


class Kept(NamedTuple):
    """A mail that has to wait."""

    until: datetime
    code: KeptBy
    is_booked: bool
    """Its place is taken; else it asks again."""


class Granted(NamedTuple):
    """What came of a page."""

    kept: Mapping[MessageId, Kept]
    free_at: Mapping[str, datetime]
    """Bucket → how far it is taken now, for those that were asked."""
    warmed: Mapping[str, int]
    """Sender domain → mails that go now and count for its day."""


def grant(mails: Sequence[Due], *, free_at: Mapping[str, datetime], days: Mapping[str, Day], at: datetime) -> Granted:
    """Decide for each mail in the order given. Buckets nobody used before are missing in `free_at`."""
    taken, kept, warmed = dict(free_at), dict[MessageId, Kept](), dict[str, int]()
    for mail in mails:
        day = days.get(mail.warms) if mail.warms is not None else None
        if day is not None and mail.waits and warmed.get(mail.warms or "", 0) >= day.left:
            kept[mail.message_id] = Kept(day.next_at, "warm_up", is_booked=False)
            continue
        goes, code = (at, None) if mail.booked or not mail.waits else _earliest(mail.rates, taken, at)
        if code is not None and goes - at > BOOKED_AHEAD:
            kept[mail.message_id] = Kept(at + BOOKED_AHEAD, code, is_booked=False)
            continue
        if not mail.booked:
            _take(mail.rates, taken, goes)
        if code is not None and goes - at > _AT_ONCE:
            kept[mail.message_id] = Kept(goes, code, is_booked=True)
        elif mail.warms is not None:
            warmed[mail.warms] = warmed.get(mail.warms, 0) + 1
    return Granted(kept, {name: taken[name] for name in _buckets(mails) if name in taken}, warmed)


def _earliest(rates: Iterable[Rate], taken: Mapping[str, datetime], at: datetime) -> tuple[datetime, KeptBy | None]:
    goes: datetime = at
    code: KeptBy | None = None
    for rate in rates:
        free = taken.get(rate.bucket, at) - rate.apart * (rate.burst - 1)
        if free > goes:
            goes, code = free, rate.code
    return goes, code


def _take(rates: Iterable[Rate], taken: dict[str, datetime], goes: datetime) -> None:
    for rate in rates:
        taken[rate.bucket] = max(taken.get(rate.bucket, goes), goes) + rate.apart


def _buckets(mails: Iterable[Due]) -> dict[str, None]:
    return {rate.bucket: None for mail in mails for rate in mail.rates}
