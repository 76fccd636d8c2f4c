"""Does a Temporal that knows nothing hear of everything that is open, and of nothing that has ended?"""

from __future__ import annotations

from leadloom.domain.model import EnrolmentId
from leadloom.domain.wake import hand_off_looks, lane_looks, lifecycle_looks, run_looks
from leadloom.runtime.moving_in import wake_everything
from leadloom.store import inbox
from leadloom.store.db import Db, OutboxRow
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY


async def test_every_open_run_hand_off_clock_and_lane_is_told(dsn: str, db: Db, book: Book) -> None:
    _, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    left, ended = await acts.in_journey(db, book, "ben.weiss", company="Weiss", email="ben@weiss.example")
    await acts.happens(db, book, left, world.happened("unsubscribed", TUESDAY))
    asked = await acts.capture(
        db,
        book,
        world.draft("eva.lund", world.happened("demo_requested", TUESDAY), company="Lund", email="e@lund.example"),
    )
    async with db.read() as tx:
        [offer] = await inbox.list_open(tx)
    assert offer.lead_id == asked

    told: list[str] = []

    async def hear(rows: list[OutboxRow]) -> None:
        told.extend(row.wake.workflow_id for row in rows)

    listening = await Db.open(dsn, size=2, relay=hear)
    try:
        woken = await wake_everything(listening, at=TUESDAY)
    finally:
        await listening.close()

    assert run_looks(EnrolmentId(run)).workflow_id in told
    assert run_looks(EnrolmentId(ended)).workflow_id not in told
    assert hand_off_looks(offer.hand_off_id).workflow_id in told
    assert lifecycle_looks(asked).workflow_id in told or woken.leads == 0
    assert {lane for lane in told if lane.startswith("lane/")} <= {
        lane_looks(f"default/{no}").workflow_id for no in (0, 1)
    }
    assert woken.lanes >= 1
    assert len(told) == woken.runs + woken.hand_offs + woken.leads + woken.lanes
