"""Does a lead's calendar say what comes, by whose clock and why then, and what was lost?"""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.definitions.mail_policy import PersonCap
from leadloom.domain.facts import MessageStatus
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.store import asking, lead_calendar
from leadloom.store.asking import MessageOrder
from leadloom.store.db import Db
from leadloom.store.lead_calendar import LeadCalendar
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

CAP = "no more than 2 mails in 7 days go to a person"


async def asks(db: Db, book: Book, run: tuple[LeadId, EnrolmentId], step: str, **said: object) -> None:
    """Ask for a marketing mail on Tuesday, worth three weeks."""
    words = {"mail": "dock", "mail_class": "marketing", "worth": timedelta(days=21), "at": TUESDAY, **said}
    at = words.pop("at")
    assert isinstance(at, datetime)
    key = {"lead_id": run[0], "enrolment_id": run[1], "step": step, "visit": 1, "journey": "small"}
    order = MessageOrder.model_validate({**key, "sender": "ines-carvalho", **words})
    async with db.transaction() as tx:
        await asking.ask(tx, order, book=book, at=at)


async def calendar_of(db: Db, book: Book, lead_id: LeadId, at: datetime = TUESDAY) -> LeadCalendar:
    async with db.read() as tx:
        return await lead_calendar.read(tx, lead_id, book=book, at=at)


async def test_each_mail_stands_at_its_slot_by_the_leads_own_clock(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book, country="SG", at=TUESDAY)
    await asks(db, book, run, "m")
    [mail] = (await calendar_of(db, book, run[0])).planned
    # Asked for at 23:00 in Singapore: the window opens at 08:30 on Wednesday there.
    assert mail.local[:14] == "Wed 2026-03-04" and mail.local_zone.words == "Asia/Singapore, by their country"
    assert mail.slot_why == ("mail goes Tue, Wed, Thu 08:30-16:30 (Asia/Singapore) only",)


async def test_a_mail_over_the_cap_says_which_and_from_when_one_more_fits(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    for no in range(3):
        await asks(db, book, run, f"m{no}", at=TUESDAY + timedelta(minutes=no))
    calendar = await calendar_of(db, book, run[0])
    assert [mail.slot_why[:1] for mail in calendar.planned] == [(), (), (CAP,)]
    [room] = calendar.caps
    assert (room.cap, room.used, room.of) == (CAP, 0, 2)
    assert room.one_more_from is not None and room.one_more_from > TUESDAY + timedelta(days=7)


async def test_what_did_not_go_stays_with_its_reason(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    for no in range(3):
        await asks(db, book, run, f"m{no}", at=TUESDAY + timedelta(minutes=no), worth=timedelta(days=2))
    [lost] = (await calendar_of(db, book, run[0])).lost
    assert (lost.step, lost.status) == ("m2", MessageStatus.EXPIRED)
    assert lost.reason == f"no slot before 2026-03-05 15:02 UTC: {CAP}"


async def test_the_journeys_priority_decides_within_a_class(db: Db, book: Book) -> None:
    monday = TUESDAY - timedelta(days=1)
    run = await acts.in_journey(db, book, at=monday)
    for no, priority in enumerate((5, 3, 1)):
        await asks(db, book, run, f"priority-{priority}", at=monday + timedelta(minutes=no), priority=priority)
    planned = (await calendar_of(db, book, run[0])).planned
    assert {mail.step for mail in planned[:2]} == {"priority-1", "priority-3"}
    assert planned[2].step == "priority-5" and CAP in planned[2].slot_why


async def test_what_a_lane_is_about_to_take_is_pushed_aside_by_nothing_that_asks_in_the_same_minute(
    db: Db, book: Book
) -> None:
    run = await acts.in_journey(db, book)
    for no, priority in enumerate((5, 3, 1)):
        await asks(db, book, run, f"priority-{priority}", at=TUESDAY + timedelta(seconds=no), priority=priority)
    planned = (await calendar_of(db, book, run[0])).planned
    assert {mail.step for mail in planned[:2]} == {"priority-5", "priority-3"}
    assert planned[2].step == "priority-1" and CAP in planned[2].slot_why


async def test_what_waits_for_a_lane_for_long_gives_way_to_a_higher_one(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    for no, priority in enumerate((5, 3, 1)):
        await asks(db, book, run, f"priority-{priority}", at=TUESDAY + timedelta(minutes=11 * no), priority=priority)
    planned = (await calendar_of(db, book, run[0])).planned
    assert {mail.step for mail in planned[:2]} == {"priority-1", "priority-3"}


async def test_a_cap_on_a_topic_counts_that_topic_whichever_journey_asks(db: Db, book: Book) -> None:
    said = {"count": 1, "within": timedelta(days=3), "topics": ("webinars",)}
    cap = PersonCap.model_validate(said)
    mail = book.definition.mail.model_copy(update={"per_person": (cap,)})
    own = book.model_copy(update={"definition": book.definition.model_copy(update={"mail": mail})})
    run = await acts.in_journey(db, book)
    await asks(db, own, run, "w1", topic="webinars")
    await asks(db, own, run, "w2", topic="webinars", at=TUESDAY + timedelta(minutes=1))
    await asks(db, own, run, "p", topic="product", at=TUESDAY + timedelta(minutes=2))
    planned = {mail.step: mail for mail in (await calendar_of(db, own, run[0])).planned}
    assert planned["w1"].slot_at.date() == planned["p"].slot_at.date() == TUESDAY.date()
    assert planned["w2"].slot_why[0] == "no more than 1 mail about webinars in 3 days goes to a person"


async def test_a_lead_who_moved_is_planned_by_their_new_clock(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    await asks(db, book, run, "first")
    await acts.capture(db, book, world.draft(time_zone="Pacific/Kiritimati"), TUESDAY)
    await asks(db, book, run, "second", at=TUESDAY + timedelta(minutes=5))
    calendar = await calendar_of(db, book, run[0])
    assert {mail.local_zone.words for mail in calendar.planned} == {"Pacific/Kiritimati, by their own time zone"}


async def test_runs_without_a_mail_to_come_say_what_decides_about_the_next(db: Db, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    [ahead] = (await calendar_of(db, book, lead_id)).ahead
    assert (ahead.journey, ahead.waiting_for) == ("small", "its first step")
    await acts.advance(db, book, run)
    calendar = await calendar_of(db, book, lead_id)
    assert [mail.mail for mail in calendar.planned] == ["guide"] and calendar.ahead == ()


async def test_what_the_calendar_said_stays_true_while_nothing_higher_asks(db: Db, book: Book) -> None:
    monday, opening = TUESDAY - timedelta(days=1), TUESDAY.replace(hour=13, minute=30)
    run = await acts.in_journey(db, book, at=monday)
    await asks(db, book, run, "first", at=monday)
    [said] = (await calendar_of(db, book, run[0], monday)).planned
    await asks(db, book, run, "second", at=opening)
    planned = {mail.step: mail for mail in (await calendar_of(db, book, run[0], opening)).planned}
    assert (planned["first"].slot_at, planned["first"].slot_why) == (said.slot_at, said.slot_why)
    assert said.slot_why == ("mail goes Tue, Wed, Thu 08:30-16:30 (America/New_York) only",)
