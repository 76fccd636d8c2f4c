"""When does a lane sleep, and who wakes it? Planners hold it shared, parking holds it alone: no wake-up is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from leadloom.domain.errors import NotFound
from leadloom.domain.model import Instant, Value
from leadloom.domain.wake import lane_looks
from leadloom.store.tx import Tx

SHARDS = 2
"""Lanes of the default relay. A person's mails share a lane; more lanes drain more at once."""
PER_SECOND = 20.0
"""Mails a second of a new lane, until an operator sets its own rate."""


class Lane(Value):
    """A lane as operators see it."""

    lane: str
    per_second: float
    parked: bool
    parked_until: Instant | None
    paused_why: str | None
    rests_until: Instant | None
    rests_why: str | None
    """What the relay said when it took nothing at all."""


class LaneLoad(Lane):
    """A lane and how many mails wait in it."""

    waiting: int


class Parked(Value):
    """How a lane may rest."""

    due_now: bool
    """Something can be claimed: drain again instead of sleeping."""
    until: Instant | None = None
    """When the next mail is due; None with nothing planned: until nudged."""


def lane_of(shard: UUID) -> str:
    """The lane of everything that is mailed to this lead or owner."""
    return f"default/{shard.int % SHARDS}"


async def ensure(tx: Tx, lane: str) -> None:
    """Make the lane if it is new. Twice is fine."""
    await tx.run("ensure_lane", lane=lane, per_second=PER_SECOND)


async def hold(tx: Tx, lanes: Iterable[str]) -> None:
    """Keep these lanes from parking until this transaction ends. Before any row is planned, claimed rows included."""
    await tx.all("hold_lanes_shared", lanes=sorted(set(lanes)))


async def nudge(tx: Tx, planned: Mapping[str, datetime]) -> None:
    """Wake the lanes that would sleep through these (lane → earliest slot). The caller holds them."""
    if planned:
        rows = await tx.all("lanes_sleeping_past", lanes=list(planned), slots=list(planned.values()))
        for row in rows:
            tx.look_again(lane_looks(row["lane"]))


async def park(tx: Tx, lane: str, *, at: datetime) -> Parked:
    """Let the lane sleep until its next mail, unless one is due at `at`. Twice is fine."""
    await ensure(tx, lane)
    await tx.run("hold_lane_alone", lane=lane)
    # A new statement, so a new snapshot: every planner that held the lane has committed and is seen.
    until: datetime | None = await tx.value("next_claimable", lane=lane)
    if until is not None and until <= at:
        return Parked(due_now=True)
    await tx.run("park_lane", lane=lane, until=until)
    return Parked(due_now=False, until=until)


async def rest(tx: Tx, lane: str, *, until: datetime, why: str) -> None:
    """Leave the relay alone until then: nothing is due earlier, whatever its slot. Before `park`. Twice is fine."""
    await tx.run("rest_lane", lane=lane, until=until, why=why)


async def get(tx: Tx, lane: str) -> Lane:
    """The lane. Raises NotFound."""
    return Lane(**await tx.one("get_lane", lane=lane))


async def every(tx: Tx) -> tuple[LaneLoad, ...]:
    """All lanes, by name."""
    return tuple(LaneLoad(**row) for row in await tx.all("all_lanes"))


async def pause(tx: Tx, lane: str, *, why: str) -> None:
    """Stop the lane: nothing is claimed, and what is claimed is stopped before its dot. Raises NotFound."""
    await _change(tx, "pause_lane", lane, why=why)


async def resume(tx: Tx, lane: str) -> None:
    """Let the lane go on; mail that became late is planned anew at its next claim. Raises NotFound."""
    await hold(tx, [lane])
    await _change(tx, "pause_lane", lane, why=None)
    await tx.run("try_routes_again")
    tx.look_again(lane_looks(lane))


async def set_rate(tx: Tx, lane: str, *, per_second: float) -> None:
    """Mails a second from the next page on. Raises NotFound."""
    await _change(tx, "set_lane_rate", lane, per_second=per_second)


async def _change(tx: Tx, query: str, lane: str, **values: object) -> None:
    if await tx.maybe(query, lane=lane, **values) is None:
        raise NotFound("lane", lane)


async def wake_overdue(tx: Tx, *, overdue_since: datetime) -> int:
    """Repair: tell lanes that sleep through due mail to look again. Answers how many."""
    rows = await tx.all("lanes_overdue", overdue_since=overdue_since)
    for row in rows:
        tx.look_again(lane_looks(row["lane"]))
    return len(rows)
