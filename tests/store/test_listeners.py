"""Does a run that asks about fields and tags hear that one changed, whoever changed it?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.store import account_news, enrolments, leads
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


async def at_alder(db: Db, book: Book, name: str, kind: str = "careers_page") -> LeadId:
    """Somebody at the company alder, who has just come into the journey that listens."""
    email = f"{name}@alder.example"
    person = world.draft(name, world.happened(kind, TUESDAY), email=email, company="Alder", sites=1)
    return await acts.capture(db, book, person)


async def news(db: Db, *, limit: int = 2) -> list[set[str]]:
    """Whom each page of the sweep wakes, until nothing is left to tell."""
    woken: list[set[str]] = []
    while True:
        async with db.read() as tx:
            found = await account_news.oldest(tx)
        if found is None:
            return woken
        async with db.transaction() as tx:
            last = await account_news.page(tx, found, limit=limit)
            woken.append({wake.input for wake in tx.wakes()})
        async with db.transaction() as tx:
            await account_news.came_to(tx, found, last)


ASKS_SITES = LISTENS.replace("{any: [{field: plan, is: annual}, {tag: [vip]}]}", "{field: sites, at_least: 3}")


async def colleagues(db: Db, book: Book, *names: str) -> tuple[Book, set[str]]:
    """People of one company whose runs wait until it has three sites; the ids of the runs."""
    book = await publish(db, ASKS_SITES + WAIT, name="listens", door="careers_page")
    runs = set[str]()
    for name in names:
        lead_id = await at_alder(db, book, name)
        async with db.read() as tx:
            [run] = await enrolments.of_lead(tx, lead_id)
        assert (await acts.advance(db, book, run.enrolment_id)).kind == "wait"
        runs.add(str(run.enrolment_id))
    return book, runs


async def test_what_a_colleague_tells_of_their_company_wakes_everybody_who_asks_a_page_at_a_time(
    db: Db, dsn: str, book: Book
) -> None:
    book, listening = await colleagues(db, book, "ana", "ben", "cai", "dora", "eli")
    await acts.rows(dsn, "DELETE FROM account_news")
    await captured(db, book, world.draft("fay", email="fay@alder.example", company="Alder", sites=5))
    pages = await news(db)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert set().union(*pages) == listening
    for run in listening:
        looked = await acts.advance(db, book, EnrolmentId(UUID(run)), LATER)
        assert looked.until == LATER + timedelta(days=30)


async def test_a_company_told_of_again_amid_its_pages_is_looked_at_from_the_first_one(
    db: Db, dsn: str, book: Book
) -> None:
    book, listening = await colleagues(db, book, "ana", "ben", "cai")
    await acts.rows(dsn, "DELETE FROM account_news")
    await captured(db, book, world.draft("fay", email="fay@alder.example", company="Alder", sites=2))
    async with db.read() as tx:
        found = await account_news.oldest(tx)
    assert found is not None
    async with db.transaction() as tx:
        last = await account_news.page(tx, found, limit=2)
    await captured(db, book, world.draft("fay", email="fay@alder.example", company="Alder", sites=5))
    async with db.transaction() as tx:
        await account_news.came_to(tx, found, last)
    assert set().union(*await news(db)) == listening


ASKS_COMPANY = LISTENS.replace("{any: [{field: plan, is: annual}, {tag: [vip]}]}", "{company: [1, 2]}")


async def test_a_colleague_s_points_wake_who_waits_for_the_company_and_together_they_are_enough(
    db: Db, dsn: str, book: Book
) -> None:
    book = await publish(db, ASKS_COMPANY + WAIT, name="listens", door="careers_page")
    ana = await at_alder(db, book, "ana")
    async with db.read() as tx:
        [run] = await enrolments.of_lead(tx, ana)
    waits = await acts.advance(db, book, run.enrolment_id)
    assert waits.until == TUESDAY + timedelta(days=1), "it looks once a day besides"
    await acts.rows(dsn, "DELETE FROM account_news")

    await at_alder(db, book, "ben", "webinar_attended")
    await at_alder(db, book, "cai", "reply")
    assert await news(db) == [{str(run.enrolment_id)}]
    assert (await acts.advance(db, book, run.enrolment_id, LATER)).until == LATER + timedelta(days=30)
    seen = await acts.rows(dsn, "SELECT why ->> 'company' FROM step_log WHERE enrolment_id = $1", run.enrolment_id)
    assert "2" in {row[0] for row in seen}


async def test_points_are_no_news_where_no_open_run_of_the_company_asks_for_it(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, ASKS_COMPANY + WAIT, name="listens", door="careers_page")
    await at_alder(db, book, "ben", "webinar_attended")
    await acts.rows(dsn, "DELETE FROM account_news")
    await at_alder(db, book, "cai", "webinar_attended")
    assert await acts.rows(dsn, "SELECT FROM account_news") == []


async def test_a_door_that_asks_for_the_company_counts_the_colleagues(db: Db, book: Book) -> None:
    """One who asks for the guide comes in only where the company is warm without them, too."""
    more = ", when: {covers_at_least: 2}"
    book = await publish(db, LISTENS + WAIT, name="circle", door="guide_requested", more=more)
    await at_alder(db, book, "ben", "webinar_attended")
    async with db.transaction() as tx:
        drafts = [
            world.draft(name, world.happened(kind, TUESDAY), email=f"{name}@alder.example", company="Alder", role=role)
            for name, kind, role in (
                ("early", "guide_requested", "logistics"), ("cai", "calculator_finished", "it"),
                ("late", "guide_requested", "logistics"),
            )
        ]  # fmt: skip
        ids = [(await leads.capture(tx, each, book=book, at=TUESDAY, actor="lead")).lead_id for each in drafts]
        entered = [[run.journey for run in await enrolments.of_lead(tx, lead_id)] for lead_id in ids]
    assert [("circle" in journeys) for journeys in entered] == [False, False, True]


async def test_what_was_known_of_a_company_already_is_no_news(db: Db, dsn: str, book: Book) -> None:
    book, _ = await colleagues(db, book, "ana")
    await captured(db, book, world.draft("fay", email="fay@alder.example", company="Alder", sites=5))
    await news(db)
    await captured(db, book, world.draft("gil", email="gil@alder.example", company="Alder", sites=5))
    assert await acts.rows(dsn, "SELECT FROM account_news") == []


CADENCE = """exit:
  - {events: [reply], of: company, outcome: they answered}
"""


async def cadence_of(db: Db, book: Book, name: str) -> EnrolmentId:
    """Somebody of the company, in the cadence and waiting."""
    lead_id = await at_alder(db, book, name)
    async with db.read() as tx:
        [run] = await enrolments.of_lead(tx, lead_id)
    assert (await acts.advance(db, book, run.enrolment_id)).kind == "wait"
    return run.enrolment_id


async def test_a_colleague_who_answers_stops_the_cadences_of_the_whole_company(db: Db, book: Book) -> None:
    book = await publish(db, "steps:\n" + WAIT, name="cadence", door="careers_page", head=CADENCE)
    runs = {str(await cadence_of(db, book, name)) for name in ("ana", "ben")}
    async with db.transaction() as tx:
        carla = world.draft("carla", world.happened("reply", LATER), email="carla@alder.example", company="Alder")
        await leads.capture(tx, carla, book=book, at=LATER, actor="lead")
        assert runs <= {wake.input for wake in tx.wakes()}
    for run in sorted(runs):
        looked = await acts.advance(db, book, EnrolmentId(UUID(run)), LATER)
        assert (looked.kind, looked.waiting_for) == ("done", "they answered")
