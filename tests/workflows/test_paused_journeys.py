"""Does a paused journey say nothing, and does it go on as its preview said, without flooding anybody?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.facts import PauseClock
from leadloom.domain.journeys.journey import Journey
from leadloom.runtime import journey_pauses
from leadloom.store import pauses, published
from leadloom.store.pauses import PauseOrder
from tests import world
from tests.acts_in_house import all_stuck, comes, does, letters_to, rows
from tests.house import TestHouse

BY = "priya-nair"
NAME = "paused-letters"
LETTERS = ("three", "five", "eight", "ten")
DRAFT = f"""
name: {NAME}
purpose: Four letters on days of the journey, to be paused.
owner: {BY}
sender: {BY}
audience: customer
class: {{mail_class}}
enter: {{{{events: [promoter_told]}}}}
exit: [{{{{events: [unsubscribed], outcome: unsubscribed}}}}]
steps:
  - {{{{do: wait, id: until-3, to_day: 3}}}}
  - {{{{do: send, id: three, mail: three}}}}
  - {{{{do: wait, id: until-5, to_day: 5}}}}
  - {{{{do: send, id: five, mail: five}}}}
  - {{{{do: wait, id: until-8, for: 3d}}}}
  - {{{{do: send, id: eight, mail: eight}}}}
  - {{{{do: wait, id: until-10, for: 2d}}}}
  - {{{{do: send, id: ten, mail: ten}}}}
"""
READERS = 5


async def readers(house: TestHouse, mail_class: str) -> None:
    """One comes each day; the first has had two letters when all are in."""
    journey = Journey.model_validate(DraftText("paused.yaml", DRAFT.format(mail_class=mail_class)).data)
    async with house.db.transaction() as tx:
        await published.publish_journey(tx, journey, at=await house.now(), by=BY)
        for mail in LETTERS:
            await published.publish_template(tx, NAME, mail, world.template(mail), at=await house.now(), by=BY)
    for no in range(READERS):
        await comes(house, f"reader{no}.torres", "promoter_told", company=f"Company {no}")
        await house.pass_time(timedelta(days=1))
    # Their letters are due on the very instants at which the next ones came: let those go that are on their way.
    await house.pass_time(timedelta(hours=1))


async def paused(house: TestHouse, clock: PauseClock, *, lasts: timedelta = timedelta(days=14)) -> None:
    at = await house.now()
    order = PauseOrder(journey=NAME, clock=clock, review_at=at + timedelta(days=30))
    await journey_pauses.pause(house.db, order, at=at, by=BY)
    await house.pass_time(lasts)


async def resumed(house: TestHouse, *, per_day: int | None = None) -> journey_pauses.Resumption:
    return await journey_pauses.resume(house.db, NAME, per_day=per_day, at=await house.now(), by=BY)


async def went(house: TestHouse) -> dict[str, list[date]]:
    """The days on which each lead got a letter of the journey."""
    query = """SELECT l.email, (m.sent_at AT TIME ZONE 'UTC')::date AS day FROM message m
                 JOIN enrolment e ON e.enrolment_id = m.enrolment_id JOIN lead l ON l.lead_id = e.lead_id
                WHERE e.journey = $1 AND m.status = 'sent' ORDER BY m.sent_at"""
    found: dict[str, list[date]] = {}
    for row in await rows(house, query, NAME):
        found.setdefault(row["email"], []).append(row["day"])
    return found


def flooded(days: Mapping[str, list[date]]) -> list[str]:
    """Who got two letters on one day."""
    return [who for who, got in days.items() if max(Counter(got).values()) > 1]


async def test_nothing_goes_while_a_journey_is_paused_and_each_run_waits_for_the_review(house: TestHouse) -> None:
    await readers(house, "service")
    before = len(house.trap.mails)
    await paused(house, "keep counting")
    assert len(house.trap.mails) == before
    found = await rows(house, "SELECT waiting_for, waits_until FROM enrolment WHERE journey = $1", NAME)
    review = (await house.now()) + timedelta(days=16)
    assert all("review of the pause" in row["waiting_for"] for row in found)
    assert {row["waits_until"].date() for row in found} == {review.date()}
    assert await all_stuck(house) == ()


@pytest.mark.parametrize("clock", ["keep counting", "restart", "active only"])
@pytest.mark.parametrize("mail_class", ["service", "marketing"])
async def test_what_goes_after_a_resume_is_what_the_preview_said_a_mail_a_day_at_most(
    house: TestHouse, clock: PauseClock, mail_class: str
) -> None:
    await readers(house, mail_class)
    await paused(house, clock)
    # Nothing goes meanwhile (above), but what was on its way when the pause began has arrived by now.
    before = {who: len(days) for who, days in (await went(house)).items()}
    now = await house.now()
    seen = await journey_pauses.foresee(house.db, NAME, per_day=None, at=now)
    done = await journey_pauses.resume(house.db, NAME, per_day=None, at=now, by=BY)
    assert (done.days, done.turns) == (seen.days, seen.turns)
    await house.pass_time(timedelta(days=seen.smooth_days))
    after = {who: days[before.get(who, 0) :] for who, days in (await went(house)).items()}
    assert flooded({who: days for who, days in after.items() if days}) == []
    assert Counter(day for days in after.values() for day in days) == seen.days
    async with house.db.read() as tx:
        kept = await pauses.mails_since(tx, done.pause.pause_id)
    assert kept == {str(day): count for day, count in seen.days.items()}


async def test_a_clock_decides_how_much_has_fallen_due(house: TestHouse) -> None:
    await readers(house, "service")
    await paused(house, "keep counting")
    at = await house.now()
    seen = await journey_pauses.foresee(house.db, NAME, per_day=None, at=at)
    assert seen.days[at.date()] == READERS


async def test_a_rate_keeps_each_day_small(house: TestHouse) -> None:
    await readers(house, "service")
    await paused(house, "keep counting")
    seen = await journey_pauses.foresee(house.db, NAME, per_day=2, at=await house.now())
    done = await resumed(house, per_day=2)
    assert max(seen.days.values()) <= 2
    await house.pass_time(timedelta(days=done.smooth_days))
    async with house.db.read() as tx:
        assert await pauses.mails_since(tx, done.pause.pause_id) == {str(day): n for day, n in seen.days.items()}


async def test_who_stops_us_amid_a_pause_gets_nothing_after_it(house: TestHouse) -> None:
    await readers(house, "service")
    who = await comes(house, "reader9.torres", "promoter_told", company="Company 9")
    await paused(house, "keep counting")
    await does(house, who, "unsubscribed")
    await resumed(house)
    await house.pass_time(timedelta(days=30))
    assert letters_to(house, "reader9.torres") == []
    assert [len(letters_to(house, f"reader{no}.torres")) for no in range(READERS)] == [4] * READERS
    assert await all_stuck(house) == ()
