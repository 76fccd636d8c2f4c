"""How fast does one lane send, beside kept connections that only send?"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import asyncpg

from benchmarks import _leads, _letters, _relays
from benchmarks._entered import entered
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Stand, publish_journey
from benchmarks.runs import open_lanes
from leadloom.domain.wake import lane_looks
from leadloom.mail.dkim_keys import make_key
from leadloom.runtime.wiring import House
from leadloom.store import totals
from leadloom.store.db import Db

QUESTION = "(b) One lane with 10,000 due mails beside 16 kept connections, to Debian's smtp-sink"
TARGETS = (
    Target("mails a second, bodies prebuilt, no pipelining: lane / kept connections", at_least=0.5),
    Target("mails a second, bodies prebuilt, pipelined: lane / kept connections", at_least=1.0),
    Target("mails a second, rendered and built: lane / kept connections", at_least=0.2),
    Target("20 ms away, 64 connections: mails a second / (connections / 4 round trips)", at_least=0.9),
)

CONNECTIONS = 16
FAR_CONNECTIONS = 64
FAR = timedelta(milliseconds=20)
WIRE_BYTES = 9_600
"""What the letter takes on the wire."""
LANE = "default/0"
_PER_SECOND = 6000.0
"""The lane's own rate must not be what is measured; its page is two seconds of it."""
_PREBUILT = ("-m", "benchmarks._prebuilt_worker", str(WIRE_BYTES))


@dataclass(frozen=True)
class Sent:
    """So many mails, and what they took."""

    took_s: float
    cpu_s: Cpu


class _Runs(NamedTuple):
    """One session's lanes beside the floor, which is run before and after them."""

    floors: tuple[Sent, Sent]
    near: dict[str, Sent]
    """By what the lane does, in words."""
    far: Sent


async def measure(stand: Stand, size: Size) -> Measured:
    """Floor, prebuilt with and without pipelining, rendered, signed, floor, far away."""
    count = size.pick(quick=1000, full=10_000)
    async with _relays.sink(stand, pipelining=False) as plain, _relays.sink(stand) as piped:
        first = await bare(stand, plain, count)
        near = {
            "bodies prebuilt, no pipelining": await lane(stand, plain, count, run=_PREBUILT),
            "bodies prebuilt, pipelined": await lane(stand, piped, count, run=_PREBUILT),
            "rendered and built": await lane(stand, piped, count),
            "rendered, built and signed (rsa-2048)": await lane(
                stand, piped, count, env={"LEADLOOM_DKIM_KEYS": str(_keys(stand))}
            ),
        }
        second = await bare(stand, plain, count)
        async with _relays.far(stand, piped, round_trip=FAR) as away:
            far = await lane(stand, away, count, run=_PREBUILT, connections=FAR_CONNECTIONS)
    return _measured(_Runs((first, second), near, far), count, piped.what, away.what)


def _measured(runs: _Runs, count: int, sink: str, away: str) -> Measured:
    first, second = runs.floors
    floor_s = (first.took_s + second.took_s) / 2
    floor_cpu = {name: (first.cpu_s[name] + second.cpu_s.get(name, 0.0)) / 2 for name in first.cpu_s}
    law = FAR_CONNECTIONS / (4 * FAR.total_seconds())
    rows = [
        Row(
            what=f"{count} mails due in one lane, {what}, {CONNECTIONS} connections",
            unit="mail",
            ours_per_s=count / ours.took_s,
            floor=f"{CONNECTIONS} kept aiosmtplib connections send one prebuilt body",
            floor_per_s=count / floor_s,
            ours_cpu_ms=a_unit(ours.cpu_s, count),
            floor_cpu_ms=a_unit(floor_cpu, count),
        )
        for what, ours in runs.near.items()
    ]
    figures = {
        f"mails a second, {what}: lane / kept connections": floor_s / ours.took_s for what, ours in runs.near.items()
    }
    figures["20 ms away, 64 connections: mails a second / (connections / 4 round trips)"] = (
        count / runs.far.took_s / law
    )
    floors = f"the two floors: {count / first.took_s:.0f} and {count / second.took_s:.0f} mails a second"
    return Measured(
        rows=(*rows, _far_row(runs.far, count, away, law)), figures=figures, notes=(floors, f"mail goes to {sink}")
    )


def _far_row(far: Sent, count: int, away: str, law: float) -> Row:
    return Row(
        what=f"{count} mails due in one lane, prebuilt, {FAR_CONNECTIONS} connections, {away}",
        unit="mail",
        ours_per_s=count / far.took_s,
        floor=f"the law of {FAR_CONNECTIONS} connections with four round trips a mail",
        floor_per_s=law,
        ours_cpu_ms=a_unit(far.cpu_s, count),
        floor_cpu_ms={},
    )


def _keys(stand: Stand) -> Path:
    """A folder with a key that signs for the company."""
    folder = stand.folder / "dkim"
    folder.mkdir(exist_ok=True)
    make_key(folder, "kelvance.example", "bench", algorithm="rsa")
    return folder


async def bare(stand: Stand, relay: _relays.Relay, count: int) -> Sent:
    """The floor: a process that does nothing but send."""
    numbers = [str(each) for each in (relay.port, count, CONNECTIONS, WIRE_BYTES)]
    before = stand.cpu()
    async with stand.process("worker", [sys.executable, "-m", "benchmarks._bare_sender", *numbers]) as process:
        assert process.stdout is not None
        took_s = float(await process.stdout.readline())
        return Sent(took_s, stand.cpu_since(before))


async def lane(
    stand: Stand,
    relay: _relays.Relay,
    count: int,
    *,
    run: Sequence[str] = ("worker.py",),
    env: dict[str, str] | None = None,
    connections: int = CONNECTIONS,
) -> Sent:
    """Ours: from the moment the lane is woken until every mail is settled as sent."""
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.house(url, temporal=temporal, sink=None, smtp_url=relay.url, smtp_connections=connections) as house,
        stand.worker(house.settings, run=run, env=env),
    ):
        await publish_journey(house, _letters.JOURNEY, mails_like=_letters.LETTER)
        await open_lanes(house, _PER_SECOND)
        await _due(house, url, count)
        before, began = stand.cpu(), time.time()
        async with house.db.transaction() as tx:
            tx.look_again(lane_looks(LANE))
        last = await _all_sent(house, url, count)
        return Sent(last - began, stand.cpu_since(before))


async def _all_sent(house: House, url: str, count: int) -> float:
    """Unix time of the moment at which every row says so: smtp-sink tells nobody what it took.

    While mails wait only that is asked, by an index: counting all of them ten times a second is a load of its own.
    """
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(600):
            while await connection.fetchval("SELECT EXISTS (SELECT FROM message WHERE is_waiting)"):
                await asyncio.sleep(0.1)
            sent = 0
            while sent < count:
                await asyncio.sleep(0.02)
                async with house.db.read() as tx:
                    sent = (await totals.read(tx)).mails.get("sent", 0)
    finally:
        await connection.close()
    return time.time()


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
