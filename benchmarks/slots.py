"""How soon after its slot does a mail go, while thousands of runs wait for a far day?"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from benchmarks import _leads, _letters
from benchmarks._entered import entered, started
from benchmarks._measured import Measured, Size, Target
from benchmarks._stand import Sink, Stand, publish_journey
from benchmarks._waiting import BEFORE_FIRST_STEP, none_left, rows_of
from leadloom.domain.model import LeadId
from leadloom.runtime.wiring import House
from leadloom.store.db import Db

QUESTION = "(d) How late mail is with 10,000 runs waiting: from its slot to the end of its DATA"
TARGETS = (Target("seconds from slot to DATA, 95th percentile", at_most=1.0),)

_EVERY = timedelta(seconds=0.25)
"""Between two slots: a lane that sleeps and wakes for each, which is when it can be late."""
_AT_ONCE = 16
_LONGEST_S = 300.0
"""For the runs to stand at their wait: the development server takes two minutes for 10,000."""
_AFTER_S = 60.0
"""For the last mail, counted from its slot."""


async def measure(stand: Stand, size: Size) -> Measured:
    """Bring the runs to their wait, then let one mail after another fall due."""
    count, mails = size.pick(quick=300, full=10_000), size.pick(quick=60, full=300)
    late = await lateness(stand, count, mails)
    return Measured(
        rows=(),
        figures={
            "runs waiting": count,
            "mails timed": len(late),
            "seconds from slot to DATA, median": statistics.median(late),
            "seconds from slot to DATA, 95th percentile": statistics.quantiles(late, n=20)[-1],
            "seconds from slot to DATA, longest": max(late),
        },
    )


async def lateness(stand: Stand, runs_waiting: int, mails: int) -> list[float]:
    """Seconds from a mail's slot to its dot, mail by mail."""
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink, smtp_connections=4) as house,
        stand.worker(house.settings),
    ):
        await publish_journey(house, _letters.JOURNEY, mails_like=_letters.LETTER)
        there = await _waiting(house, url, runs_waiting)
        first = house.now() + timedelta(seconds=5)
        await _letters.asked(house.db, there[:mails], [first + _EVERY * no for no in range(mails)])

        async def to_come() -> int:
            return mails - await sink.count()

        await none_left("mails to come", to_come, within_s=5 + mails * _EVERY.total_seconds() + _AFTER_S)
        return await _lateness(url, sink)


async def _waiting(house: House, url: str, count: int) -> Sequence[LeadId]:
    """So many leads whose run has done its first step: a far wait, which Temporal holds a timer for."""
    there = await _leads.made(url, count, at=house.now())
    silent = await Db.open(url)
    runs = await entered(silent, there, journey=_letters.NAME, at=house.now())
    await silent.close()
    await started(house, runs, at_once=_AT_ONCE, within_s=_LONGEST_S)
    async with rows_of(url) as rows:
        await rows.none_left("runs before their first step", BEFORE_FIRST_STEP, within_s=_LONGEST_S)
    return there


async def _lateness(url: str, sink: Sink) -> list[float]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT l.email, m.slot_at FROM message m JOIN lead l USING (lead_id)")
    finally:
        await connection.close()
    slot_of = {row["email"]: row["slot_at"].timestamp() for row in rows}
    return [at - slot_of[recipient] for recipient, at in await sink.mails()]
