"""Is the ledger's one writer the only one, and does telling the past to other rules write what was foretold?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.stages.rescoring import RescoreCounts, what_if
from leadloom.runtime import scores
from leadloom.store import published, rescoring
from leadloom.store.db import Db
from leadloom.store.names import SQL_FOLDER
from leadloom.store.published import Book
from tests import world
from tests.repository import ROOT
from tests.store import acts
from tests.world import MONDAY, happened

DAY = timedelta(days=1)
LATER = MONDAY + 3 * DAY


def test_one_statement_in_the_tree_writes_scores_and_nothing_changes_them() -> None:
    files = [*SQL_FOLDER.glob("*.sql"), *(ROOT / "leadloom").rglob("*.py"), *(ROOT / "activities").rglob("*.py")]
    writers = [
        (path.name, " ".join(verb.upper().split()))
        for path in files
        for verb in _WRITES.findall(path.read_text(encoding="utf-8"))
    ]

    assert [writer for writer in writers if writer[0] not in _PEOPLE] == [("event.sql", "INSERT INTO")]
    assert {verb for name, verb in writers if name in _PEOPLE} <= {"DELETE FROM", "UPDATE"}


_WRITES = re.compile(r"(?i)\b(insert\s+into|update|delete\s+from)\s+score_entry\b")
_PEOPLE = {"erasure.sql", "merge.sql", "merging.sql", "parting.sql", "person.sql"}
"""Whoever is forgotten takes their rows along, and of two leads that were one person the rows become one ledger."""


def other(definition: Definition) -> Definition:
    """Articles are worth twice as much, the calculator half."""
    events = {**definition.events}
    events["article_read"] = events["article_read"].model_copy(update={"points": 10.0})
    events["calculator_finished"] = events["calculator_finished"].model_copy(update={"points": 10.0})
    return definition.model_copy(update={"events": events})


async def test_history_is_rescored_as_foretold_once_and_as_rows_of_its_own(db: Db, book: Book, dsn: str) -> None:
    ana = await acts.capture(
        db, book, world.draft("ana.torres", happened("article_read"), happened("webinar_attended")), MONDAY
    )
    ben = await acts.capture(db, book, world.draft("ben.ito", happened("calculator_finished")), MONDAY)
    draft = other(book.definition)
    async with db.read() as tx:
        lives = {life.lead.lead_id: life for life in await rescoring.page(tx)}
        foretold = {lead_id: what_if(book.definition, draft, lives[lead_id], at=LATER) for lead_id in (ana, ben)}
    before = await acts.rows(dsn, "SELECT * FROM score_entry ORDER BY lead_id, event_no, part")

    async with db.transaction() as tx:
        await published.publish_definition(tx, draft, at=LATER, by="samira-haddad")
        book = await published.book(tx)
        found = await rescoring.rescore(tx, [ana, ben], book=book, at=LATER, by="samira-haddad")
        again = await rescoring.rescore(tx, [ana, ben], book=book, at=LATER, by="samira-haddad")

    assert {one.lead_id: one.after.engagement for one in found} == {
        lead_id: pytest.approx(one.after.engagement, abs=1e-6) for lead_id, one in foretold.items()
    }
    assert {one.lead_id: one.before.engagement for one in found} == {
        lead_id: pytest.approx(one.before.engagement) for lead_id, one in foretold.items()
    }
    assert [one.after for one in again] == [one.after for one in found]
    assert RescoreCounts().and_also(found).changed == 2
    after = await acts.rows(dsn, "SELECT * FROM score_entry ORDER BY lead_id, event_no, part")
    assert [row for row in after if row["kind"] != "rescored"] == before
    assert {row["definition_version"] for row in after if row["kind"] == "rescored"} == {book.definition_version}

    async with db.read() as tx:
        then = await scores.of_lead(tx, ben, book=book, at=LATER + DAY, as_of=LATER - DAY)
        now = await scores.of_lead(tx, ben, book=book, at=LATER + DAY)
    assert (then.explanation.definition_version, now.explanation.definition_version) == (1, 2)
    assert then.explanation.score.engagement == pytest.approx(20 * 2 ** (-2 / 30)), "the past is as it was known"
    assert now.explanation.score.engagement == pytest.approx(10 * 2 ** (-4 / 30))


async def test_a_reset_is_an_entry_and_the_story_says_why(db: Db, book: Book, dsn: str) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres", happened("webinar_attended")), MONDAY)

    for _ in range(2):  # the second finds nothing left to take
        async with db.transaction() as tx:
            await rescoring.reset(tx, ana, why="it was their intern", book=book, at=LATER, by="greta-lindqvist")
    async with db.read() as tx:
        told = (await scores.of_lead(tx, ana, book=book, at=LATER)).explanation

    assert told.score.engagement == pytest.approx(0, abs=1e-9)
    assert told.reasons == ()
    rows = await acts.rows(dsn, "SELECT kind, points FROM score_entry WHERE lead_id = $1 ORDER BY event_no", ana)
    assert [row["kind"] for row in rows] == ["webinar_attended", "score_reset"]
    (said,) = await acts.rows(dsn, "SELECT actor, data FROM event WHERE kind = 'cooled' AND lead_id = $1", ana)
    assert said["actor"] == "system", "what fell below the threshold by a reset cooled, and says so"
