"""Does every run under way get exactly one fate, once, whoever is killed in between, and no mail twice?"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.versions import Choice
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.store import publication_steps, publications, published
from leadloom.store.db import Db
from leadloom.store.publications import Balance, Publication
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

MIGRATE = Choice(runs="migrate")
LATER = TUESDAY + timedelta(days=1)
THURSDAY = TUESDAY + timedelta(days=2)


def edited(*changes: tuple[str, str]) -> Journey:
    """The small journey with these words replaced."""
    text = world.SMALL_JOURNEY
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return Journey.model_validate(DraftText("small.yaml", text).data)


SHORTER = edited(("id: pause, for: 3d", "id: pause, for: 1d"))
GONE = edited(("  - {do: wait, id: pause, for: 3d}\n", ""))


async def waiting(db: Db, book: Book, *names: str) -> list[tuple[LeadId, EnrolmentId]]:
    """Leads that asked for the guide and wait for their second mail."""
    found = [await acts.in_journey(db, book, name) for name in names]
    for _, run in found:
        await acts.advance(db, book, run)
    return found


async def guide_goes(dsn: str) -> None:
    """The mails that were planned went in their slots."""
    await acts.rows(dsn, "UPDATE message SET status = 'sent', sent_at = slot_at")


async def publish(db: Db, draft: Journey, choice: Choice = MIGRATE, *, at: datetime = THURSDAY) -> Publication | None:
    async with db.transaction() as tx:
        return await publications.publish(tx, draft, choice, at=at, by="priya-nair")


async def moved(db: Db, publication: Publication | None, *, at: datetime = THURSDAY, limit: int = 100) -> Balance:
    """All runs have had their turn."""
    assert publication is not None
    while True:
        async with db.transaction() as tx:
            if not await publication_steps.move_page(tx, publication.publication_id, at=at, limit=limit):
                return await publications.balance(tx, publication)


async def versions_of_runs(dsn: str) -> Counter[tuple[str, str]]:
    rows = await acts.rows(
        dsn,
        "SELECT e.status, max(p.version)::text AS version FROM enrolment e"
        " JOIN published p ON p.hash = e.journey_hash GROUP BY e.enrolment_id, e.status",
    )
    return Counter((row["status"], row["version"]) for row in rows)


async def test_runs_under_way_keep_their_version_unless_the_publication_says_otherwise(
    db: Db, dsn: str, book: Book
) -> None:
    await waiting(db, book, "ana.torres", "ben.ito")
    found = await publish(db, SHORTER, publications.FINISH)
    balance = await moved(db, found)
    assert (balance.active_before, balance.finishing, balance.closes) == (2, 2, True)
    assert await versions_of_runs(dsn) == {("active", "1"): 2}


async def test_a_shorter_wait_releases_who_waited_enough_and_no_mail_is_asked_for_twice(
    db: Db, dsn: str, book: Book
) -> None:
    [(_, run)] = await waiting(db, book, "ana.torres")
    await guide_goes(dsn)
    balance = await moved(db, await publish(db, SHORTER))
    assert (balance.migrated, balance.closes) == (1, True)
    assert (await acts.rows(dsn, "SELECT waits_until FROM enrolment"))[0]["waits_until"] == THURSDAY
    await acts.advance(db, book, run, THURSDAY)
    mails = await acts.rows(dsn, "SELECT step, visit FROM message ORDER BY asked_at")
    assert [(row["step"], row["visit"]) for row in mails] == [("guide", 1), ("dock", 1)]


async def test_a_moved_run_says_in_its_log_which_version_it_goes_on_with(db: Db, dsn: str, book: Book) -> None:
    await waiting(db, book, "ana.torres")
    await moved(db, await publish(db, GONE))
    [*_, last] = await acts.rows(dsn, "SELECT did, why FROM step_log ORDER BY no")
    assert last["did"] == "goes on with version 2, at dock"
    assert "published by" in last["why"]


async def test_a_publication_that_ends_runs_takes_their_unclaimed_mail_back(db: Db, dsn: str, book: Book) -> None:
    await waiting(db, book, "ana.torres")
    choice = Choice(runs="exit", outcome="the guide is out of print")
    balance = await moved(db, await publish(db, SHORTER, choice))
    assert (balance.exited, balance.closes) == (1, True)
    [run] = await acts.rows(dsn, "SELECT status, outcome FROM enrolment")
    [mail] = await acts.rows(dsn, "SELECT status, reason FROM message")
    assert (run["status"], run["outcome"]) == ("exited", choice.outcome)
    assert (mail["status"], mail["reason"]) == ("cancelled", choice.outcome)


async def test_mail_on_its_way_of_a_step_that_is_gone_does_not_go(db: Db, dsn: str, book: Book) -> None:
    await waiting(db, book, "ana.torres")
    await moved(db, await publish(db, edited(("  - {do: send, id: guide, mail: guide, class: service}\n", ""))))
    [mail] = await acts.rows(dsn, "SELECT status, reason FROM message")
    assert (mail["status"], mail["reason"]) == ("cancelled", "its step isn't in version 2")


async def test_each_step_may_have_a_fate_of_its_own_and_the_sum_closes(db: Db, dsn: str, book: Book) -> None:
    [_, (_, further)] = await waiting(db, book, "ana.torres", "ben.ito")
    await guide_goes(dsn)
    await acts.in_journey(db, book, "cara.moss")
    await acts.advance(db, book, further, TUESDAY + timedelta(days=4))
    choice = Choice(runs="migrate", at={"heard": "exit", "guide": "finish"})
    balance = await moved(db, await publish(db, SHORTER, choice, at=TUESDAY + timedelta(days=4)))
    assert (balance.active_before, balance.migrated, balance.finishing, balance.exited) == (3, 1, 1, 1)
    assert balance.closes


async def test_a_run_that_ends_by_itself_before_its_turn_counts_as_finishing(db: Db, book: Book) -> None:
    [(lead_id, _)] = await waiting(db, book, "ana.torres")
    found = await publish(db, SHORTER)
    await acts.happens(db, book, lead_id, world.happened("unsubscribed", THURSDAY))
    balance = await moved(db, found)
    assert (balance.migrated, balance.finishing, balance.had_ended, balance.closes) == (0, 1, 1, True)


async def test_a_run_that_went_on_before_its_turn_is_judged_where_it_stands_then(db: Db, dsn: str, book: Book) -> None:
    [(_, run)] = await waiting(db, book, "ana.torres")
    await guide_goes(dsn)
    found = await publish(db, GONE)
    await acts.advance(db, book, run, TUESDAY + timedelta(days=3))
    balance = await moved(db, found, at=TUESDAY + timedelta(days=3))
    [row] = await acts.rows(dsn, "SELECT step_before, step_after FROM publication_run")
    assert (row["step_before"], row["step_after"], balance.closes) == ("pause", "heard", True)


async def test_who_is_killed_between_two_pages_is_gone_on_for_from_the_cursor(db: Db, dsn: str, book: Book) -> None:
    await waiting(db, book, "ana.torres", "ben.ito", "cara.moss")
    found = await publish(db, SHORTER)
    assert found is not None
    async with db.transaction() as tx:
        assert await publication_steps.move_page(tx, found.publication_id, at=THURSDAY, limit=2) == 2
    with pytest.raises(RuntimeError):
        async with db.transaction() as tx:
            await publication_steps.move_page(tx, found.publication_id, at=THURSDAY, limit=2)
            raise RuntimeError("killed before the commit")
    async with db.read() as tx:
        assert await publications.under_way(tx) == (found.publication_id,)
        assert (await publications.balance(tx, found)).undecided == 1
    balance = await moved(db, found, limit=2)
    assert (balance.migrated, balance.undecided, balance.closes) == (3, 0, True)
    logged = await acts.rows(dsn, "SELECT FROM step_log WHERE did LIKE 'goes on with version%'")
    assert len(logged) == 3


async def test_a_run_that_began_on_the_old_version_in_that_very_moment_gets_its_turn(
    db: Db, dsn: str, book: Book
) -> None:
    await waiting(db, book, "ana.torres")
    found = await publish(db, SHORTER)
    await acts.in_journey(db, book, "ben.ito", THURSDAY)  # by the book of before
    balance = await moved(db, found)
    assert (balance.active_before, balance.came_late, balance.migrated, balance.strangers) == (1, 1, 2, 0)
    assert balance.closes
    assert await versions_of_runs(dsn) == {("active", "2"): 2}


async def test_a_plan_that_does_not_close_publishes_nothing(db: Db, dsn: str, book: Book) -> None:
    await waiting(db, book, "ana.torres")
    await acts.rows(dsn, "UPDATE enrolment SET progress = jsonb_set(progress, '{step}', '\"nowhere\"')")
    with pytest.raises(Conflict, match="nowhere"):
        await publish(db, SHORTER)
    assert len(await acts.rows(dsn, "SELECT FROM published WHERE name = 'small'")) == 1
    assert await acts.rows(dsn, "SELECT FROM publication") == []


async def test_a_step_nobody_knows_is_a_slip_of_the_pen_and_refused(db: Db, book: Book) -> None:
    await waiting(db, book, "ana.torres")
    for choice in (Choice(runs="migrate", moves={"pasue": "dock"}), Choice(runs="migrate", at={"pasue": "exit"})):
        with pytest.raises(BadInput, match="pasue"):
            await publish(db, SHORTER, choice)


async def test_the_version_in_force_again_is_nothing_unless_older_runs_are_to_be_moved(db: Db, book: Book) -> None:
    await waiting(db, book, "ana.torres")
    await publish(db, SHORTER, publications.FINISH)
    assert await publish(db, SHORTER, publications.FINISH) is None
    balance = await moved(db, await publish(db, SHORTER, MIGRATE))
    assert (balance.active_before, balance.migrated, balance.closes) == (1, 1, True)


async def test_while_runs_are_being_moved_the_same_words_go_on_and_others_wait(db: Db, book: Book) -> None:
    await waiting(db, book, "ana.torres")
    first = await publish(db, SHORTER)
    assert await publish(db, SHORTER) == first
    with pytest.raises(Conflict, match="still moving"):
        await publish(db, GONE)


async def test_a_run_that_waits_for_the_same_as_before_is_moved_and_not_woken(db: Db, dsn: str, book: Book) -> None:
    await waiting(db, book, "ana.torres")
    found = await publish(db, edited(("within: 5d", "within: 9d")))
    assert found is not None
    async with db.transaction() as tx:
        await publication_steps.move_page(tx, found.publication_id, at=THURSDAY)
        assert tx.wakes() == ()
    assert await versions_of_runs(dsn) == {("active", "2"): 1}
    [row] = await acts.rows(dsn, "SELECT waits_until FROM enrolment")
    assert row["waits_until"] == TUESDAY + timedelta(days=3)


async def test_a_blocked_run_tries_again_with_the_new_version(db: Db, dsn: str, book: Book) -> None:
    await waiting(db, book, "ana.torres")
    await acts.rows(dsn, "UPDATE enrolment SET blocked_at = now(), error = 'KeyError'")
    await moved(db, await publish(db, edited(("within: 5d", "within: 9d"))))
    [row] = await acts.rows(dsn, "SELECT blocked_at, waits_until FROM enrolment")
    assert (row["blocked_at"], row["waits_until"]) == (None, THURSDAY)


async def test_new_runs_take_the_new_version_at_once(db: Db, dsn: str, book: Book) -> None:
    await publish(db, SHORTER)
    async with db.read() as tx:
        book = await published.book(tx)
    await acts.in_journey(db, book, "ana.torres")
    assert await versions_of_runs(dsn) == {("active", "2"): 1}
