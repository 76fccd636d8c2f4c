"""How long does it take to rehearse an audience over a season, on all cores?"""

from __future__ import annotations

import resource
import time
from datetime import UTC, datetime, timedelta

from benchmarks._measured import Measured, Size, Target
from benchmarks._stand import Stand
from leadloom.runtime.rehearsal_cast import Order, of_strangers
from leadloom.runtime.rehearsing import rehearse

QUESTION = "(g) A rehearsal of 10,000 leads over 90 days: all our journeys in force, 30 % of mails answered"
TARGETS = (Target("seconds for 10,000 leads and 90 days", at_most=60.0),)


async def measure(stand: Stand, size: Size) -> Measured:
    """Invent the leads, let each ask for the guide within 30 days, and play."""
    del stand  # a rehearsal needs nothing that runs
    count = size.pick(quick=600, full=10_000)
    order = Order(
        journeys=("welcome-four-degrees",), begins_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC), days=90,
        answers="0.3", event="guide_requested", spread=timedelta(days=30),
    )  # fmt: skip
    begun, worked = time.perf_counter(), _worked()
    cast = of_strangers(order, count)
    gathered = time.perf_counter() - begun
    tally = rehearse(cast.setting, cast.leads, cast.cues)
    seconds = time.perf_counter() - begun
    return Measured(
        rows=(),
        figures={
            "leads": count,
            "mails": len(tally.sends),
            "things leads did": tally.answered.total(),
            "runs": tally.entered.total(),
            "seconds to read drafts and invent leads": gathered,
            "seconds for 10,000 leads and 90 days": seconds * 10_000 / count,
            "ms of CPU a lead, all processes": (_worked() - worked) * 1000 / count,
        },
    )


def _worked() -> float:
    """Seconds of CPU this process and those it started and ended have used."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
