"""Does a mail go once when two workers hold the same page, when one is late, or when nobody knows how it ended?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.answers import Look
from activities.lanes import LaneEffects
from activities.ledger import Ledger
from leadloom.domain.errors import Conflict
from leadloom.domain.mails.outcome import Sent
from leadloom.domain.model import MessageId
from leadloom.runtime.local.mail_trap import Fault
from leadloom.store import lanes, messages, uncertain
from leadloom.store.uncertain import Settlement, Verdict
from tests.chaos.conftest import PostOffice
from tests.store.acts import TUESDAY, WALL

LATER = TUESDAY + timedelta(hours=1)
LEASE_OVER = timedelta(minutes=5)
GIVEN_UP = timedelta(minutes=30)


async def test_two_drains_of_one_lane_at_once_send_each_mail_once(post: PostOffice) -> None:
    for no in range(20):
        await post.plan(await post.reader(f"reader{no}.torres"), mail_class="service")
    looks = [Look(about=lane, at=LATER) for lane in ("default/0", "default/1") for _ in range(3)]
    drain = LaneEffects(post.tools).drain
    await asyncio.gather(*(ActivityEnvironment().run(drain, look) for look in looks))
    assert len(post.trap.mails) == 20
    assert post.trap.duplicates() == {}
    assert await post.rows("SELECT FROM message WHERE status <> 'sent'") == []


async def test_a_page_delivered_twice_by_its_own_claim_goes_once(post: PostOffice) -> None:
    run = await post.reader()
    mail = await post.plan(run)
    page = await post.claim(run[0])
    # The one that sent nothing may be heard first or last: the other is believed all the same.
    [first], [second] = await asyncio.gather(*(post.deliver(page, at=LATER) for _ in range(2)))
    assert {first, second} == {"released", "sent"}
    assert len(post.trap.mails) == 1
    assert await post.status(mail) == "sent"


async def test_a_worker_whose_lease_was_taken_by_another_sends_and_settles_nothing(post: PostOffice) -> None:
    run = await post.reader()
    mail = await post.plan(run)
    zombies_page = await post.claim(run[0])
    await sweep(post, LEASE_OVER)
    page = await post.claim(run[0])
    assert await post.deliver(page, at=LATER) == ["sent"]
    assert await post.deliver(zombies_page, at=LATER) == ["released"]
    assert await post.status(mail) == "sent"
    assert len(post.trap.mails) == 1


async def test_a_worker_that_comes_back_before_the_other_has_marked_sends_nothing_either(post: PostOffice) -> None:
    run = await post.reader()
    await post.plan(run)
    zombies_page = await post.claim(run[0])
    await sweep(post, LEASE_OVER)
    page = await post.claim(run[0])
    assert await post.deliver(zombies_page, at=LATER) == ["released"]
    assert await post.deliver(page, at=LATER) == ["sent"]
    assert len(post.trap.mails) == 1


async def test_a_worker_that_fell_asleep_at_its_dot_is_believed_when_it_wakes(post: PostOffice) -> None:
    run = await post.reader()
    mail = await post.plan(run)
    [draft] = await post.claim(run[0])
    ready = draft.write()
    async with post.tools.smtp.connection() as connection:
        await connection.envelope(ready.envelope_from, ready.recipient)
        await connection.body(ready.wire)
        assert await Ledger(post.tools, post.book, LATER).mark(ready.message_id, ready.claim)
        await sweep(post, GIVEN_UP)
        assert await post.status(mail) == "uncertain"
        assert await post.claim(run[0]) == []
        await connection.dot()
    sent = Sent(message_id=mail, claim=ready.claim, reply="250 2.0.0 kept")
    assert await post.settle([sent]) == {mail}
    assert await post.status(mail) == "sent"
    assert len(post.trap.mails) == 1


# -- nobody knows


async def lost(post: PostOffice, mail_class: str) -> tuple[MessageId, str]:
    """A mail whose answer after the dot was lost; its id and lane."""
    run = await post.reader()
    mail = await post.plan(run, mail_class=mail_class)
    post.trap.fail(Fault.DROP_AFTER_DOT, times=1)
    await drain(post, lanes.lane_of(run[0]))
    assert await post.status(mail) == "uncertain"
    return mail, lanes.lane_of(run[0])


async def drain(post: PostOffice, lane: str, later: timedelta = timedelta()) -> None:
    await ActivityEnvironment().run(LaneEffects(post.tools).drain, Look(about=lane, at=LATER + later))


async def settle(post: PostOffice, mail: MessageId, verdict: Verdict) -> None:
    settlement = Settlement(verdict=verdict, by="leo-novak", why="asked the relay")
    async with post.db.transaction() as tx:
        await uncertain.settle(tx, mail, settlement, book=post.book, at=LATER)


@pytest.mark.parametrize("mail_class", ["marketing", "service"])
async def test_a_lost_answer_is_listed_and_never_sent_again_by_us(post: PostOffice, mail_class: str) -> None:
    mail, lane = await lost(post, mail_class)
    await sweep(post, GIVEN_UP)
    for days in range(8):
        await drain(post, lane, timedelta(days=days))
    async with post.db.read() as tx:
        assert [each.message_id for each in await uncertain.every(tx)] == [mail]
    assert len(post.trap.mails) == 1


async def test_marketing_is_never_sent_a_second_time_even_when_asked(post: PostOffice) -> None:
    mail, lane = await lost(post, "marketing")
    with pytest.raises(Conflict, match="never sent twice"):
        await settle(post, mail, "resend")
    await drain(post, lane)
    assert len(post.trap.mails) == 1


async def test_service_mail_is_sent_again_once_and_is_the_same_mail(post: PostOffice) -> None:
    mail, lane = await lost(post, "service")
    await settle(post, mail, "resend")
    post.trap.fail(Fault.DROP_AFTER_DOT, times=1)
    await drain(post, lane)
    assert await post.status(mail) == "uncertain"
    with pytest.raises(Conflict, match="once is all"):
        await settle(post, mail, "resend")
    first, second = post.trap.mails
    assert first.message_id == second.message_id
    assert first.raw == second.raw


@pytest.mark.parametrize(("verdict", "becomes"), [("sent", "sent"), ("not sent", "refused")])
async def test_an_operator_settles_it_once(post: PostOffice, verdict: Verdict, becomes: str) -> None:
    mail, _ = await lost(post, "marketing")
    await settle(post, mail, verdict)
    assert await post.status(mail) == becomes
    with pytest.raises(Conflict, match="nothing to settle"):
        await settle(post, mail, "sent")
    async with post.db.read() as tx:
        assert await uncertain.every(tx) == ()


async def sweep(post: PostOffice, later: timedelta) -> None:
    """The sweep of claims, by a worker that looks at the clock so much later."""
    async with post.db.transaction() as tx:
        await messages.mark_lost_uncertain(tx, wall_before=WALL + later - post.tools.patience.grace)
        await messages.release_stale_claims(tx, wall_before=WALL + later - timedelta(minutes=2), at=LATER)


# -- a mail that can't be written


async def test_a_mail_whose_row_cannot_be_read_holds_up_no_other(post: PostOffice) -> None:
    runs = [await post.reader(f"reader{no}.torres") for no in range(4)]
    mails = [await post.plan(run, mail_class="service") for run in runs]
    await post.rows("""UPDATE message SET "values" = '{"lead": 7}' WHERE message_id = $1""", mails[0])
    for lane in ("default/0", "default/1"):
        await drain(post, lane)
    assert [await post.status(mail) for mail in mails] == ["deferred", "sent", "sent", "sent"]
