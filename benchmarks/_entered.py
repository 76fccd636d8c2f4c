"""Who is in a journey already? Runs as rows that Temporal knows nothing of, and a bare loop that starts workflows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from benchmarks._waiting import none_left
from leadloom.domain.journeys.progress import begin
from leadloom.domain.journeys.runs import Enrol
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.domain.wake import CLOCK_AHEAD, JOURNEYS_QUEUE, NURTURE
from leadloom.runtime.wiring import House
from leadloom.store import published, runs
from leadloom.store.db import Db

_PAGE = 500
"""Runs of one transaction."""


async def entered(
    db: Db, who: Sequence[LeadId], *, journey: str, at: datetime, after: timedelta = timedelta(), prospect: bool = False
) -> list[EnrolmentId]:
    """Runs of these leads as rows, whose first look is `after` so long.

    `db` has no relay, or Temporal would hear of them.
    """
    found: list[EnrolmentId] = []
    for first in range(0, len(who), _PAGE):
        page = who[first : first + _PAGE]
        async with db.transaction() as tx:
            book = await published.book(tx)
            body = next(each for each in book.journeys if each.journey.name == journey)
            order = Enrol(
                journey=journey, journey_hash=body.hash, workflow=NURTURE, key="once", entered_by="benchmark",
                prospect=prospect, progress=begin(body.journey, at + after, 0),
            )  # fmt: skip
            orders = [(lead_id, order) for lead_id in page]
            found += await runs.enter(tx, orders, companies=dict.fromkeys(page), book=book, at=at)
    return found


async def started(house: House, waiting: Sequence[EnrolmentId], *, at_once: int, within_s: float) -> None:
    """Start the workflows of these runs, so many calls in flight. Raises Late."""
    client, gate, left = house.temporal, asyncio.Semaphore(at_once), len(waiting)
    assert client is not None

    async def start(enrolment_id: EnrolmentId) -> None:
        nonlocal left
        async with gate:
            await client.start_workflow(
                NURTURE, str(enrolment_id), id=f"run/{enrolment_id}", task_queue=JOURNEYS_QUEUE, memo={CLOCK_AHEAD: 0.0}
            )
        left -= 1

    async def still() -> int:
        return left

    async with asyncio.TaskGroup() as group:
        for one in waiting:
            group.create_task(start(one))
        await none_left("starts", still, within_s=within_s, every_s=0.05)
