"""How fast does one lane send, beside kept connections that only send?"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from benchmarks import _leads, _letters
from benchmarks._entered import entered
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Stand, publish_journey
from benchmarks.runs import open_lanes, settled
from leadloom.domain.wake import lane_looks
from leadloom.runtime.wiring import House
from leadloom.store.db import Db

QUESTION = "(b) One lane with 10,000 due mails beside 16 kept connections"
TARGETS = (
    Target("mails a second, bodies prebuilt: lane / kept connections", at_least=0.4),
    Target("mails a second, rendered and built: lane / kept connections", at_least=0.2),
)

CONNECTIONS = 16
WIRE_BYTES = 9_600
"""What the letter takes on the wire."""
LANE = "default/0"
_PER_SECOND = 3000.0
"""The lane's own rate must not be what is measured; its page is two seconds of it."""


@dataclass(frozen=True)
class Sent:
    """So many mails, and what they took."""

    took_s: float
    cpu_s: Cpu


async def measure(stand: Stand, size: Size) -> Measured:
    """Floor, prebuilt, rendered, floor."""
    count = size.pick(quick=1000, full=10_000)
    first = await bare(stand, count)
    prebuilt = await lane(stand, count, run=("-m", "benchmarks._prebuilt_worker", str(WIRE_BYTES)))
    rendered = await lane(stand, count)
    second = await bare(stand, count)
    floor_s = (first.took_s + second.took_s) / 2
    floor_cpu = {name: (first.cpu_s[name] + second.cpu_s.get(name, 0.0)) / 2 for name in first.cpu_s}
    return Measured(
        rows=tuple(
            Row(
                what=f"{count} mails due in one lane, {what}, {CONNECTIONS} connections",
                unit="mail",
                ours_per_s=count / ours.took_s,
                floor=f"{CONNECTIONS} kept aiosmtplib connections send one prebuilt body",
                floor_per_s=count / floor_s,
                ours_cpu_ms=a_unit(ours.cpu_s, count),
                floor_cpu_ms=a_unit(floor_cpu, count),
            )
            for what, ours in (("bodies prebuilt", prebuilt), ("rendered and built", rendered))
        ),
        figures={
            "mails a second, bodies prebuilt: lane / kept connections": floor_s / prebuilt.took_s,
            "mails a second, rendered and built: lane / kept connections": floor_s / rendered.took_s,
        },
        notes=(f"the two floors: {count / first.took_s:.0f} and {count / second.took_s:.0f} mails a second",),
    )


async def bare(stand: Stand, count: int) -> Sent:
    """The floor: a process that does nothing but send."""
    async with stand.sink() as sink:
        numbers = [str(each) for each in (sink.port, count, CONNECTIONS, WIRE_BYTES)]
        before = stand.cpu()
        async with stand.process("worker", [sys.executable, "-m", "benchmarks._bare_sender", *numbers]) as process:
            assert process.stdout is not None
            took_s = float(await process.stdout.readline())
            return Sent(took_s, stand.cpu_since(before))


async def lane(stand: Stand, count: int, *, run: Sequence[str] = ("worker.py",)) -> Sent:
    """Ours: from the moment the lane is woken to the last dot, until all of it is settled."""
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink, smtp_connections=CONNECTIONS) as house,
        stand.worker(house.settings, run=run),
    ):
        await publish_journey(house, _letters.JOURNEY, mails_like=_letters.LETTER)
        await open_lanes(house, _PER_SECOND)
        await _due(house, url, count)
        before, began = stand.cpu(), time.time()
        async with house.db.transaction() as tx:
            tx.look_again(lane_looks(LANE))
        last = await settled(house, sink, count)
        return Sent(last - began, stand.cpu_since(before))


async def _due(house: House, url: str, count: int) -> None:
    """So many mails that are due in one lane, whom nobody has told of."""
    silent = await Db.open(url)
    try:
        there = await _leads.made(url, count, at=house.now())
        await entered(silent, there, journey=_letters.NAME, at=house.now())
        await _letters.asked(silent, there, [house.now()] * count)
    finally:
        await silent.close()
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("UPDATE message SET lane = $1 WHERE lane <> $1", LANE)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
