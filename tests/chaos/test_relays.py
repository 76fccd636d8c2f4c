"""Does mail find another relay when one is away, keep each pace, and burn nobody's tries? Real ledger, real relays."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from temporalio.testing import ActivityEnvironment

from activities.answers import Drained, Look
from activities.lanes import LaneEffects
from activities.tools import Patience
from leadloom.domain.definitions.delivery_policy import DeliveryPolicy
from leadloom.domain.lead import EventDraft
from leadloom.domain.mails.retries import IN_A_ROW
from leadloom.domain.model import LeadId
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime.local.mail_trap import Fault, MailTrap
from leadloom.runtime.local.trapped_mail import TrappedMail
from leadloom.store import published, routes, sender_domains, why_not
from tests import world
from tests.chaos.conftest import PostOffice
from tests.store.acts import TUESDAY, happens

LANE = "default/0"
LATER = TUESDAY + timedelta(hours=1)
NEWS = "news.kelvance.example"
TWO_RELAYS = {"relays": [{"name": "main"}, {"name": "spare"}]}


async def deliver_by(post: PostOffice, **policy: object) -> None:
    """Put a delivery policy in force."""
    delivery = DeliveryPolicy.model_validate(policy)
    mail = post.book.definition.mail.model_copy(update={"delivery": delivery})
    changed = post.book.definition.model_copy(update={"mail": mail})
    async with post.db.transaction() as tx:
        await published.publish_definition(tx, changed, at=TUESDAY - timedelta(days=1), by="samira-haddad")
        post.book = await published.book(tx)


async def due(post: PostOffice, count: int, *, domain: str = "meridian-pharma.example", mail_class: str = "marketing"
              ) -> list[LeadId]:  # fmt: skip
    """So many mails that are due in one lane, all to people of a domain."""
    runs = [await post.reader(f"reader{no}") for no in range(count)]
    for run in runs:
        await post.plan(run, mail_class=mail_class)
    await post.rows("UPDATE message SET lane = $1, slot_at = $2", LANE, LATER)
    await post.rows("UPDATE lead SET email = split_part(email, '@', 1) || '@' || $1", domain)
    return [lead_id for lead_id, _ in runs]


async def drain(post: PostOffice, at: datetime) -> Drained:
    return await ActivityEnvironment().run(LaneEffects(post.tools).drain, Look(about=LANE, at=at))


@asynccontextmanager
async def with_a_spare(post: PostOffice) -> AsyncGenerator[MailTrap]:
    """A second relay, which the worker knows by its name."""
    async with MailTrap() as trap:
        spare = SmtpPool.from_url(trap.url, size=2)
        post.tools = dataclasses.replace(post.tools, spares={"spare": spare})
        yield trap
        await spare.close()


async def count(post: PostOffice, where: str) -> int:
    [row] = await post.rows(f"SELECT count(*) AS n FROM message WHERE {where}")
    return row["n"]


async def resting(post: PostOffice) -> Sequence[routes.Resting]:
    async with post.db.read() as tx:
        return await routes.every(tx)


async def test_a_relay_that_is_away_hands_its_mail_to_the_next_and_burns_no_try(post: PostOffice) -> None:
    await deliver_by(post, **TWO_RELAYS)
    await due(post, 12)
    async with with_a_spare(post) as spare:
        await post.trap.stop()
        await drain(post, LATER)
        await drain(post, LATER)
        assert len(spare.mails) == 12
        assert await count(post, "status = 'sent' AND relay = 'spare' AND tries = 1") == 12
        assert [(each.relay, each.provider) for each in await resting(post)] == [("main", "*")]
        # Back when it answers: the next mail after the rest is its again.
        await post.trap.start()
        await post.plan(await post.reader("late.comer"), mail_class="service")
        back = (await resting(post))[0].rests_until
        await post.rows("UPDATE message SET lane = $1, slot_at = $2 WHERE status = 'reserved'", LANE, back)
        await drain(post, back)
        assert (len(post.trap.mails), len(spare.mails)) == (1, 12)
        assert await resting(post) == ()


async def test_a_large_page_for_a_relay_that_went_away_holds_up_nobody(post: PostOffice) -> None:
    await deliver_by(post, **TWO_RELAYS)
    await due(post, 80)
    await post.rows("UPDATE lane SET per_second = 200")
    async with with_a_spare(post) as spare:
        await post.trap.stop()
        async with asyncio.timeout(30):
            await drain(post, LATER)
            await drain(post, LATER)
        assert len(spare.mails) == 80


async def test_a_spare_that_may_not_send_for_the_domain_gets_none_of_its_mail(post: PostOffice) -> None:
    await deliver_by(
        post, relays=[{"name": "main"}, {"name": "spare", "domains": ["kelvance.example"]}], domains={"marketing": NEWS}
    )
    await due(post, IN_A_ROW + 3)
    async with with_a_spare(post) as spare:
        await post.trap.stop()
        await drain(post, LATER)
        drained = await drain(post, LATER)
        assert spare.mails == []
        assert not drained.more
        assert await count(post, "kept_why = 'relay_rests' AND tries = 0") >= 3
        await post.trap.start()
        async with post.db.transaction() as tx:
            assert await routes.resume(tx, "main", at=LATER) == 1
        await drain(post, LATER)
        assert len(post.trap.mails) == IN_A_ROW + 3
        assert all(mail.raw.split(b"From: ", 1)[1].split(b"\r\n", 1)[0].endswith(b"@news.kelvance.example>")
                   for mail in post.trap.mails)  # fmt: skip


async def test_a_provider_that_defers_everything_rests_alone_and_longer_each_time(post: PostOffice) -> None:
    await deliver_by(post)
    await due(post, 4 * IN_A_ROW + 8, domain="gmail.com")
    await post.rows(
        "UPDATE lead SET email = 'x' || email || '.example' WHERE lead_id IN"
        " (SELECT lead_id FROM message ORDER BY message_id LIMIT 4)"
    )
    others = [row["email"] for row in await post.rows("SELECT email FROM lead WHERE email LIKE '%.example'")]
    for row in await post.rows("SELECT email FROM lead WHERE email LIKE '%@gmail.com'"):
        post.trap.fail(Fault.DEFER, to=row["email"])
    await drain(post, LATER)
    await drain(post, LATER)
    assert sorted(mail.recipients[0] for mail in post.trap.mails) == sorted(others)
    [first] = await resting(post)
    assert (first.relay, first.provider, first.failures) == ("main", "google", 1)
    assert first.why.startswith("451")
    tried = await count(post, "tries > 0 AND status <> 'sent'")
    # In a row, or under way on another connection; before the last of the others went each may have heard of one more.
    assert IN_A_ROW <= tried <= IN_A_ROW + 2 * post.tools.smtp.size
    assert await count(post, "kept_why = 'relay_rests' AND tries = 0") > 0
    await drain(post, first.rests_until)
    [second] = await resting(post)
    assert (second.failures, second.since) == (2, first.since)
    assert second.rests_until - first.rests_until >= timedelta(minutes=2)
    post.trap.recover()
    await drain(post, second.rests_until)
    assert await resting(post) == ()


async def test_a_relay_that_took_mail_since_it_rested_rests_no_longer_than_the_first_time(post: PostOffice) -> None:
    await deliver_by(post)
    await due(post, 6 * IN_A_ROW)
    post.trap.fail(Fault.DEFER, times=2 * IN_A_ROW)
    await drain(post, LATER)
    [first] = await resting(post)
    assert (first.relay, first.provider, first.failures) == ("main", "*", 1)

    async def falters_again(mail: TrappedMail) -> None:
        if mail.no == 6:
            post.trap.fail(Fault.DEFER)

    post.trap.recover()
    post.trap.on_mail = falters_again
    again = first.rests_until
    await drain(post, again)
    assert len(post.trap.mails) >= 6
    [second] = await resting(post)
    assert second.failures == 1
    assert second.since >= again
    assert second.rests_until - again < timedelta(minutes=4)


async def test_a_relay_in_vain_rests_by_the_same_measure_as_its_mails(post: PostOffice) -> None:
    await deliver_by(post)
    await due(post, 4 * IN_A_ROW)
    post.tools = dataclasses.replace(post.tools, patience=Patience(first_retry=timedelta(seconds=3)))
    post.trap.fail(Fault.DEFER)
    await drain(post, LATER)
    [first] = await resting(post)
    assert first.rests_until - LATER <= timedelta(seconds=4)
    await drain(post, first.rests_until)
    [second] = await resting(post)
    assert second.failures == 2
    assert timedelta(seconds=6) <= second.rests_until - first.rests_until <= timedelta(seconds=8)


async def test_a_relay_that_hangs_up_on_all_connections_at_once_is_tried_anew_and_not_left_alone(
    post: PostOffice,
) -> None:
    await deliver_by(post)
    await due(post, 6 * IN_A_ROW, mail_class="service")
    eight = SmtpPool.from_url(post.trap.url, size=8)
    post.tools = dataclasses.replace(post.tools, smtp=eight)
    everybody_is_here = asyncio.Event()

    async def wait_for_all(_: TrappedMail) -> None:
        if post.trap.open_connections == 8:
            everybody_is_here.set()
        await everybody_is_here.wait()

    post.trap.on_mail = wait_for_all
    await post.rows(
        "UPDATE message SET slot_at = $1 WHERE message_id IN (SELECT message_id FROM message LIMIT 18)",
        LATER + timedelta(minutes=5),
    )
    await drain(post, LATER)
    assert len(post.trap.mails) == 12
    post.trap.fail(Fault.DROP_BEFORE_354, times=8)
    await drain(post, LATER + timedelta(minutes=5))
    assert await resting(post) == ()
    assert len(post.trap.mails) == 12 + 18 - 8
    await drain(post, LATER + timedelta(minutes=7))
    assert await count(post, "status = 'sent'") == 30
    assert post.trap.duplicates() == {}
    await eight.close()


async def test_a_provider_that_blocks_us_rests_and_no_mail_and_no_address_is_lost_by_it(post: PostOffice) -> None:
    await deliver_by(post)
    leads = await due(post, 2 * IN_A_ROW, domain="gmail.com")
    post.trap.fail(Fault.BLOCK)
    await drain(post, LATER)
    [rests] = await resting(post)
    assert (rests.provider, rests.why[:9]) == ("google", "550 5.7.1")
    assert await count(post, "status = 'refused'") == 0
    assert await post.rows("SELECT FROM event WHERE kind = 'bounced'") == []
    post.trap.recover()
    for minutes in (2, 5, 10):
        await drain(post, LATER + timedelta(minutes=minutes))
    assert len(post.trap.mails) == len(leads)


async def test_a_relay_that_says_for_how_long_is_left_alone_so_long(post: PostOffice) -> None:
    run = await post.reader("ana")
    await post.plan(run, mail_class="service")
    await post.rows("UPDATE message SET lane = $1, slot_at = $2", LANE, LATER)
    post.trap.fail(Fault.WAIT)
    await drain(post, LATER)
    [row] = await post.rows("SELECT slot_at, deadline, deferred_since FROM message")
    assert timedelta(seconds=900) <= row["slot_at"] - LATER <= timedelta(seconds=950)
    assert (row["deferred_since"], row["deadline"]) == (LATER, LATER + timedelta(hours=48))


async def test_one_firm_gets_its_mail_at_a_pace_and_each_mail_says_why_it_waits(post: PostOffice) -> None:
    await deliver_by(post, per_recipient_domain={"count": 4, "within": "1m"})
    leads = await due(post, 10)
    await drain(post, LATER)
    assert len(post.trap.mails) == 4
    slots = [
        row["slot_at"] - LATER
        for row in await post.rows("SELECT slot_at FROM message WHERE status = 'reserved' ORDER BY slot_at")
    ]
    assert slots == [timedelta(seconds=15 * no) for no in range(1, 7)]
    async with post.db.read() as tx:
        asked = [await why_not.last_mail(tx, lead, "small", "dock", book=post.book, at=LATER) for lead in leads]
    assert {each.now.kept_why for each in asked if each is not None} == {None, "company_pace"}
    for no in range(1, 7):
        await drain(post, LATER + timedelta(seconds=15 * no))
        assert len(post.trap.mails) == 4 + no
    assert await count(post, "tries = 1 AND status = 'sent' AND late_why = 'pace'") == 6


async def test_a_lane_that_was_stopped_does_not_go_on_with_a_flood(post: PostOffice) -> None:
    await deliver_by(post, per_recipient_domain={"count": 4, "within": "1m"})
    await due(post, 14)
    await drain(post, LATER)
    await drain(post, LATER + timedelta(minutes=5))
    assert len(post.trap.mails) == 8


async def test_a_young_domain_sends_its_days_mail_and_the_rest_waits_for_its_window_tomorrow(post: PostOffice) -> None:
    await deliver_by(post, domains={"marketing": NEWS}, warm_up={NEWS: {"from": "2026-03-03", "per_day": [3, 100]}})
    await due(post, 5)
    await drain(post, LATER)
    assert len(post.trap.mails) == 3
    drained = await drain(post, LATER + timedelta(minutes=1))
    assert len(post.trap.mails) == 3
    assert drained.until is not None
    # Its day begins at midnight, where no letter goes: then it is planned anew, into the reader's hours.
    midnight = drained.until
    await drain(post, midnight)
    assert len(post.trap.mails) == 3
    opens = (await drain(post, midnight)).until
    assert opens is not None
    assert timedelta(hours=6) < opens - midnight < timedelta(hours=16)
    for minutes in (0, 10, 30, 60):
        await drain(post, opens + timedelta(minutes=minutes))
    assert len(post.trap.mails) == 5


async def test_complaints_stop_a_sender_domain_until_an_operator_lets_it_go_on(post: PostOffice) -> None:
    await deliver_by(post, complaints={"of_at_least": 4, "alarm": 0.1, "stop": 0.25})
    leads = await due(post, 4)
    await drain(post, LATER)
    spam = EventDraft(kind="complained", at=LATER + timedelta(minutes=5), actor="system")
    await happens(post.db, post.book, leads[0], spam)
    at = LATER + timedelta(minutes=10)
    assert await ActivityEnvironment().run(LaneEffects(post.tools).watch_complaints, Look(about="", at=at)) == 1
    await post.plan(await post.reader("somebody.else"))
    await post.plan(await post.reader("who.waits"), mail_class="service")
    await post.rows("UPDATE message SET lane = $1, slot_at = $2 WHERE status = 'reserved'", LANE, at)
    await drain(post, at)
    assert len(post.trap.mails) == 5
    assert await count(post, "kept_why = 'sender_stopped'") == 1
    async with post.db.transaction() as tx:
        [row] = await sender_domains.every(tx)
        assert (row.sent, row.complaints, row.stopped_at) == (4, 1, at)
        await sender_domains.resume(tx, row.domain, at=at)
    await ActivityEnvironment().run(LaneEffects(post.tools).watch_complaints, Look(about="", at=at))
    await drain(post, at + timedelta(minutes=10))
    await drain(post, at + timedelta(minutes=11))
    assert len(post.trap.mails) == 6


def test_the_definition_in_force_names_a_pace_for_a_firm() -> None:
    pace = world.definition().mail.delivery.per_recipient_domain
    assert pace is not None
    assert (pace.count, pace.within) == (30, timedelta(minutes=1))
