"""What does a large campaign cost Temporal and a worker, and how soon does a pause of it hold?"""

from __future__ import annotations

import asyncio
import math
import time

from benchmarks import _campaigns
from benchmarks._measured import Measured, Row, Size, Target, a_unit
from benchmarks._stand import Stand
from benchmarks._waiting import BEFORE_FIRST_STEP, UNDECIDED, UNHEARD, Rows, none_left, rows_of
from benchmarks.runs import cost_of
from leadloom.domain.campaigns.campaign import Act
from leadloom.runtime.wiring import House

QUESTION = "A campaign of 50,000 whose first step is a wait: its history, the worker's memory, and a pause half-way"
GROWTH = "worker memory: growth from a fifth of the members to the last, %"
TARGETS = (
    Target("history events of the campaign for 1,000 members", at_most=40),
    Target(GROWTH, at_most=10),
    Target("seconds until a pause holds", at_most=5),
)

_STILL_S = 5.0
"""How long nobody may come in after a pause has answered, for it to have held."""
_LONGEST_S = 1200.0
"""No part of it may take longer: it has stopped by then, whatever its progress says."""
_MB = 2**20


async def measure(stand: Stand, size: Size) -> Measured:
    """One campaign from its launch to its last member, paused once on the way."""
    count = size.pick(quick=1000, full=50_000)
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink) as house,
        stand.worker(house.settings),
        rows_of(url) as rows,
    ):
        await _campaigns.made(house, count)
        began = time.monotonic()
        planned = await _campaigns.planned(house)
        planned_s, begun_with = time.monotonic() - began, stand.memory("worker")
        before, began = stand.cpu(), time.monotonic()
        await _campaigns.does(house, Act.LAUNCH)
        await _enrolled(rows, "members to come in before a fifth are there", count - count // 5)
        fifth = stand.memory("worker")
        await _enrolled(rows, "members to come in before the pause", count - count // 2)
        paused_s, after_pause = await _pause(house, rows)
        await _campaigns.does(house, Act.RESUME)
        await rows.none_left("members undecided, or unheard of by Temporal,", UNDECIDED, UNHEARD, within_s=_LONGEST_S)
        took_s, cpu_s, ended_with = time.monotonic() - began, stand.cpu_since(before), stand.memory("worker")
        stood = count - await rows.count(BEFORE_FIRST_STEP)
        assert house.temporal is not None
        events, _ = await cost_of(house.temporal, [f"campaign/{planned.campaign_id}"])
    return Measured(
        rows=(
            Row(
                what=f"{count} members of one campaign, a pause of {_STILL_S:g} s included",
                unit="member",
                ours_per_s=count / took_s,
                ours_cpu_ms=a_unit(cpu_s, count),
            ),
        ),
        figures={
            "history events of the campaign for 1,000 members": 1000 * events / count,
            GROWTH: 100 * (ended_with / fifth - 1),
            "worker memory before, MB": begun_with / _MB,
            "worker memory at a fifth of the members, MB": fifth / _MB,
            "worker memory after the last member, MB": ended_with / _MB,
            "seconds until a pause holds": paused_s,
            "members enrolled after the pause answered": after_pause,
            "runs that stood at their wait when the last was started": stood,
            "seconds to plan and freeze the audience": planned_s,
        },
    )


async def _pause(house: House, rows: Rows) -> tuple[float, int]:
    """Seconds until the pause held, without end when it did not; and who came in after it had answered."""
    began = time.monotonic()
    await _campaigns.does(house, Act.PAUSE)
    paused_s, then = time.monotonic() - began, await rows.count(UNDECIDED)
    await asyncio.sleep(_STILL_S)
    after = then - await rows.count(UNDECIDED)
    return math.inf if after else paused_s, after


async def _enrolled(rows: Rows, what: str, but: int) -> None:
    """Return when only so many members are undecided."""

    async def left() -> int:
        return max(0, await rows.count(UNDECIDED) - but)

    await none_left(what, left, within_s=_LONGEST_S)
