"""How does a Temporal that knows nothing take over? Facts are in Postgres, so everything open is told to look again.

Needed when a played world goes on on another server, and after Temporal's own store was lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.model import Value
from leadloom.domain.wake import lane_looks
from leadloom.store import enrolments, hand_offs, lanes, lifecycle
from leadloom.store.db import Db

_EVER = timedelta(days=365 * 50)
"""So far ahead that every deadline counts as passed: whoever looks early waits anew."""
_ALL = 1_000_000


class Woken(Value):
    """How many were told."""

    runs: int
    hand_offs: int
    leads: int
    lanes: int


async def wake_everything(db: Db, *, at: datetime) -> Woken:
    """Tell every open run, hand-off, clock and lane to look again. Twice is fine: looking changes nothing."""
    ever = at + _EVER
    async with db.transaction() as tx:
        every_lane = await lanes.every(tx)
        for lane in every_lane:
            tx.look_again(lane_looks(lane.lane))
        return Woken(
            runs=await enrolments.wake_overdue(tx, overdue_since=ever, limit=_ALL),
            hand_offs=await hand_offs.wake_overdue(tx, overdue_since=ever, limit=_ALL),
            leads=await lifecycle.wake_overdue(tx, overdue_since=ever, limit=_ALL),
            lanes=len(every_lane),
        )
