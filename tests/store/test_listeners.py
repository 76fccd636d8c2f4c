"""Does a run that asks about fields and tags hear that one changed, whoever changed it?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import EnrolmentId
from leadloom.store import enrolments, leads
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_effects import WAIT, enters, publish

LISTENS = """steps:
  - do: wait_for
    id: heard
    when: {any: [{field: plan, is: annual}, {tag: [vip]}]}
    within: 9d
    then: rest
    otherwise: end
"""
LATER = TUESDAY + timedelta(hours=1)


@pytest.fixture
async def waiting(db: Db, book: Book) -> tuple[Book, EnrolmentId]:
    """A run of Ana's that waits for her plan, or for a tag."""
    book = await publish(db, LISTENS + WAIT, name="listens", door="careers_page")
    _, run = await enters(db, book, "careers_page")
    assert (await acts.advance(db, book, run)).kind == "wait"
    return book, run


async def captured(db: Db, book: Book, draft: LeadDraft) -> set[str]:
    """Whom the draft wakes."""
    async with db.transaction() as tx:
        await leads.capture(tx, draft, book=book, at=LATER, actor="lead")
        return {wake.input for wake in tx.wakes()}


@pytest.mark.parametrize(
    "step", ["{do: set, id: s, field: plan, value: annual}", "{do: tag, id: s, tag: vip}"], ids=["field", "tag"]
)
async def test_what_one_journey_notes_wakes_another_that_asks(
    db: Db, waiting: tuple[Book, EnrolmentId], step: str
) -> None:
    _, listening = waiting
    book = await publish(db, f"steps:\n  - {step}\n" + WAIT)
    lead_id = await acts.capture(db, book, world.draft("ana.torres", world.happened("price_page", TUESDAY)))
    async with db.read() as tx:
        [noting] = [run.enrolment_id for run in await enrolments.of_lead(tx, lead_id) if run.journey == "other"]
    async with db.transaction() as tx:
        await enrolments.advance(tx, noting, book=book, at=LATER)
        assert {wake.input for wake in tx.wakes()} == {str(listening)}
    assert (await acts.advance(db, book, listening, LATER)).until == LATER + timedelta(days=30)


async def test_a_fact_that_comes_in_without_an_event_wakes_who_asks(db: Db, waiting: tuple[Book, EnrolmentId]) -> None:
    book, listening = waiting
    assert str(listening) in await captured(db, book, world.draft(attributes={"plan": "annual"}))
    assert (await acts.advance(db, book, listening, LATER)).until == LATER + timedelta(days=30)


async def test_the_same_facts_again_wake_nobody(db: Db, waiting: tuple[Book, EnrolmentId]) -> None:
    book, _ = waiting
    assert await captured(db, book, world.draft()) == set()
