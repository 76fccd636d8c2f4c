"""How fast does one lane send, beside kept connections that only send; and how soon after its slot does a mail go?"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from benchmarks import _leads
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Sink, Stand, publish_journey
from benchmarks.runs import enrol, open_lanes, settled
from leadloom.domain.journeys.progress import begin
from leadloom.domain.journeys.runs import Enrol
from leadloom.domain.model import LeadId
from leadloom.domain.wake import NURTURE, lane_looks
from leadloom.runtime.wiring import House
from leadloom.store import asking, calendars, published, runs
from leadloom.store.asking import MessageOrder
from leadloom.store.db import Db

QUESTION = (
    "(b) One lane with 10,000 due mails beside 16 kept connections; (d) how late mail is with 10,000 runs waiting"
)
TARGETS = (
    Target("mails a second, bodies prebuilt: lane / kept connections", at_least=0.4),
    Target("mails a second, rendered and built: lane / kept connections", at_least=0.2),
    Target("seconds from slot to DATA, 95th percentile", at_most=1.0),
)

CONNECTIONS = 16
WIRE_BYTES = 9_600
"""What the letter below takes on the wire."""
LETTER = "welcome-four-degrees/nine-minutes"
LANE = "default/0"
_PAGE = 500
_PER_SECOND = 3000.0
"""The lane's own rate must not be what is measured; its page is two seconds of it."""

JOURNEY = """
name: one-letter
purpose: One letter, whose way through a lane is timed.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {events: [promoter_told]}
steps:
  - {do: wait, id: far, for: 30d}
  - {do: send, id: letter, mail: letter, class: service}
"""


@dataclass(frozen=True)
class Sent:
    """So many mails, and what they took."""

    took_s: float
    cpu_s: Cpu


async def measure(stand: Stand, size: Size) -> Measured:
    """Floor, prebuilt, rendered, floor; then the slots."""
    count = size.pick(quick=1000, full=10_000)
    first = await bare(stand, count)
    prebuilt = await lane(stand, count, run=("-m", "benchmarks._prebuilt_worker", str(WIRE_BYTES)))
    rendered = await lane(stand, count)
    second = await bare(stand, count)
    floor_s = (first.took_s + second.took_s) / 2
    floor_cpu = {name: (first.cpu_s[name] + second.cpu_s.get(name, 0.0)) / 2 for name in first.cpu_s}
    late = await slots(stand, runs_waiting=size.pick(quick=300, full=10_000), mails=size.pick(quick=60, full=300))
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
            "seconds from slot to DATA, median": statistics.median(late),
            "seconds from slot to DATA, 95th percentile": statistics.quantiles(late, n=20)[-1],
            "seconds from slot to DATA, longest": max(late),
            "mails timed": len(late),
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
        await publish_journey(house, JOURNEY, mails_like=LETTER)
        await open_lanes(house, _PER_SECOND)
        await _due(house, url, count)
        before, began = stand.cpu(), time.time()
        async with house.db.transaction() as tx:
            tx.look_again(lane_looks(LANE))
        last = await settled(house, sink, count)
        return Sent(last - began, stand.cpu_since(before))


async def slots(stand: Stand, *, runs_waiting: int, mails: int) -> list[float]:
    """Seconds from a mail's slot to its dot, with so many runs that wait for a far day."""
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink, smtp_connections=4) as house,
        stand.worker(house.settings),
    ):
        await publish_journey(house, JOURNEY, mails_like=LETTER)
        there = await _leads.made(url, runs_waiting, at=house.now())
        await enrol(house, there, journey="one-letter")
        await _all_wait(house, url, runs_waiting)
        first = house.now() + timedelta(seconds=5)
        every = timedelta(seconds=0.25)
        wanted = [first + every * no for no in range(mails)]
        await _ask(house.db, there[:mails], wanted)
        await sink.wait(mails)
        return await _lateness(url, sink)


async def _due(house: House, url: str, count: int) -> None:
    """So many mails that are due in one lane, whom nobody has told of."""
    silent = await Db.open(url)
    try:
        there = await _leads.made(url, count, at=house.now())
        await _rows(silent, there, house.now())
        await _ask(silent, there, [house.now()] * count)
    finally:
        await silent.close()
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("UPDATE message SET lane = $1 WHERE lane <> $1", LANE)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _rows(db: Db, who: Sequence[LeadId], at: datetime) -> None:
    """Their runs as rows, unknown to Temporal."""
    for first in range(0, len(who), _PAGE):
        async with db.transaction() as tx:
            book = await published.book(tx)
            body = next(each for each in book.journeys if each.journey.name == "one-letter")
            order = Enrol(
                journey="one-letter", journey_hash=body.hash, workflow=NURTURE, key="once", entered_by="benchmark",
                prospect=False, progress=begin(body.journey, at, 0),
            )  # fmt: skip
            page = who[first : first + _PAGE]
            orders = [(lead_id, order) for lead_id in page]
            await runs.enter(tx, orders, companies=dict.fromkeys(page), book=book, at=at)


async def _ask(db: Db, who: Sequence[LeadId], at: Sequence[datetime]) -> None:
    """Ask for the letter of each, to go at its instant."""
    pairs = list(zip(who, at, strict=True))
    for first in range(0, len(pairs), _PAGE):
        page = pairs[first : first + _PAGE]
        async with db.transaction() as tx:
            book = await published.book(tx)
            held = await calendars.locked_all(tx, [lead_id for lead_id, _ in page])
            asks = [(_order(lead_id), when) for lead_id, when in page]
            await asking.ask_all(tx, asks, who=held, book=book)


def _order(lead_id: LeadId) -> MessageOrder:
    return MessageOrder(
        lead_id=lead_id, enrolment_id=runs.run_id(lead_id, "one-letter", "once"), step="letter", visit=1,
        journey="one-letter", mail="letter", mail_class="service", sender="ines-carvalho", worth=timedelta(days=7),
    )  # fmt: skip


async def _all_wait(house: House, url: str, count: int) -> None:
    """Return when every run stands at its wait and Temporal knows all of them."""
    connection = await asyncpg.connect(url)
    try:
        query = "SELECT count(*) FROM enrolment WHERE waits_until > $1"
        while await connection.fetchval(query, house.now() + timedelta(days=1)) < count:
            await asyncio.sleep(0.2)
    finally:
        await connection.close()


async def _lateness(url: str, sink: Sink) -> list[float]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT l.email, m.slot_at FROM message m JOIN lead l USING (lead_id)")
    finally:
        await connection.close()
    slot_of = {row["email"]: row["slot_at"].timestamp() for row in rows}
    return [at - slot_of[recipient] for recipient, at in await sink.mails()]
