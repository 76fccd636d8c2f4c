"""Does everybody who looks in a group get their own answer, or their own error?"""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from activities.answers import Look, Looked
from activities.together import Together
from leadloom.domain.errors import NotFound
from leadloom.domain.model import EnrolmentId
from leadloom.store import standing
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.store import acts
from tests.store.acts import TUESDAY

NOBODY = EnrolmentId(UUID(int=7))


def look(run: EnrolmentId) -> Look:
    return Look(about=str(run), at=TUESDAY)


async def test_many_looks_at_once_are_answered_each_and_a_run_nobody_knows_fails_alone(
    db: Db, dsn: str, book: Book
) -> None:
    runs = [(await acts.in_journey(db, book, name))[1] for name in ("ana.torres", "ben.ruiz", "cara.moss")]
    together = Together(db)
    asked = [*runs, NOBODY, *runs]
    answers = await asyncio.gather(*(together.advance(run, look(run)) for run in asked), return_exceptions=True)
    assert isinstance(answers[3], NotFound)
    said = [answer for answer in answers if isinstance(answer, Looked)]
    assert len(said) == 6
    assert said[:3] == said[3:]
    assert len(await acts.rows(dsn, "SELECT FROM message")) == 3


async def test_who_waits_for_a_lead_that_somebody_holds_keeps_nobody_waiting(db: Db, book: Book) -> None:
    ana, held = await acts.in_journey(db, book, "ana.torres")
    free = [(await acts.in_journey(db, book, name))[1] for name in ("ben.ruiz", "cara.moss")]
    together = Together(db)
    async with db.transaction() as tx:
        await standing.lock(tx, [ana])
        waiting = asyncio.create_task(together.advance(held, look(held)))
        async with asyncio.timeout(20):
            answers = await asyncio.gather(*(together.advance(run, look(run)) for run in free))
        assert [answer.kind for answer in answers] == ["wait", "wait"]
        assert not waiting.done()
    assert (await waiting).kind == "wait"


async def test_a_caller_that_gave_up_takes_nobody_with_it(db: Db, book: Book) -> None:
    runs = [(await acts.in_journey(db, book, name))[1] for name in ("ana.torres", "ben.ruiz")]
    together = Together(db)
    gives_up, stays = (asyncio.create_task(together.advance(run, look(run))) for run in runs)
    await asyncio.sleep(0)
    gives_up.cancel()
    assert (await stays).kind == "wait"
    with pytest.raises(asyncio.CancelledError):
        await gives_up
