"""Is what was found out by asking kept with who, when and how we know, and is it evidence of the SQL gate?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import LeadId
from leadloom.domain.stages.checklist import Answered, State
from leadloom.store import checklists, events
from leadloom.store.checklists import Qualification
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.world import MONDAY, happened

HOUR = timedelta(hours=1)


async def say(
    db: Db, book: Book, lead_id: LeadId, item: str, state: State = "yes", evidence: str = "She said so on the phone"
) -> Qualification:
    checklist, _, what = item.partition("/")
    said = Answered(checklist=checklist, item=what, state=state, evidence=evidence, by="marcus-oyelaran", via="cli")
    async with db.transaction() as tx:
        return await checklists.answer(tx, lead_id, said, book=book, at=MONDAY + HOUR)


async def test_answers_are_a_log_the_last_counts_and_one_can_be_taken_back(db: Db, book: Book, dsn: str) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres"), MONDAY)

    await say(db, book, ana, "bant/need")
    await say(db, book, ana, "bant/need")  # pressed twice
    told = await say(db, book, ana, "bant/need", "no", "")
    need = next(one for one in told.items if (one.checklist, one.item) == ("bant", "need"))
    assert (need.state, need.no, need.by, len(told.answers)) == ("no", 2, "marcus-oyelaran", 2)

    async with db.transaction() as tx:
        undone = await checklists.take_back(tx, ana, 2, by="greta-lindqvist", via="cli", book=book, at=MONDAY + HOUR)
    need = next(one for one in undone.items if (one.checklist, one.item) == ("bant", "need"))
    assert (need.state, need.evidence, need.by) == ("yes", "She said so on the phone", "greta-lindqvist")
    assert [(one.no, one.state, one.undoes) for one in undone.answers] == [
        (1, "yes", None),
        (2, "no", None),
        (3, "yes", 2),
    ]
    for no in (1, 2, 3, 9):
        with pytest.raises(Conflict):
            async with db.transaction() as tx:
                await checklists.take_back(tx, ana, no, by="greta-lindqvist", via="cli", book=book, at=MONDAY + HOUR)
    said = await acts.rows(dsn, "SELECT data FROM event WHERE kind = 'qualification_answered' ORDER BY no")
    assert "phone" not in str([row["data"] for row in said]), "in whose words stays in its own table"


@pytest.mark.parametrize(
    ("item", "evidence", "field"),
    [("bant/luck", "x", "item"), ("feeling/need", "x", "checklist"), ("bant/need", " ", "evidence")],
)
async def test_what_cannot_be_kept_is_refused_with_field_and_remedy(
    db: Db, book: Book, item: str, evidence: str, field: str
) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres"), MONDAY)

    with pytest.raises(BadInput) as refused:
        await say(db, book, ana, item, "yes", evidence)

    assert refused.value.field == field
    assert refused.value.remedy


async def test_whatever_list_was_asked_the_sql_gate_hears_and_the_stage_log_keeps_it(db: Db, book: Book) -> None:
    talk = happened("demo_requested")
    ana = await acts.capture(db, book, world.draft("ana.torres", talk), MONDAY)
    taken = happened("hand_off_accepted", MONDAY + HOUR, actor="marcus-oyelaran", data={"kind": "hand-raise"})
    await acts.happens(db, book, ana, taken)

    await say(db, book, ana, "bant/need")
    await say(db, book, ana, "champ/money")
    told = await say(db, book, ana, "meddic/economic_buyer")
    assert (told.gate.passed, told.gate.proven, told.gate.missing) == (
        False,
        {"need": "bant/need", "authority": "meddic/economic_buyer", "budget": "champ/money"},
        ("timing",),
    ), "three are known, but nobody met yet"

    await acts.happens(db, book, ana, happened("meeting_held", MONDAY + 2 * HOUR))
    await acts.happens(db, book, ana, happened("deal_opened", MONDAY + 3 * HOUR, actor="dana-whitlock"))
    async with db.read() as tx:
        assert (await checklists.of_lead(tx, ana, book=book)).gate.passed
        changes = {change.to_stage: change for change in await events.stage_changes(tx, ana)}

    assert (changes["sal"].actor, changes["sal"].evidence["hand_off"]) == ("marcus-oyelaran", "hand-raise")
    assert changes["sql"].actor == "dana-whitlock"
    assert changes["sql"].definition_version == book.definition_version
    gate = changes["sql"].evidence["gate"]
    assert isinstance(gate, dict)
    assert (gate["passed"], gate["missing"], gate["met"]) == (True, ["timing"], True)
