"""How does a journey stand still and go on again? Paused at once, foreseen without a trace, resumed without a flood."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from leadloom.domain.errors import BadInput
from leadloom.domain.journeys.catch_up import Turn, by_day
from leadloom.domain.model import Value
from leadloom.store import pauses, published, resume_preview
from leadloom.store.db import Db
from leadloom.store.pauses import JourneyPause, PauseOrder
from leadloom.store.tx import Tx

Told = Callable[[int], None]
"""Hears how many runs have been woken."""


class Resumption(Value):
    """What a resume does, or would do."""

    pause: JourneyPause
    runs: int
    later: int
    """Runs whose turn comes on a later day, so that nobody is flooded."""
    mails: int
    """Mails that go while the resume is smoothed, if nobody answers anything meanwhile …"""
    days: dict[date, int]
    """… by day (UTC)."""
    expires: dict[str, int]
    """Mail → to how many it doesn't go, because it would come too late, or may not."""
    smooth_days: float
    """For how many days a lead gets at most one mail a day."""
    turns: tuple[Turn, ...]
    """Each run's turn, and what it gets when."""


async def pause(db: Db, order: PauseOrder, *, at: datetime, by: str) -> JourneyPause:
    """Let a journey stand still: nothing of it goes from now on. Raises as `store.pauses.pause`."""
    async with db.transaction() as tx:
        return await pauses.pause(tx, order, book=await published.book(tx), at=at, by=by)


async def foresee(db: Db, journey: str, *, per_day: int | None, at: datetime) -> Resumption:
    """What a resume at `at` would do; nothing is written. Raises Conflict when the journey isn't paused."""
    _check(per_day)
    async with db.read() as tx:
        found = await pauses.is_open(tx, journey)
        return _told(found, await _turns(tx, found, per_day, at), at)


async def resume(
    db: Db, journey: str, *, per_day: int | None, at: datetime, by: str, told: Told = lambda _: None
) -> Resumption:
    """Let a journey go on: each run at its turn. Killed amid, it is gone on with by the workers.

    Raises Conflict when the journey isn't paused, or somebody may not.
    """
    _check(per_day)
    async with db.transaction() as tx:
        found = await pauses.is_open(tx, journey, hold=True)
        turns = await _turns(tx, found, per_day, at)
        book = await published.book(tx)
        done = await pauses.resume(tx, found, turns, book=book, per_day=per_day, at=at, by=by)
    await wake_all(db, done, at=at, told=told)
    return _told(done, turns, at)


async def wake_all(db: Db, found: JourneyPause, *, at: datetime, told: Told = lambda _: None) -> None:
    """Wake the runs that are left, a page a transaction; workers may do the same meanwhile."""
    woken = 0
    while True:
        async with db.transaction() as tx:
            page = await pauses.wake_page(tx, found.pause_id, book=await published.book(tx), at=at)
        if not page:
            return
        woken += page
        told(woken)


async def _turns(tx: Tx, found: JourneyPause, per_day: int | None, at: datetime) -> list[Turn]:
    return await resume_preview.turns(tx, found, per_day=per_day, book=await published.book(tx), at=at)


def _check(per_day: int | None) -> None:
    if per_day is not None and per_day < 1:
        raise BadInput("at most per day", per_day, "Write 1 or more, or leave it out for as many as there are.")


def _told(found: JourneyPause, turns: list[Turn], at: datetime) -> Resumption:
    days = by_day(turns)
    expires: dict[str, int] = {}
    for get in (get for turn in turns for get in turn.gets if get.at is None):
        expires[get.mail] = expires.get(get.mail, 0) + 1
    smooth = (found.smooth_until or pauses.smooth_to(found, turns, at)) - at
    return Resumption(
        pause=found,
        runs=len(turns),
        later=sum(turn.turn_at > at for turn in turns),
        mails=sum(days.values()),
        days=days,
        expires=expires,
        smooth_days=smooth / timedelta(days=1),
        turns=tuple(turns),
    )
