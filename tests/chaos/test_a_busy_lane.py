"""Does a busy lane look again before it parks, keep nobody waiting meanwhile, and lose nothing when it stops?"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest

from activities import lanes as lane_effects
from activities.answers import Drained, Look
from activities.lanes import BUSY, LaneEffects
from leadloom.domain.model import MessageId
from leadloom.runtime.local.trapped_mail import TrappedMail
from tests.chaos.conftest import PostOffice
from tests.store.acts import TUESDAY

LANE = "default/0"
CONNECTIONS = 4
LATER = TUESDAY + timedelta(hours=1)
A_MOMENT = timedelta(milliseconds=100)


async def due(post: PostOffice, mails: int, at: datetime) -> list[MessageId]:
    """So many mails in one lane, due at that instant."""
    known = len(await post.rows("SELECT FROM message"))
    runs = [await post.reader(f"reader{known + no}.torres") for no in range(mails)]
    planned = [await post.plan(run, mail_class="service") for run in runs]
    await post.rows("UPDATE message SET lane = $1, slot_at = $2 WHERE message_id = ANY($3)", LANE, at, planned)
    return planned


async def drain(post: PostOffice) -> Drained:
    return await LaneEffects(post.tools).drain(Look(about=LANE, at=LATER))


async def test_a_busy_lane_also_sends_what_falls_due_while_it_drains(post: PostOffice) -> None:
    await due(post, BUSY, LATER)
    [late] = await due(post, 1, LATER + A_MOMENT)
    drained = await drain(post)
    assert (drained.sent, drained.more, drained.until) == (BUSY + 1, False, None)
    [row] = await post.rows("SELECT slot_at, sent_at FROM message WHERE message_id = $1", late)
    # In business time, too: nothing goes before its slot.
    assert row["slot_at"] <= row["sent_at"] <= LATER + lane_effects.PAGE


async def test_a_quiet_lane_parks_at_once_until_its_next_mail(post: PostOffice) -> None:
    await due(post, BUSY - 1, LATER)
    await due(post, 1, LATER + A_MOMENT)
    drained = await drain(post)
    assert (drained.sent, drained.more, drained.until) == (BUSY - 1, False, LATER + A_MOMENT)


async def test_a_lane_that_stays_busy_parks_after_its_two_seconds_and_sees_what_is_due(
    post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_effects, "PAGE", timedelta(seconds=0.5))
    await post.rows("UPDATE lane SET per_second = 100")
    for no in range(4):
        await due(post, BUSY, LATER + no * lane_effects.LULL)
    drained = await drain(post)
    assert BUSY * 2 <= drained.sent < BUSY * 4
    # Nobody nudges a lane that drains: parking itself must find the rest.
    assert drained.more or drained.until is not None


async def test_a_busy_lane_keeps_no_connection_while_it_waits_for_more(
    post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_effects, "LULL", timedelta(seconds=5))
    await due(post, BUSY, LATER)
    gone = asyncio.Event()

    async def on_mail(mail: TrappedMail) -> None:
        if mail.no == BUSY:
            gone.set()

    post.trap.on_mail = on_mail
    draining = asyncio.create_task(drain(post))
    async with asyncio.timeout(3), AsyncExitStack() as held:
        await gone.wait()
        for _ in range(CONNECTIONS):
            await held.enter_async_context(post.tools.smtp.connection())
        # Whoever gives its connection back has written how its mails ended (decision 0009).
        assert await post.rows("SELECT FROM message WHERE status <> 'sent'") == []
    assert not draining.done()
    await draining
