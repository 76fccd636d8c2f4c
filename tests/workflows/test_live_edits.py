"""Is a journey edited under its leads' feet so that the balance closes, nobody gets a mail twice and nobody is lost?

The same edits under kills, with 2,000 runs each: `./dev chaos --scenario edits --leads 2000`.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from benchmarks.chaos import edit_kinds
from benchmarks.chaos.edit_kinds import EXTRA, MAILS, Kind
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.mails.template import TemplateBody
from leadloom.runtime import live_edits
from leadloom.runtime.live_edits import Edit, Edited
from leadloom.store import published
from tests import world
from tests.acts_in_house import all_stuck, comes, letters_to, rows
from tests.house import TestHouse

WAIT = timedelta(days=2)
READERS = 6
"""One comes every 37 hours: at the edit each wait has somebody, one of them for longer than a shorter wait takes."""
APART = timedelta(hours=37)
BY = "priya-nair"


def letters(journey: Journey) -> dict[str, TemplateBody]:
    """Something to send at each of its steps."""
    return {mail: world.template(mail) for mail in edit_kinds.mails_of(journey)}


async def readers_at_every_step(house: TestHouse, journey: Journey) -> None:
    """The journey is in force, and readers have come one after the other."""
    async with house.db.transaction() as tx:
        await published.publish_journey(tx, journey, at=await house.now(), by=BY)
        for mail, body in letters(journey).items():
            await published.publish_template(tx, journey.name, mail, body, at=await house.now(), by=BY)
    for no in range(READERS):
        await comes(house, f"reader{no}.torres", "promoter_told")
        await house.pass_time(APART)


async def edit(house: TestHouse, kind: Kind) -> Edited:
    new = edit_kinds.after(kind, wait=WAIT, mail_class="service")
    done = await live_edits.publish(
        house.db, Edit(new, letters(new)), edit_kinds.choice(kind), at=await house.now(), by=BY
    )
    assert isinstance(done, Edited)
    return done


def ends_of(house: TestHouse) -> dict[str, list[str]]:
    """What each reader got of the journey, in order."""
    ours = {*MAILS, EXTRA}
    return {
        name: [step for step in letters_to(house, name) if step in ours]
        for name in (f"reader{no}.torres" for no in range(READERS))
    }


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.EXIT])
async def test_an_edit_moves_everybody_and_each_gets_what_is_still_ahead_once(house: TestHouse, kind: Kind) -> None:
    await readers_at_every_step(house, edit_kinds.before(kind, wait=WAIT, mail_class="service"))
    got = ends_of(house)
    done = await edit(house, kind)
    assert done.balance.closes
    assert done.balance.migrated == done.balance.active_before > 3
    await house.pass_time(timedelta(days=30))
    assert await all_stuck(house) == ()
    assert await rows(house, "SELECT FROM enrolment WHERE status = 'active' AND journey LIKE 'edit-%'") == []
    assert house.trap.duplicates() == {}
    for name, steps in ends_of(house).items():
        assert [step for step, count in Counter(steps).items() if count > 1] == []
        assert steps[: len(got[name])] == got[name]
        assert steps[-1] == "five"
    await nobody_lost(house, kind)


async def nobody_lost(house: TestHouse, kind: Kind) -> None:
    """Whatever was ahead of a run when it was moved, it asked for."""
    query = """SELECT e.enrolment_id::text AS run, r.fate, r.step_after, r.misses, e.status,
                      ARRAY (SELECT m.step FROM message m WHERE m.enrolment_id = e.enrolment_id) AS asked
                 FROM publication_run r JOIN enrolment e ON e.enrolment_id = r.enrolment_id"""
    new = edit_kinds.after(kind, wait=WAIT, mail_class="service")
    ways = [edit_kinds.Way.model_validate(dict(row)) for row in await rows(house, query)]
    assert [way for way in ways if edit_kinds.lost(way, new)] == []


async def test_a_shorter_wait_lets_go_at_once_who_waited_enough(house: TestHouse) -> None:
    await readers_at_every_step(house, edit_kinds.before(Kind.SHORTER, wait=WAIT, mail_class="service"))
    before = Counter(step for steps in ends_of(house).values() for step in steps)
    new = edit_kinds.after(Kind.SHORTER, wait=WAIT, mail_class="service")
    draft, choice, now = Edit(new, letters(new)), edit_kinds.choice(Kind.SHORTER), await house.now()
    seen = await live_edits.foresee(house.db, draft, choice, at=now, by=BY)
    assert seen.released.asks == {"three": seen.released.released}
    assert seen.released.released > 0
    await edit(house, Kind.SHORTER)
    await house.pass_time(timedelta(minutes=1))
    after = Counter(step for steps in ends_of(house).values() for step in steps)
    assert after - before == {"three": seen.released.released}


async def test_an_edit_that_ends_the_runs_lets_nothing_more_go(house: TestHouse) -> None:
    await readers_at_every_step(house, edit_kinds.before(Kind.EXIT, wait=WAIT, mail_class="service"))
    got = ends_of(house)
    done = await edit(house, Kind.EXIT)
    assert done.balance.closes
    assert done.balance.exited == done.balance.active_before
    await house.pass_time(timedelta(days=30))
    assert ends_of(house) == got
    assert await rows(house, "SELECT FROM enrolment WHERE status = 'active' AND journey LIKE 'edit-%'") == []
