"""What does a journey as code see of its company?"""

from __future__ import annotations

from datetime import timedelta

from leadloom.store import code_runs
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store.acts import TUESDAY, capture, in_journey


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
