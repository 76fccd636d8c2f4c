"""Does a relay that says "later" to everybody cost delay and nothing else: few tries, no mail lost or sent twice?"""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio.testing import ActivityEnvironment

from activities.answers import Drained, Look
from activities.lanes import LaneEffects
from leadloom.domain.mails.retries import IN_A_ROW
from leadloom.domain.model import LeadId
from leadloom.runtime.local.mail_trap import Fault
from leadloom.store import lanes, lead_story
from tests.chaos.conftest import PostOffice
from tests.store.acts import TUESDAY

LANE = "default/0"
MAILS = 24
CONNECTIONS = 4
LATER = TUESDAY + timedelta(hours=1)


async def due(post: PostOffice) -> list[LeadId]:
    """A page of mail, due in one lane."""
    runs = [await post.reader(f"reader{no}.torres") for no in range(MAILS)]
    for run in runs:
        await post.plan(run, mail_class="service")
    await post.rows("UPDATE message SET lane = $1, slot_at = $2", LANE, LATER)
    return [lead_id for lead_id, _ in runs]


async def drain(post: PostOffice, at: datetime) -> Drained:
    return await ActivityEnvironment().run(LaneEffects(post.tools).drain, Look(about=LANE, at=at))


async def lane(post: PostOffice) -> lanes.Lane:
    async with post.db.read() as tx:
        return await lanes.get(tx, LANE)


async def tried(post: PostOffice) -> int:
    return len(await post.rows("SELECT FROM message WHERE tries > 0"))


async def test_a_relay_that_defers_everything_is_left_alone_and_burns_few_tries(post: PostOffice) -> None:
    await due(post)
    post.trap.fail(Fault.DEFER)
    drained = await drain(post, LATER)
    assert IN_A_ROW <= await tried(post) < IN_A_ROW + CONNECTIONS
    assert await post.rows("SELECT FROM message WHERE status NOT IN ('reserved', 'deferred')") == []
    # It is asked again after a minute or so, not after five or sixty, and nobody spins until then.
    assert drained.until is not None
    assert not drained.more
    assert timedelta(minutes=1) <= drained.until - LATER <= timedelta(minutes=2)


async def test_a_minute_later_all_of_it_goes_once(post: PostOffice) -> None:
    await due(post)
    post.trap.fail(Fault.DEFER)
    rests = (await drain(post, LATER)).until
    assert rests is not None
    post.trap.recover()
    await drain(post, rests)
    await drain(post, rests + timedelta(minutes=1))
    assert await post.rows("SELECT FROM message WHERE status <> 'sent'") == []
    assert len(post.trap.mails) == MAILS
    assert post.trap.duplicates() == {}
    assert (await lane(post)).rests_until is None


async def test_nothing_is_claimed_while_the_relay_rests_unless_an_operator_lets_it_go_on(post: PostOffice) -> None:
    await due(post)
    post.trap.fail(Fault.DEFER)
    await drain(post, LATER)
    post.trap.recover()
    await drain(post, LATER + timedelta(seconds=10))
    assert post.trap.mails == []
    async with post.db.transaction() as tx:
        await lanes.resume(tx, LANE)
    await drain(post, LATER + timedelta(seconds=11))
    assert len(post.trap.mails) == len(await post.rows("SELECT FROM message WHERE status = 'sent'")) > 0


async def test_mail_planned_while_the_relay_rests_wakes_nobody(post: PostOffice) -> None:
    await due(post)
    post.trap.fail(Fault.DEFER)
    await drain(post, LATER)
    async with post.db.transaction() as tx:
        await lanes.hold(tx, [LANE])
        await lanes.nudge(tx, {LANE: LATER + timedelta(seconds=5)})
        assert tx.wakes() == ()


async def test_one_address_that_is_deferred_delays_nobody_else(post: PostOffice) -> None:
    await due(post)
    post.trap.fail(Fault.DEFER, to="reader3.torres@meridian-pharma.example")
    await drain(post, LATER)
    assert len(post.trap.mails) == MAILS - 1
    assert (await lane(post)).rests_until is None


async def test_the_lead_s_page_says_what_delays_the_mail(post: PostOffice) -> None:
    leads = await due(post)
    post.trap.fail(Fault.DEFER)
    await drain(post, LATER)
    async with post.db.read() as tx:
        told = {(await lead_story.coming(tx, lead_id, at=LATER))[-1].delayed_by for lead_id in leads}
    assert any(words.startswith("tried once; the relay said: 451") for words in told)
    assert any(words.startswith("the relay takes nothing and is asked again at") for words in told)
    assert "" not in told
