"""A lead in whose journey somebody was asked to call: what tests of tasks stand on."""

from __future__ import annotations

from datetime import timedelta

from leadloom.domain.model import EnrolmentId, Instant, LeadId
from leadloom.store import enrolments, tasks
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.store.tasks import Answer, Task
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_effects import TASK, WAIT, publish

DUE = TUESDAY + timedelta(days=2)


async def asked(db: Db, book: Book, name: str = "ana.torres", **rest: object) -> tuple[LeadId, EnrolmentId, Task]:
    """Ana's run has just asked Marcus to call about the audit: reached or lost, within two days."""
    book = await publish(db, TASK + WAIT)
    draft = world.draft(name, world.happened("price_page", TUESDAY), bases=(world.permission(at=TUESDAY),), **rest)
    lead_id = await acts.capture(db, book, draft, TUESDAY)
    async with db.read() as tx:
        [run] = [run for run in await enrolments.of_lead(tx, lead_id) if run.journey == "other"]
    await acts.advance(db, book, run.enrolment_id)
    return lead_id, run.enrolment_id, await the_task(db)


async def asked_of_a_stranger(db: Db, book: Book) -> Task:
    """The same about somebody whose company nobody of ours talks with."""
    _, _, task = await asked(db, book, "tess.moor", email="tess@moor.example", company="Moor Cold Stores")
    return task


async def the_task(db: Db) -> Task:
    """The one there is."""
    async with db.read() as tx:
        [task] = await tasks.every(tx, ended_too=True)
    return task


async def answers(
    db: Db, book: Book, outcome: str, *, by: str = "marcus-oyelaran", at: Instant = TUESDAY + timedelta(hours=1)
) -> Task:
    """Somebody says what came of it."""
    task_id = (await the_task(db)).task_id
    async with db.transaction() as tx:
        return await tasks.answer(tx, task_id, Answer(outcome=outcome, by=by, via="cli"), book=book, at=at)
