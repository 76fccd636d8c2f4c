"""What does a large campaign cost Temporal and a worker, and how soon does a pause of it hold?"""

from __future__ import annotations

import asyncio
import time

from benchmarks import _campaigns
from benchmarks._measured import Measured, Row, Size, Target, a_unit
from benchmarks._stand import Stand
from benchmarks.runs import cost_of
from leadloom.domain.campaigns.campaign import Act
from leadloom.runtime.wiring import House
from leadloom.store import answered

QUESTION = "A campaign of 50,000 whose first step is a wait: its history, the worker's memory, and a pause half-way"
GROWTH = "worker memory: growth from a fifth of the members to the last, %"
TARGETS = (
    Target("history events of the campaign for 1,000 members", at_most=40),
    Target(GROWTH, at_most=10),
    Target("seconds until a pause holds", at_most=5),
)

_STILL_S = 5.0
"""How long nobody may come in after a pause has answered, for it to have held."""
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
    ):
        await _campaigns.made(house, count)
        began = time.monotonic()
        planned = await _campaigns.planned(house)
        planned_s, begun_with = time.monotonic() - began, stand.memory("worker")
        before, began = stand.cpu(), time.monotonic()
        await _campaigns.does(house, Act.LAUNCH)
        await _enrolled(house, count // 5)
        fifth = stand.memory("worker")
        await _enrolled(house, count // 2)
        paused_s, after_pause = await _pause(house)
        await _campaigns.does(house, Act.RESUME)
        await _enrolled(house, count)
        await _heard(house)
        took_s, cpu_s, ended_with = time.monotonic() - began, stand.cpu_since(before), stand.memory("worker")
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
            "seconds to plan and freeze the audience": planned_s,
        },
    )


async def _pause(house: House) -> tuple[float, int]:
    """Seconds until the pause answered, and who came in after it: none, or it did not hold."""
    began = time.monotonic()
    await _campaigns.does(house, Act.PAUSE)
    paused_s, then = time.monotonic() - began, (await _campaigns.progress(house)).enrolled
    await asyncio.sleep(_STILL_S)
    return paused_s, (await _campaigns.progress(house)).enrolled - then


async def _enrolled(house: House, count: int) -> None:
    while (await _campaigns.progress(house)).enrolled < count:
        await asyncio.sleep(0.5)


async def _heard(house: House) -> None:
    """Return when Temporal has been told of every run."""
    while True:
        async with house.db.read() as tx:
            if await answered.wakes_waiting(tx) == 0:
                return
        await asyncio.sleep(0.5)
