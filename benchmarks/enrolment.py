"""How fast does a campaign start runs beside a bare loop of `start_workflow` calls that find their rows there?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import _campaigns
from benchmarks._campaigns import JOURNEY
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Stand
from benchmarks.runs import cost_of
from leadloom.domain.campaigns.campaign import Act
from leadloom.domain.journeys.progress import begin
from leadloom.domain.journeys.runs import Enrol
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.domain.wake import CLOCK_AHEAD, JOURNEYS_QUEUE, NURTURE
from leadloom.runtime.wiring import House
from leadloom.store import answered, published, runs, today
from leadloom.store.db import Db

QUESTION = "(c) Enrolment by a campaign, beside a bare start_workflow loop whose rows were inserted before"
TARGETS = (
    Target("starts a second: campaign / bare loop", at_least=0.9),
    Target("history events of the campaign for 1,000 members", at_most=40),
)

_AT_ONCE = 16
"""Calls in flight of the loop: what a campaign has at most, two pages of eight."""
_PAGE = 500


@dataclass(frozen=True)
class Started:
    """One side, on a server of its own."""

    took_s: float
    """Until the last run was started."""
    first_steps_s: float
    """Until the last run stood at its wait."""
    cpu_s: Cpu
    """Until then."""
    events: float = 0.0
    """Of the campaign, for 1,000 members."""


async def measure(stand: Stand, size: Size) -> Measured:
    """Loop, campaign, loop: what the machine does meanwhile falls on both."""
    count = size.pick(quick=500, full=10_000)
    first = await loop(stand, count)
    us = await campaign(stand, count)
    second = await loop(stand, count)
    floor = Started(
        took_s=(first.took_s + second.took_s) / 2,
        first_steps_s=(first.first_steps_s + second.first_steps_s) / 2,
        cpu_s={name: (first.cpu_s[name] + second.cpu_s[name]) / 2 for name in first.cpu_s},
    )
    return Measured(
        rows=(
            Row(
                what=f"{count} members enrolled, the same worker at their first step",
                unit="member",
                ours_per_s=count / us.took_s,
                floor=f"start_workflow in a loop, {_AT_ONCE} in flight, rows there before",
                floor_per_s=count / floor.took_s,
                ours_cpu_ms=a_unit(us.cpu_s, count),
                floor_cpu_ms=a_unit(floor.cpu_s, count),
            ),
        ),
        figures={
            "starts a second: campaign / bare loop": floor.took_s / us.took_s,
            "first steps a second, campaign": count / us.first_steps_s,
            "first steps a second, bare loop": count / floor.first_steps_s,
            "first steps a second: campaign / bare loop": floor.first_steps_s / us.first_steps_s,
            "CPU a member, all processes: campaign / bare loop": sum(us.cpu_s.values()) / sum(floor.cpu_s.values()),
            "history events of the campaign for 1,000 members": us.events,
        },
        notes=(f"the two loops: {count / first.took_s:.0f} and {count / second.took_s:.0f} starts a second",),
    )


async def loop(stand: Stand, count: int) -> Started:
    """The floor: nothing is decided, nothing is written but by the first step itself."""
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink) as house,
        stand.worker(house.settings),
    ):
        waiting = await _rows(house, await _campaigns.made(house, count))
        before, began = stand.cpu(), time.monotonic()
        await _start(house, waiting)
        took_s = time.monotonic() - began
        await _all_stand(house)
        return Started(took_s, time.monotonic() - began, stand.cpu_since(before))


async def campaign(stand: Stand, count: int) -> Started:
    """Ours: the audience is frozen before, as a plan does; the launch decides, writes, starts."""
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink) as house,
        stand.worker(house.settings),
    ):
        await _campaigns.made(house, count)
        planned = await _campaigns.planned(house)
        before, began = stand.cpu(), time.monotonic()
        await _campaigns.does(house, Act.LAUNCH)
        while await _unstarted(house):
            await asyncio.sleep(0.1)
        took_s = time.monotonic() - began
        await _all_stand(house)
        first_steps_s, cpu_s = time.monotonic() - began, stand.cpu_since(before)
        assert house.temporal is not None
        events, _ = await cost_of(house.temporal, [f"campaign/{planned.campaign_id}"])
        return Started(took_s, first_steps_s, cpu_s, 1000 * events / count)


async def _rows(house: House, who: Sequence[LeadId]) -> list[EnrolmentId]:
    """Runs as rows, whom nobody has told Temporal of."""
    assert house.settings.database_url is not None
    silent, found, at = await Db.open(house.settings.database_url), list[EnrolmentId](), house.now()
    try:
        for first in range(0, len(who), _PAGE):
            async with silent.transaction() as tx:
                book = await published.book(tx)
                body = next(each for each in book.journeys if each.journey.name == JOURNEY)
                order = Enrol(
                    journey=JOURNEY, journey_hash=body.hash, workflow=NURTURE, key="once", entered_by="benchmark",
                    prospect=True, progress=begin(body.journey, at, 0),
                )  # fmt: skip
                page = who[first : first + _PAGE]
                orders = [(lead_id, order) for lead_id in page]
                found += await runs.enter(tx, orders, companies=dict.fromkeys(page), book=book, at=at)
    finally:
        await silent.close()
    return found


async def _start(house: House, waiting: Sequence[EnrolmentId]) -> None:
    client, gate = house.temporal, asyncio.Semaphore(_AT_ONCE)
    assert client is not None

    async def start(enrolment_id: EnrolmentId) -> None:
        async with gate:
            await client.start_workflow(
                NURTURE, str(enrolment_id), id=f"run/{enrolment_id}", task_queue=JOURNEYS_QUEUE, memo={CLOCK_AHEAD: 0.0}
            )

    await asyncio.gather(*(start(one) for one in waiting))


async def _unstarted(house: House) -> bool:
    """Whether somebody is undecided, or decided and not yet known to Temporal."""
    if (await _campaigns.progress(house)).undecided:
        return True
    async with house.db.read() as tx:
        return await answered.wakes_waiting(tx) > 0


async def _all_stand(house: House) -> None:
    """Return when no run is before its first step any more."""
    while await _before_first_step(house):
        await asyncio.sleep(0.2)


async def _before_first_step(house: House) -> bool:
    async with house.db.read() as tx:
        counts = await today.today(tx, at=house.now())
    return any(one.waiting_for == "its first step" for one in counts.runs)
