"""Is the first thing that stands against a lead told: one code of the closed list, and the earliest it could pass?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.journeys.why_not_codes import CODES, Code
from leadloom.runtime.why_not import Told
from leadloom.store import leads
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.runtime.why_not_cases import CASES, LETTERS, LOUD, no_basis
from tests.runtime.why_not_stage import DAY, Asked, Stage
from tests.store.acts import TUESDAY


def test_each_code_of_the_closed_list_has_its_words_and_its_case() -> None:
    assert set(CODES) == set(CASES) == set(Code)


async def check(stage: Stage, code: Code) -> Told:
    asked = await CASES[code](stage)
    told = await stage.tell(asked)
    assert told.answer.code is code, f"{code}: {told.answer}"
    assert told.answer.why and told.passes and told.came_to == CODES[code].about
    if told.answer.earliest is not None:
        assert told.answer.earliest >= asked.at, f"{code}: {told.answer}"
    return told


async def test_each_lead_is_told_the_one_first_thing_that_stands_against_it(db: Db, dsn: str, book: Book) -> None:
    stage, found = Stage(db, dsn, book), dict[Code, Told]()
    for code in Code:
        if code not in LOUD:
            found[code] = await check(stage, code)
    assert found[Code.CONDITION].answer.why == "this isn't so: role is it or logistics"
    assert found[Code.CONDITION].answer.values == {"role": "quality"}
    assert found[Code.NOT_IN_AUDIENCE].answer.values == {"source": "pharmalog"}
    assert found[Code.RESTS].answer.earliest == TUESDAY + 30 * DAY
    assert found[Code.TOO_MANY].answer.earliest == TUESDAY + 30 * DAY
    assert found[Code.NO_ROUND].answer.earliest == datetime(2026, 4, 6, 9, tzinfo=UTC)
    assert found[Code.WAITS].answer.earliest == TUESDAY + 3 * DAY
    assert found[Code.BRANCHED].answer.values["role"] == "quality"
    assert found[Code.HOLDOUT].passes == found[Code.WAS_IN].passes == "never"
    filled = found[Code.CAP].answer.values["filled by"]
    assert isinstance(filled, list) and len(filled) == 2 and str(filled[0]).startswith("guide of small, planned for")
    opens = found[Code.WINDOW].answer.earliest
    assert opens is not None and opens.date() == (TUESDAY + DAY).date()


@pytest.mark.parametrize("code", LOUD)
async def test_so_is_what_stops_a_whole_lane(code: Code, db: Db, dsn: str, book: Book) -> None:
    await check(Stage(db, dsn, book), code)


async def test_what_is_mended_changes_the_answer(db: Db, dsn: str, book: Book) -> None:
    stage = Stage(db, dsn, book)
    asked = await no_basis(stage)
    assert (await stage.tell(asked)).answer.code is Code.NO_BASIS
    async with db.transaction() as tx:
        draft = world.draft("p1", email="p1@p1.example", bases=(world.permission(at=TUESDAY),))
        await leads.capture(tx, draft, book=stage.book, at=TUESDAY, actor="lead")
    assert (await stage.tell(asked)).answer.code is not Code.NO_BASIS


async def test_a_name_nobody_has_or_several_have_is_refused_with_what_to_write(db: Db, dsn: str, book: Book) -> None:
    stage = Stage(db, dsn, book)
    lead = await stage.lead(source="webinar")
    with pytest.raises(NotFound):
        await stage.tell(Asked(lead, "nothing"))
    for _ in range(2):
        await stage.journey("{}", LETTERS)
    with pytest.raises(BadInput, match="j1/letter, j2/letter"):
        await stage.tell(Asked(lead, "letter"))
