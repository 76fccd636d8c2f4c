"""Is each mail planned within its caps, claimed once, stopped until the mark, and settled with a reason?"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from leadloom.domain.errors import Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.mails.outcome import Deferred, Refused, Released, Sent, Uncertain
from leadloom.domain.model import LeadId, MessageId
from leadloom.domain.stages.stage_walk import OpenHandOff
from leadloom.store import (
    answering,
    asking,
    calendars,
    enrolments,
    fence,
    hand_offs,
    lanes,
    messages,
    permissions,
    uncertain,
)
from leadloom.store.asking import MessageOrder
from leadloom.store.db import Db
from leadloom.store.fence import Fenced
from leadloom.store.permissions import Silence
from leadloom.store.published import Book
from leadloom.store.uncertain import Settlement
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY, WALL


async def ask(
    db: Db, book: Book, run: tuple[LeadId, object], step: str = "dock", at: datetime = TUESDAY, **rest: object
) -> MessageId:
    """Ask for the marketing mail `dock` under a step of this name."""
    values = {"mail": "dock", "mail_class": "marketing", "worth": timedelta(days=7), **rest}
    order = MessageOrder.model_validate(
        {
            "lead_id": run[0],
            "enrolment_id": run[1],
            "step": step,
            "visit": 1,
            "journey": "small",
            "sender": "ines-carvalho",
            **values,
        }
    )
    async with db.transaction() as tx:
        return (await asking.ask(tx, order, book=book, at=at)).message_id


async def claimed(db: Db, book: Book, lead_id: LeadId, at: datetime = TUESDAY) -> list[messages.ClaimedMessage]:
    return await acts.claim(db, book, lanes.lane_of(lead_id), at)


async def mark(db: Db, mail: messages.ClaimedMessage, at: datetime = TUESDAY) -> bool:
    async with db.transaction() as tx:
        return mail.message_id in await messages.mark_at_dot(tx, [(mail.message_id, mail.claim)], at=at)


async def settle(db: Db, book: Book, *outcomes, at: datetime = TUESDAY) -> set[MessageId]:
    async with db.transaction() as tx:
        return await messages.settle(tx, outcomes, book=book, at=at)


async def status(dsn: str, message_id: MessageId) -> tuple[str, str | None]:
    [row] = await acts.rows(dsn, "SELECT status, reason FROM message WHERE message_id = $1", message_id)
    return row["status"], row["reason"]


async def slots(dsn: str) -> list[datetime]:
    query = "SELECT slot_at FROM message WHERE mail_class = 'marketing' AND status <> 'expired' ORDER BY 1"
    return [row["slot_at"] for row in await acts.rows(dsn, query)]


def most_within(instants: list[datetime], span: timedelta) -> int:
    return max(sum(1 for other in instants if start <= other < start + span) for start in instants)


# -- planning


async def test_the_same_key_asked_twice_or_by_many_at_once_is_one_mail(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    ids = await asyncio.gather(*(ask(db, book, run) for _ in range(6)))
    later = await ask(db, book, run, at=TUESDAY + timedelta(days=2))
    assert set(ids) == {later}
    assert len(await acts.rows(dsn, "SELECT FROM message")) == 1


async def test_a_person_gets_no_more_than_the_cap_whoever_asks_at_once(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    worth = timedelta(days=40)
    await asyncio.gather(*(ask(db, book, run, f"dock{no}", worth=worth) for no in range(6)))
    planned = await slots(dsn)
    assert len(planned) == 6
    [cap] = book.definition.mail.per_person
    assert most_within(planned, cap.within) == cap.count


async def test_who_asked_for_fewer_gets_one_mail_in_thirty_days(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book, attributes={"mail_pace": "fewer"})
    await ask(db, book, run)
    [mail] = await claimed(db, book, run[0])
    assert await mark(db, mail)
    await settle(db, book, Sent(message_id=mail.message_id, claim=mail.claim, reply="250"))
    await ask(db, book, run, "second", TUESDAY + timedelta(days=15), worth=timedelta(days=30))
    assert (await slots(dsn))[-1] >= TUESDAY + timedelta(days=30)


async def test_a_company_gets_no_more_than_its_hours_cap_from_many_planners_at_once(
    db: Db, dsn: str, book: Book
) -> None:
    runs = [await acts.in_journey(db, book, f"lead{no}.torres") for no in range(26)]
    await asyncio.gather(*(ask(db, book, run) for run in runs))
    planned = await slots(dsn)
    assert len(planned) == 26
    assert most_within(planned, timedelta(hours=1)) == book.definition.mail.per_company.count


async def test_what_fits_nowhere_before_its_deadline_expires_with_the_reason(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    asked = [TUESDAY + timedelta(minutes=no) for no in range(3)]
    mails = [await ask(db, book, run, f"dock{no}", at, worth=timedelta(days=2)) for no, at in enumerate(asked)]
    word, why = await status(dsn, mails[2])
    assert word == "expired"
    assert why is not None and "no more than 2 mails" in why


async def test_marketing_waits_for_the_window_and_service_mail_does_not(db: Db, dsn: str, book: Book) -> None:
    friday = TUESDAY + timedelta(days=3)
    run = await acts.in_journey(db, book, at=friday)
    await ask(db, book, run, "m", friday)
    await ask(db, book, run, "s", friday, mail_class="service", mail="guide")
    found = await acts.rows(dsn, "SELECT step, slot_at FROM message ORDER BY step")
    at = {row["step"]: row["slot_at"] for row in found}
    assert at["s"] == friday
    assert TUESDAY.date() + timedelta(days=7) == at["m"].date()


# -- claiming


async def test_two_lanes_workers_never_claim_the_same_mail(db: Db, book: Book) -> None:
    runs = [await acts.in_journey(db, book, f"lead{no}.torres") for no in range(12)]
    for run in runs:
        await ask(db, book, run, "s", mail_class="service", mail="guide")
    pages = await asyncio.gather(
        *(acts.claim(db, book, f"default/{no % lanes.SHARDS}", limit=4) for no in range(8 * lanes.SHARDS))
    )
    ids = [mail.message_id for page in pages for mail in page]
    assert len(ids) == len(set(ids)) == 12


async def test_priority_goes_first(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    await ask(db, book, run, "m")
    await ask(db, book, run, "s", TUESDAY + timedelta(minutes=1), mail_class="service", mail="guide")
    page = await acts.claim(db, book, lanes.lane_of(run[0]), TUESDAY + timedelta(minutes=30), limit=1)
    assert [mail.step for mail in page] == ["s"]


async def test_a_claim_brings_all_a_mail_needs_and_the_thread_of_its_run(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    first_id = await ask(db, book, run, "first")
    [first] = await claimed(db, book, run[0])
    assert await mark(db, first)
    await settle(db, book, Sent(message_id=first.message_id, claim=first.claim, reply="250 ok"))
    await ask(db, book, run, "second", at=TUESDAY + timedelta(hours=1))
    [second] = await claimed(db, book, run[0], TUESDAY + timedelta(hours=2))
    assert (first.thread, second.thread) == ((), (first_id,))
    assert (second.journey, second.mail, second.sender, second.tries) == ("small", "dock", "ines-carvalho", 0)


async def test_a_lane_that_slept_plans_late_mail_anew_instead_of_sending_it_at_night(
    db: Db, dsn: str, book: Book
) -> None:
    run = await acts.in_journey(db, book)
    message_id = await ask(db, book, run)
    night = TUESDAY + timedelta(hours=12)
    assert await claimed(db, book, run[0], night) == []
    [slot] = await slots(dsn)
    assert slot > night
    assert await status(dsn, message_id) == ("reserved", None)


async def test_a_worker_of_before_a_restore_claims_and_marks_nothing(db: Db, book: Book) -> None:
    run = await acts.in_journey(db, book)
    await ask(db, book, run)
    [mail] = await claimed(db, book, run[0])
    async with db.transaction() as tx:
        await fence.advance(tx, at=TUESDAY)
    assert not await mark(db, mail)
    with pytest.raises(Fenced):
        await claimed(db, book, run[0])


# -- a "no" is heard until the mark


async def unsubscribe(db: Db, book: Book, lead_id: LeadId) -> None:
    await acts.happens(db, book, lead_id, world.happened("unsubscribed", TUESDAY))


async def suppress(db: Db, book: Book, lead_id: LeadId) -> None:
    async with db.transaction() as tx:
        address = "ana.torres@meridian-pharma.example"
        await permissions.suppress(tx, [Silence(value=address, reason="asked by phone", at=TUESDAY)])


async def ask_to_talk(db: Db, book: Book, lead_id: LeadId) -> None:
    await acts.happens(db, book, lead_id, world.happened("demo_requested", TUESDAY))


async def stop_lane(db: Db, book: Book, lead_id: LeadId) -> None:
    async with db.transaction() as tx:
        await lanes.pause(tx, lanes.lane_of(lead_id), why="the relay complains")


NOES = [unsubscribe, suppress, ask_to_talk, stop_lane]


@pytest.mark.parametrize("no", NOES, ids=lambda no: no.__name__)
async def test_a_no_before_the_claim_keeps_the_mail_from_being_claimed(no, db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    message_id = await ask(db, book, run)
    await no(db, book, run[0])
    page = await claimed(db, book, run[0])
    assert message_id not in {mail.message_id for mail in page}
    word, _ = await status(dsn, message_id)
    assert word == ("reserved" if no is stop_lane else "suppressed" if no is suppress else "cancelled")


@pytest.mark.parametrize("no", NOES, ids=lambda no: no.__name__)
async def test_a_no_between_claim_and_mark_keeps_the_mail_from_being_marked(no, db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    await ask(db, book, run)
    [mail] = await claimed(db, book, run[0])
    await no(db, book, run[0])
    assert not await mark(db, mail)
    await settle(db, book, Released(message_id=mail.message_id, claim=mail.claim))
    again = await claimed(db, book, run[0])
    assert mail.message_id not in {each.message_id for each in again}


async def test_a_no_after_the_mark_comes_too_late_and_the_mail_counts_as_sent(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    await ask(db, book, run)
    [mail] = await claimed(db, book, run[0])
    assert await mark(db, mail)
    await unsubscribe(db, book, run[0])
    await settle(db, book, Sent(message_id=mail.message_id, claim=mail.claim, reply="250 ok"))
    assert (await status(dsn, mail.message_id))[0] == "sent"


async def test_marketing_without_a_permission_is_suppressed_and_says_why(db: Db, dsn: str, book: Book) -> None:
    lead_id = await acts.capture(db, book, world.draft("ana.torres", world.happened("guide_requested", TUESDAY)))
    async with db.read() as tx:
        run = (lead_id, (await enrolments.of_lead(tx, lead_id))[0].enrolment_id)
    message_id = await ask(db, book, run)
    assert await claimed(db, book, lead_id) == []
    word, why = await status(dsn, message_id)
    assert word == "suppressed"
    assert why is not None and "no basis that suffices in US: has none, needs express or" in why


async def test_mail_is_held_while_sales_talks_and_planned_again_when_the_conversation_ends(
    db: Db, dsn: str, book: Book
) -> None:
    run = await acts.in_journey(db, book)
    message_id = await ask(db, book, run)
    order = OpenHandOff(kind="scored-mql", track="new-business", asked_by="test", why=("fits",))
    async with db.transaction() as tx:
        opened = await hand_offs.open(tx, run[0], order, book=book, at=TUESDAY)
    assert message_id not in {mail.message_id for mail in await claimed(db, book, run[0])}
    assert (await status(dsn, message_id))[0] == "held"
    decision = Decision(kind="reject", by="marcus-oyelaran", via="page", reason="wrong-data")
    assert opened.hand_off_id is not None
    async with db.transaction() as tx:
        await answering.decide(tx, opened.hand_off_id, 1, decision, book=book, at=TUESDAY + timedelta(hours=1))
    assert (await status(dsn, message_id))[0] == "reserved"
    [slot] = await slots(dsn)
    assert slot >= TUESDAY + timedelta(hours=1)


async def test_a_hold_that_outlasts_the_mails_worth_expires_it_in_the_sweep(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    message_id = await ask(db, book, run, worth=timedelta(days=1))
    order = OpenHandOff(kind="scored-mql", track="new-business", asked_by="test", why=("fits",))
    async with db.transaction() as tx:
        await hand_offs.open(tx, run[0], order, book=book, at=TUESDAY)
    await claimed(db, book, run[0])
    async with db.transaction() as tx:
        assert await calendars.sweep_holds(tx, book=book, at=TUESDAY + timedelta(hours=2)) == 0
    async with db.transaction() as tx:
        assert await calendars.sweep_holds(tx, book=book, at=TUESDAY + timedelta(days=2)) == 1
    assert (await status(dsn, message_id))[0] == "expired"


# -- settling


async def test_an_outcome_of_a_lost_claim_changes_nothing(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    await ask(db, book, run)
    [zombie] = await claimed(db, book, run[0])
    async with db.transaction() as tx:
        assert await messages.release_stale_claims(tx, wall_before=WALL + timedelta(minutes=5), at=TUESDAY) == 1
    [mine] = await claimed(db, book, run[0])
    assert not await mark(db, zombie)
    assert await settle(db, book, Sent(message_id=zombie.message_id, claim=zombie.claim, reply="250")) == set()
    assert (await status(dsn, mine.message_id))[0] == "claimed"


async def test_a_deferred_mail_comes_back_when_the_relay_said_and_loses_nothing(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    await ask(db, book, run)
    [mail] = await claimed(db, book, run[0])
    until = TUESDAY + timedelta(minutes=20)
    await settle(db, book, Deferred(message_id=mail.message_id, claim=mail.claim, until=until, reply="451 later"))
    assert await claimed(db, book, run[0], TUESDAY + timedelta(minutes=19)) == []
    [again] = await claimed(db, book, run[0], until)
    assert (again.message_id, again.tries) == (mail.message_id, 1)


async def test_a_deferral_past_the_deadline_expires_the_mail(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    await ask(db, book, run, worth=timedelta(hours=2))
    [mail] = await claimed(db, book, run[0])
    until = TUESDAY + timedelta(hours=4)
    await settle(db, book, Deferred(message_id=mail.message_id, claim=mail.claim, until=until, reply="451 later"))
    assert (await status(dsn, mail.message_id))[0] == "expired"


@pytest.mark.parametrize(
    ("code", "reply", "dead"),
    [
        (550, "550 5.1.1 no such user", True),
        (550, "550 User unknown", True),
        (554, "554 5.7.1 looks like spam", False),
        (552, "552 5.2.2 mailbox full", False),
        (550, "550 blocked", False),
    ],
)
async def test_only_a_dead_address_is_a_bounce(code: int, reply: str, dead: bool, db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    await ask(db, book, run)
    [mail] = await claimed(db, book, run[0])
    refused = Refused(message_id=mail.message_id, claim=mail.claim, code=code, reply=reply)
    for _ in range(2):
        await settle(db, book, refused)
    assert (await status(dsn, mail.message_id))[0] == "refused"
    bounces = await acts.rows(dsn, "SELECT FROM event WHERE kind = 'bounced'")
    suppressed = await acts.rows(dsn, "SELECT FROM suppression")
    assert (len(bounces), len(suppressed)) == ((1, 1) if dead else (0, 0))


async def test_a_mail_that_went_late_moves_the_rest_of_the_calendar(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    worth = timedelta(days=40)
    for no in range(2):
        await ask(db, book, run, f"dock{no}", worth=worth)
    page = await claimed(db, book, run[0], TUESDAY)
    for mail in page:
        assert await mark(db, mail)
    third = await ask(db, book, run, "dock2", worth=worth)
    [before] = await acts.rows(dsn, "SELECT slot_at FROM message WHERE message_id = $1", third)
    late = TUESDAY + timedelta(days=1)
    await settle(db, book, *(Sent(message_id=m.message_id, claim=m.claim, reply="250") for m in page), at=late)
    [after] = await acts.rows(dsn, "SELECT slot_at FROM message WHERE message_id = $1", third)
    assert before["slot_at"] < late + timedelta(days=7) <= after["slot_at"]


# -- uncertain


async def lost_at_the_dot(db: Db, book: Book, **rest: object) -> MessageId:
    run = await acts.in_journey(db, book)
    await ask(db, book, run, **rest)
    [mail] = await claimed(db, book, run[0])
    assert await mark(db, mail)
    await settle(db, book, Uncertain(message_id=mail.message_id, claim=mail.claim, reply="timed out"))
    return mail.message_id


async def judge(db: Db, book: Book, message_id: MessageId, verdict: uncertain.Verdict) -> None:
    async with db.transaction() as tx:
        settlement = Settlement(verdict=verdict, by="leo-novak", why="the relay's log")
        await uncertain.settle(tx, message_id, settlement, book=book, at=TUESDAY + timedelta(hours=1))


async def test_a_worker_lost_at_the_dot_leaves_the_mail_uncertain_and_it_is_never_sent_again(
    db: Db, dsn: str, book: Book
) -> None:
    run = await acts.in_journey(db, book)
    await ask(db, book, run)
    [mail] = await claimed(db, book, run[0])
    assert await mark(db, mail)
    async with db.transaction() as tx:
        assert await messages.mark_lost_uncertain(tx, wall_before=WALL - timedelta(minutes=1)) == 0
        assert await messages.mark_lost_uncertain(tx, wall_before=WALL + timedelta(minutes=20)) == 1
        [listed] = await uncertain.every(tx)
    assert listed.message_id == mail.message_id
    assert await claimed(db, book, run[0], TUESDAY + timedelta(days=1)) == []


@pytest.mark.parametrize(("verdict", "becomes"), [("sent", "sent"), ("not sent", "refused")])
async def test_evidence_settles_an_uncertain_mail_once(
    verdict: uncertain.Verdict, becomes: str, db: Db, dsn: str, book: Book
) -> None:
    message_id = await lost_at_the_dot(db, book)
    await judge(db, book, message_id, verdict)
    assert (await status(dsn, message_id))[0] == becomes
    with pytest.raises(Conflict):
        await judge(db, book, message_id, verdict)


async def test_uncertain_marketing_is_never_sent_again(db: Db, dsn: str, book: Book) -> None:
    message_id = await lost_at_the_dot(db, book)
    with pytest.raises(Conflict, match="never sent twice"):
        await judge(db, book, message_id, "resend")
    assert (await status(dsn, message_id))[0] == "uncertain"


async def test_uncertain_service_mail_may_be_sent_again_once(db: Db, dsn: str, book: Book) -> None:
    message_id = await lost_at_the_dot(db, book, mail_class="service", mail="guide")
    await judge(db, book, message_id, "resend")
    [row] = await acts.rows(dsn, "SELECT lead_id FROM message")
    [mail] = await claimed(db, book, row["lead_id"], TUESDAY + timedelta(hours=1))
    assert await mark(db, mail, TUESDAY + timedelta(hours=1))
    lost = Uncertain(message_id=mail.message_id, claim=mail.claim, reply="timed out")
    await settle(db, book, lost, at=TUESDAY + timedelta(hours=1))
    with pytest.raises(Conflict, match="once is all"):
        await judge(db, book, message_id, "resend")


async def test_what_a_mail_was_made_of_is_kept_with_its_claim_and_by_a_retry(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    await ask(db, book, run)
    made_of = messages.Written('{"greeting": "Hello,"}', ("/a", "/b"), "of-this-mail")
    [first] = await acts.claim(db, book, lanes.lane_of(run[0]), made_of=lambda _: made_of)
    await settle(db, book, Released(message_id=first.message_id, claim=first.claim))
    [again] = await claimed(db, book, run[0])
    [row] = await acts.rows(dsn, "SELECT links, wire_id FROM message")
    assert (again.values, row["links"], row["wire_id"]) == ({"greeting": "Hello,"}, ["/a", "/b"], "of-this-mail")


async def test_the_sweep_keeps_a_claim_as_long_as_one_of_its_mails_is_under_way(db: Db, dsn: str, book: Book) -> None:
    run = await acts.in_journey(db, book)
    await ask(db, book, run)
    [mail] = await claimed(db, book, run[0])

    async def swept() -> int:
        async with db.transaction() as tx:
            await messages.mark_lost_uncertain(tx, wall_before=WALL + timedelta(hours=1))
        return len(await acts.rows(dsn, "SELECT FROM lane_claim"))

    assert await swept() == 1
    await settle(db, book, Released(message_id=mail.message_id, claim=mail.claim))
    assert await swept() == 0
