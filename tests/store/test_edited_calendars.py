"""Does an edited calendar move the deadlines under it by the working time promised, and does nobody sleep it out?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.store import answering, audit, hand_offs, published
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_hand_offs import ACCEPT, advance, get, minutes, offered

FRIDAY_1650 = datetime.fromisoformat("2026-03-06T21:50:00+00:00")
"""In New York, two days before its clocks go forward."""


async def edited(db: Db, book: Book, at: datetime = TUESDAY, **new_york: object) -> Book:
    """The same book with New York's calendar changed, published."""
    calendars = book.definition.calendars
    told = calendars["new-york"].model_dump(by_alias=True) | new_york
    changed = {**calendars, "new-york": Calendar.model_validate(told)}
    definition = book.definition.but(calendars=changed, version=book.definition.version + 1)
    async with db.transaction() as tx:
        await published.publish_definition(tx, definition, at=at, by="samira-haddad")
        return await published.book(tx)


@pytest.mark.parametrize(
    ("change", "new_york_time"),
    [
        ({"off": ("03-03",)}, "2026-03-04T09:15"),
        ({"until": "10:10"}, "2026-03-04T09:05"),
        ({"zone": "America/Chicago"}, "2026-03-03T10:15"),
        ({"from": "10:05"}, "2026-03-03T10:20"),
    ],
)
async def test_an_offer_keeps_its_working_time_on_the_edited_calendar(
    db: Db, dsn: str, book: Book, change: dict[str, object], new_york_time: str
) -> None:
    """Offered on Tuesday at ten, New York time, with 15 minutes."""
    _, hand_off_id = await offered(db, book)
    other = await edited(db, book, **change)
    wakes = await acts.rows(dsn, "SELECT FROM outbox WHERE workflow_id = $1", f"hand-off/{hand_off_id}")
    assert wakes, "its process hears of it, and doesn't sleep until the old deadline"
    for _ in range(2):
        await advance(db, other, hand_off_id, TUESDAY)
    now = await get(db, hand_off_id)
    assert now.accept_by == datetime.fromisoformat(f"{new_york_time}:00-05:00")
    async with db.read() as tx:
        moved = [note.action for note in await audit.notes(tx, f"hand-off {hand_off_id}")]
    assert moved == (["moved a deadline"] if now.accept_by != minutes(15) else [])


async def test_over_a_clock_change_and_a_new_holiday_the_first_try_is_counted_by_hand(db: Db, book: Book) -> None:
    """Accepted Friday 16:50 with 30 minutes: Monday 09:20 after the clocks went forward; with Monday off, Tuesday."""
    _, hand_off_id = await offered(db, book)
    async with db.transaction() as tx:
        await answering.decide(tx, hand_off_id, 1, ACCEPT, book=book, at=FRIDAY_1650)
    assert (await get(db, hand_off_id)).first_try_by == datetime.fromisoformat("2026-03-09T09:20:00-04:00")
    other = await edited(db, book, off=("03-09",))
    assert (await advance(db, other, hand_off_id, FRIDAY_1650)).until == datetime.fromisoformat(
        "2026-03-10T09:20:00-04:00"
    )


async def test_what_was_missed_and_told_stays_missed(db: Db, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    async with db.transaction() as tx:
        await answering.decide(tx, hand_off_id, 1, ACCEPT, book=book, at=TUESDAY)
    await advance(db, book, hand_off_id, minutes(31))
    other = await edited(db, book, off=("03-03",))
    assert (await advance(db, other, hand_off_id, minutes(32))).kind == "done"
    assert (await get(db, hand_off_id)).first_try_by == minutes(30)


async def test_a_sweep_of_hand_offs_whose_word_was_lost_still_finds_them(db: Db, book: Book) -> None:
    _, hand_off_id = await offered(db, book)
    other = await edited(db, book, off=("03-03",))
    async with db.transaction() as tx:
        assert await hand_offs.wake_overdue(tx, overdue_since=minutes(10) + timedelta(seconds=1)) == 1
    looked = await advance(db, other, hand_off_id, minutes(11))
    assert looked.until == datetime.fromisoformat("2026-03-04T09:10:00-05:00")
