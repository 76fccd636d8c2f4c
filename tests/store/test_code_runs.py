"""What does a journey as code see of its company?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from leadloom.store import calendars, code_runs, standing
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store.acts import TUESDAY, capture, in_journey, rows, wait_for_a_lock


async def test_a_look_sees_a_colleague_who_engaged_after_its_workflow_task_had_begun(db: Db, book: Book) -> None:
    """A workflow's clock stands still while its task runs: who comes meanwhile is committed, and nobody nudges."""
    _, enrolment_id = await in_journey(db, book, "ana.torres", role="quality")
    task_began_at = TUESDAY + timedelta(seconds=1)
    later = task_began_at + timedelta(seconds=1)
    ben = world.draft("ben.osei", world.happened("guide_requested", later), role="logistics")
    await capture(db, book, ben, later)
    async with db.read() as tx:
        circle = await code_runs.circle(
            tx, enrolment_id, since=TUESDAY - timedelta(days=21), book=book, at=task_began_at
        )
    assert {member.role for member in circle} == {"quality", "logistics"}


async def test_a_hand_off_through_a_colleague_holds_no_company_while_it_waits_for_them(
    db: Db, dsn: str, book: Book
) -> None:
    _, enrolment_id = await in_journey(db, book, "ana.torres", role="quality")
    ben = await capture(db, book, world.draft("ben.osei", role="logistics"), TUESDAY)

    async def raises() -> None:
        async with db.transaction() as tx:
            at = TUESDAY + timedelta(seconds=1)
            await code_runs.raise_hand_off(
                tx, enrolment_id, ben, kind="buying-circle", why=("a circle",), book=book, at=at
            )

    async with db.transaction() as plans:
        await standing.lock(plans, [ben])
        raising = asyncio.create_task(raises())
        await wait_for_a_lock(dsn)
        await calendars.hold_companies(plans, [ben])  # would be a deadlock if whoever waits held it
    await raising
    [hand_off] = await rows(dsn, "SELECT lead_id FROM hand_off")
    assert hand_off["lead_id"] == ben
