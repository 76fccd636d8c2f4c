"""How fast does a campaign start runs beside a bare loop of `start_workflow` calls that find their rows there?"""

from __future__ import annotations

import time
from dataclasses import dataclass

from benchmarks import _campaigns
from benchmarks._campaigns import JOURNEY
from benchmarks._entered import entered, started
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Stand
from benchmarks._waiting import BEFORE_FIRST_STEP, UNDECIDED, UNHEARD, rows_of
from benchmarks.runs import cost_of
from leadloom.domain.campaigns.campaign import Act
from leadloom.store.db import Db

QUESTION = "(c) Enrolment by a campaign, beside a bare start_workflow loop whose rows were inserted before"
TARGETS = (
    Target("starts a second: campaign / bare loop", at_least=0.9),
    Target("history events of the campaign for 1,000 members", at_most=40),
)

_AT_ONCE = 24
"""Calls in flight of the loop: more than hide a round trip."""
_AS_MANY = 48
"""What a campaign has in flight at its busiest, three pages of sixteen: a loop of so many is told beside it."""
_LONGEST_S = 240.0
"""No side may take longer: it would be no enrolment any more."""


@dataclass(frozen=True)
class Started:
    """One side, on a server of its own, until its last run was started."""

    took_s: float
    cpu_s: Cpu
    stood: int
    """Runs whose first step was done by then: the same worker is at them meanwhile."""
    events: float = 0.0
    """Of the campaign, for 1,000 members."""


async def measure(stand: Stand, size: Size) -> Measured:
    """Loop, campaign, loop, and a loop that pushes harder: what the machine does meanwhile falls on all.

    First steps aren't waited for: they take the development server longer than all starts, and the same on both sides.
    """
    count = size.pick(quick=500, full=10_000)
    first = await loop(stand, count)
    us = await campaign(stand, count)
    second = await loop(stand, count)
    pushing = await loop(stand, count, at_once=_AS_MANY)
    took_s = (first.took_s + second.took_s) / 2
    cpu_s = {name: (first.cpu_s[name] + second.cpu_s[name]) / 2 for name in first.cpu_s}
    return Measured(
        rows=(
            Row(
                what=f"{count} members enrolled, the same worker at their first step",
                unit="member",
                ours_per_s=count / us.took_s,
                floor=f"start_workflow in a loop, {_AT_ONCE} in flight, rows there before",
                floor_per_s=count / took_s,
                ours_cpu_ms=a_unit(us.cpu_s, count),
                floor_cpu_ms=a_unit(cpu_s, count),
            ),
        ),
        figures={
            "starts a second: campaign / bare loop": took_s / us.took_s,
            f"starts a second: campaign / a loop with {_AS_MANY} in flight": pushing.took_s / us.took_s,
            "first steps a second meanwhile, campaign": us.stood / us.took_s,
            "first steps a second meanwhile, bare loop": (first.stood + second.stood) / 2 / took_s,
            f"first steps a second meanwhile, the loop with {_AS_MANY}": pushing.stood / pushing.took_s,
            "history events of the campaign for 1,000 members": us.events,
        },
        notes=(f"the two loops: {count / first.took_s:.0f} and {count / second.took_s:.0f} starts a second",),
    )


async def loop(stand: Stand, count: int, *, at_once: int = _AT_ONCE) -> Started:
    """The floor: nothing is decided, nothing is written but by the first step itself."""
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink) as house,
        stand.worker(house.settings),
        rows_of(url) as rows,
    ):
        who, silent = await _campaigns.made(house, count), await Db.open(url)
        waiting = await entered(silent, who, journey=JOURNEY, at=house.now(), prospect=True)
        await silent.close()
        before, began = stand.cpu(), time.monotonic()
        await started(house, waiting, at_once=at_once, within_s=_LONGEST_S)
        took_s, cpu_s = time.monotonic() - began, stand.cpu_since(before)
        return Started(took_s, cpu_s, count - await rows.count(BEFORE_FIRST_STEP))


async def campaign(stand: Stand, count: int) -> Started:
    """Ours: the audience is frozen before, as a plan does; the launch decides, writes, starts."""
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink) as house,
        stand.worker(house.settings),
        rows_of(url) as rows,
    ):
        await _campaigns.made(house, count)
        planned = await _campaigns.planned(house)
        before, began = stand.cpu(), time.monotonic()
        await _campaigns.does(house, Act.LAUNCH)
        await rows.none_left("members unstarted", UNDECIDED, UNHEARD, within_s=_LONGEST_S)
        took_s, cpu_s = time.monotonic() - began, stand.cpu_since(before)
        stood = count - await rows.count(BEFORE_FIRST_STEP)
        assert house.temporal is not None
        events, _ = await cost_of(house.temporal, [f"campaign/{planned.campaign_id}"])
        return Started(took_s, cpu_s, stood, 1000 * events / count)
