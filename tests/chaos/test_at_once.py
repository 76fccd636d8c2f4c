"""Does a provider get no more mails at once than it bears, and no more by one connection? Real connections."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter

from temporalio.testing import ActivityEnvironment

from activities.answers import Look
from activities.lanes import LaneEffects
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime.local.mail_trap import Fault
from leadloom.runtime.local.trapped_mail import TrappedMail
from tests.chaos.conftest import PostOffice
from tests.chaos.test_mail_hosts import move
from tests.chaos.test_relays import LANE, LATER, count, deliver_by, drain, due, resting

OTHER_LANE = "default/1"


class Watch:
    """How many mails a relay had in its hands at once, by the host they were for."""

    def __init__(self) -> None:
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    async def __call__(self, mail: TrappedMail) -> None:
        host = mail.recipients[0].rpartition("@")[2]
        self.now[host] += 1
        self.most[host] = max(self.most[host], self.now[host])
        await asyncio.sleep(0.03)  # as long as a provider thinks: others come meanwhile, if they may
        self.now[host] -= 1


async def with_connections(post: PostOffice, size: int) -> SmtpPool:
    """A worker with so many."""
    pool = SmtpPool.from_url(post.trap.url, size=size)
    post.tools = dataclasses.replace(post.tools, smtp=pool)
    return pool


async def test_a_provider_gets_as_many_at_once_as_it_bears_and_others_do_not_wait_for_it(post: PostOffice) -> None:
    await deliver_by(post, connections={"google": {"at_once": 2}, "others": {"at_once": 1}})
    await due(post, 24, domain="alder.example")
    await move(post, "gmail.com", 12)
    pool = await with_connections(post, 8)
    watch = post.trap.on_mail = Watch()
    await drain(post, LATER)
    assert await count(post, "status = 'sent' AND tries = 1") == 24
    assert watch.most["gmail.com"] == 2
    # The relay queues what is for them: how many of ours are under way says nothing to their hosts.
    assert watch.most["alder.example"] > 3
    await pool.close()


async def test_lanes_of_a_worker_count_together(post: PostOffice) -> None:
    await deliver_by(post, connections={"google": {"at_once": 2}})
    await due(post, 16, domain="gmail.com")
    await post.rows(
        "UPDATE message SET lane = $1 WHERE message_id IN (SELECT message_id FROM message LIMIT 8)", OTHER_LANE
    )
    pool = await with_connections(post, 8)
    watch = post.trap.on_mail = Watch()
    lanes = LaneEffects(post.tools)
    await asyncio.gather(
        *(ActivityEnvironment().run(lanes.drain, Look(about=lane, at=LATER)) for lane in (LANE, OTHER_LANE))
    )
    assert await count(post, "status = 'sent'") == 16
    assert watch.most["gmail.com"] == 2
    await pool.close()


async def test_over_a_relay_that_passes_on_each_firm_s_host_counts_for_itself(post: PostOffice) -> None:
    await deliver_by(
        post, relays=[{"name": "main", "passes_on": True}], connections={"others": {"at_once": 2, "mails": 100}}
    )
    await due(post, 24, domain="alder.example")
    await move(post, "birch.example", 12)
    pool = await with_connections(post, 8)
    watch = post.trap.on_mail = Watch()
    await drain(post, LATER)
    assert await count(post, "status = 'sent'") == 24
    assert (watch.most["alder.example"], watch.most["birch.example"]) == (2, 2)
    await pool.close()


async def test_a_connection_carries_no_more_to_a_provider_than_it_takes_by_one(post: PostOffice) -> None:
    apple = {"apple": {"at_once": 10, "mails": 2}}
    await deliver_by(post, relays=[{"name": "main", "passes_on": True}], connections=apple)
    await due(post, 6, domain="icloud.com")
    pool = await with_connections(post, 1)
    before = post.trap.connections
    await drain(post, LATER)
    assert len(post.trap.mails) == 6
    assert post.trap.connections - before == 3
    await pool.close()


async def test_a_relay_that_queues_carries_all_of_them_by_one_connection(post: PostOffice) -> None:
    await deliver_by(post, connections={"apple": {"at_once": 10, "mails": 2}})
    await due(post, 6, domain="icloud.com")
    pool = await with_connections(post, 1)
    before = post.trap.connections
    await drain(post, LATER)
    assert (len(post.trap.mails), post.trap.connections - before) == (6, 1)
    await pool.close()


async def test_mails_that_wait_for_their_host_are_given_back_when_it_or_its_relay_goes_to_rest(
    post: PostOffice,
) -> None:
    await deliver_by(post, connections={"google": {"at_once": 1}})
    await due(post, 20, domain="gmail.com", mail_class="service")
    pool = await with_connections(post, 8)
    post.trap.fail(Fault.DEFER)
    async with asyncio.timeout(20):
        await drain(post, LATER)
    [rests] = await resting(post)
    assert rests.provider == "google"
    assert await count(post, "status IN ('reserved', 'deferred')") == 20
    assert await count(post, "tries > 0") == 5, "one at a time: nobody else burns a try"
    post.trap.recover()
    await drain(post, rests.rests_until)
    assert len(post.trap.mails) >= 15
    await pool.close()


async def test_a_relay_that_goes_away_leaves_no_mail_waiting_for_a_host_behind_it(post: PostOffice) -> None:
    await deliver_by(post, connections={"google": {"at_once": 1}})
    await due(post, 20, domain="gmail.com", mail_class="service")
    pool = await with_connections(post, 4)
    await post.trap.stop()
    async with asyncio.timeout(20):
        await drain(post, LATER)
    assert await count(post, "status IN ('reserved', 'deferred')") == 20
    await post.trap.start()
    async with asyncio.timeout(20):
        await drain(post, (await resting(post))[0].rests_until)
    assert len(post.trap.mails) >= 15
    await pool.close()
