"""Is an owner asked once, told by mail, and does the first answer, and no other, send the run where it leads?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.store import audit, owners, tasks
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_effects import DAY, enters, publish
from tests.tasks import DUE, answers, asked, the_task

HOUR = timedelta(hours=1)


async def test_an_owner_is_asked_and_told_once_in_one_transaction(db: Db, dsn: str, book: Book) -> None:
    _, run, task = await asked(db, book)
    await acts.advance(db, book, run)
    said = (task.owner, task.words, task.person, task.company, set(task.outcomes), task.due_at, task.status)
    assert said == (
        "marcus-oyelaran", "Call about the audit", "Ana Torres", "Meridian Pharma", {"reached", "lost"}, DUE, "open",
    )  # fmt: skip
    [notice] = await acts.rows(
        dsn, "SELECT step, visit, mail, mail_class, slot_at, deadline FROM message WHERE owner_id IS NOT NULL"
    )
    assert tuple(notice) == ("call", 1, "asked", "owner-notice", TUESDAY, DUE)
    async with db.read() as tx:
        [message] = await acts.rows(dsn, "SELECT message_id FROM message WHERE owner_id IS NOT NULL")
        assert (await tasks.told_by(tx, message["message_id"])).task_id == task.task_id


async def test_an_owner_who_is_away_is_asked_through_their_deputy(db: Db, book: Book) -> None:
    async with db.transaction() as tx:
        span = {"from_at": TUESDAY - DAY, "until_at": TUESDAY + 14 * DAY}
        await owners.be_away(tx, "marcus-oyelaran", **span, by="greta-lindqvist", at=TUESDAY)
    _, _, task = await asked(db, book)
    assert task.owner == world.definition().person("marcus-oyelaran").deputy


@pytest.mark.parametrize(("outcome", "ends"), [("reached", "rest"), ("lost", None)])
async def test_an_answer_wakes_the_run_and_sends_it_where_it_leads(
    db: Db, dsn: str, book: Book, outcome: str, ends: str | None
) -> None:
    _, run, _ = await asked(db, book)
    async with db.transaction() as tx:
        task = (await tasks.every(tx))[0]
        said = tasks.Answer(outcome=outcome, by="marcus-oyelaran", via="page")
        done = await tasks.answer(tx, task.task_id, said, book=book, at=TUESDAY + HOUR)
        assert str(run) in {wake.input for wake in tx.wakes()}
    assert (done.status, done.outcome, done.ended_by) == ("done", outcome, "marcus-oyelaran")
    await acts.advance(db, book, run, TUESDAY + HOUR)
    [row] = await acts.rows(dsn, "SELECT status, progress ->> 'step' AS step FROM enrolment")
    assert tuple(row) == (("active", "rest") if ends else ("finished", "end"))
    [event] = await acts.rows(dsn, "SELECT actor, data FROM event WHERE kind = 'task_done'")
    assert event["actor"] == "marcus-oyelaran"
    assert outcome in event["data"] and str(task.task_id) in event["data"]


async def test_who_answers_second_is_shown_who_was_first(db: Db, book: Book) -> None:
    await asked(db, book)
    await answers(db, book, "reached")
    with pytest.raises(Conflict, match=r"Marcus Oyelaran answered it on 03 March 2026, 16:00 UTC: reached\."):
        await answers(db, book, "lost", by="jonas-brandt")
    assert (await the_task(db)).outcome == "reached"


async def test_two_who_answer_at_once_leave_one_answer(db: Db, dsn: str, book: Book) -> None:
    await asked(db, book)
    said = await asyncio.gather(
        answers(db, book, "reached"), answers(db, book, "lost", by="jonas-brandt"), return_exceptions=True
    )
    assert sum(isinstance(one, Conflict) for one in said) == 1
    assert len(await acts.rows(dsn, "SELECT FROM event WHERE kind = 'task_done'")) == 1


async def test_the_same_answer_twice_is_one(db: Db, dsn: str, book: Book) -> None:
    _, _, task = await asked(db, book)
    assert await answers(db, book, "reached") == await answers(db, book, "reached", at=TUESDAY + 2 * HOUR)
    async with db.read() as tx:
        [note] = await audit.notes(tx, f"task {task.task_id}")
    assert (note.actor, note.action, note.after) == (
        "marcus-oyelaran", "answered a task", {"outcome": "reached", "via": "cli"},
    )  # fmt: skip


async def test_a_run_that_takes_its_task_back_while_somebody_answers_never_deadlocks(db: Db, book: Book) -> None:
    _, run, _ = await asked(db, book)
    said, _ = await asyncio.gather(
        answers(db, book, "reached", at=DUE), acts.advance(db, book, run, DUE), return_exceptions=True
    )
    now = await the_task(db)
    assert isinstance(said, Conflict) == (now.status == "cancelled")


async def test_a_task_that_was_taken_back_says_so(db: Db, book: Book) -> None:
    _, run, _ = await asked(db, book)
    await acts.advance(db, book, run, DUE)
    with pytest.raises(Conflict, match="The task was taken back on 05 March 2026, 15:00 UTC"):
        await answers(db, book, "reached", at=DUE + HOUR)


async def test_an_answer_nobody_asked_for_or_by_nobody_is_refused(db: Db, book: Book) -> None:
    await asked(db, book)
    with pytest.raises(BadInput, match=r"Answer (lost or reached|reached or lost)\."):
        await answers(db, book, "maybe")
    with pytest.raises(NotFound, match="owner nobody-here"):
        await answers(db, book, "reached", by="nobody-here")
    assert (await the_task(db)).status == "open"


BESIDE = (
    "steps:\n  - {do: task, id: call, to: marcus-oyelaran, words: Call about the audit, within: 2d, blocks: false}\n"
)


async def test_what_a_run_asked_for_without_waiting_outlives_its_end(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, BESIDE)
    _, run = await enters(db, book)
    assert (await acts.advance(db, book, run)).kind == "done"
    assert (await the_task(db)).status == "open"
    assert (await answers(db, book, "done", at=TUESDAY + 9 * DAY)).outcome == "done"


async def test_a_lead_who_leaves_takes_every_task_of_the_run_along(db: Db, book: Book) -> None:
    book = await publish(
        db, BESIDE + "  - {do: wait, id: rest, for: 30d}\n",
        head="exit: [{events: [unsubscribed], outcome: asked us to stop}]\n",
    )  # fmt: skip
    lead_id, run = await enters(db, book)
    await acts.advance(db, book, run)
    await acts.happens(db, book, lead_id, world.happened("unsubscribed", TUESDAY + DAY))
    assert (await the_task(db)).status == "cancelled"


async def test_the_list_knows_whose_and_which(db: Db, book: Book) -> None:
    lead_id, _, task = await asked(db, book)
    async with db.read() as tx:
        assert await tasks.every(tx, owner="marcus-oyelaran") == (task,)
        assert await tasks.every(tx, owner="jonas-brandt") == ()
        assert await tasks.every(tx, lead_id=lead_id) == (task,)
    await answers(db, book, "reached")
    async with db.read() as tx:
        assert await tasks.every(tx) == ()
        assert len(await tasks.every(tx, ended_too=True)) == 1
