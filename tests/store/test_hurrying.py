"""Ending a wait by hand and taking one planned mail back: once, noted, and the run goes on behind it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.model import EnrolmentId, LeadId, MessageId
from leadloom.store import audit, hurrying, published, recorded
from leadloom.store.db import Db
from leadloom.store.hurrying import Wish
from leadloom.store.published import Book
from leadloom.store.tx import new_id
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_effects import enters, publish

WISH = Wish(by="samira-haddad", via="page", why="they asked for it")
STEPS = """steps:
  - {do: wait, id: first, for: 5d}
  - {do: send, id: letter, mail: letter, worth: 20d}
  - {do: wait, id: second, for: 5d}
  - {do: tag, id: last, tag: seen}
"""
LATER = TUESDAY + timedelta(hours=1)


@pytest.fixture
async def waiting(db: Db, book: Book) -> tuple[Book, LeadId, EnrolmentId]:
    """A run in its first wait."""
    async with db.transaction() as tx:
        letter = world.template("letter")
        await published.publish_template(tx, "other", "letter", letter, at=world.MONDAY, by="priya-nair")
    book = await publish(db, STEPS)
    lead_id, run = await enters(db, book)
    await acts.advance(db, book, run)
    return book, lead_id, run


async def hurry(db: Db, book: Book, run: EnrolmentId, wish: Wish = WISH) -> str:
    async with db.transaction() as tx:
        came_to = await hurrying.hurry(tx, run, wish, book=book, at=LATER)
        assert str(run) in {wake.input for wake in tx.wakes()}
        return came_to


async def the_mail(dsn: str) -> tuple[MessageId, str, str | None]:
    [row] = await acts.rows(dsn, "SELECT message_id, status, reason FROM message WHERE owner_id IS NULL")
    return MessageId(row["message_id"]), row["status"], row["reason"]


async def test_a_run_goes_on_at_once_and_the_log_and_the_audit_say_who(
    db: Db, dsn: str, waiting: tuple[Book, LeadId, EnrolmentId]
) -> None:
    book, _, run = waiting
    assert await hurry(db, book, run) == "letter"
    await acts.advance(db, book, run, LATER)
    assert (await the_mail(dsn))[1] == "reserved"
    async with db.read() as tx:
        [note] = [one for one in await audit.notes(tx, f"run {run}") if one.action == "let a run go on"]
    assert (note.actor, note.why, note.after) == (
        "samira-haddad",
        "they asked for it",
        {"step": "letter", "via": "page"},
    )


async def test_pressed_twice_it_goes_one_step_on(db: Db, waiting: tuple[Book, LeadId, EnrolmentId]) -> None:
    book, _, run = waiting
    seen = WISH.but(seen="5 days after arriving here")
    await hurry(db, book, run, seen)
    with pytest.raises(Conflict, match="It has gone on meanwhile"):
        await hurry(db, book, run, seen)


async def test_a_run_that_has_ended_is_left_alone(db: Db, dsn: str, waiting: tuple[Book, LeadId, EnrolmentId]) -> None:
    book, _, run = waiting
    done = "UPDATE enrolment SET status = 'exited', outcome = 'left', ended_at = now(), waits_until = NULL"
    await acts.rows(dsn, done)
    with pytest.raises(Conflict, match=r"has ended \(left\)"):
        await hurry(db, book, run)


async def test_what_was_hurried_is_read_back_as_it_was(db: Db, waiting: tuple[Book, LeadId, EnrolmentId]) -> None:
    book, _, run = waiting
    await hurry(db, book, run)
    await acts.advance(db, book, run, LATER)
    async with db.transaction() as tx:
        told = await recorded.recorded(tx, run, book=book)
    assert told.begins.step == "letter"
    assert next(one.step for look in told.looks for one in look.decided) == "letter"


async def test_a_skipped_mail_never_goes_and_the_run_goes_on_behind_it(
    db: Db, dsn: str, waiting: tuple[Book, LeadId, EnrolmentId]
) -> None:
    book, _, run = waiting
    await hurry(db, book, run)
    await acts.advance(db, book, run, LATER)
    message_id, _, _ = await the_mail(dsn)
    for _ in range(2):
        async with db.transaction() as tx:
            await hurrying.skip_mail(tx, message_id, WISH, book=book, at=LATER)
            assert str(run) in {wake.input for wake in tx.wakes()}
    assert (await the_mail(dsn))[1:] == ("cancelled", "skipped by samira-haddad: they asked for it")
    looked = await acts.advance(db, book, run, LATER + timedelta(days=6))
    assert looked.kind == "done"


async def test_a_mail_that_has_gone_or_is_to_one_of_ours_is_not_skipped(
    db: Db, dsn: str, waiting: tuple[Book, LeadId, EnrolmentId]
) -> None:
    book, _, run = waiting
    await hurry(db, book, run)
    await acts.advance(db, book, run, LATER)
    await acts.rows(dsn, "UPDATE message SET status = 'sent', sent_at = now()")
    message_id, _, _ = await the_mail(dsn)
    with pytest.raises(Conflict, match="This mail is sent"):
        async with db.transaction() as tx:
            await hurrying.skip_mail(tx, message_id, WISH, book=book, at=LATER)
    with pytest.raises(NotFound):
        async with db.transaction() as tx:
            await hurrying.skip_mail(tx, MessageId(new_id()), WISH, book=book, at=LATER)
