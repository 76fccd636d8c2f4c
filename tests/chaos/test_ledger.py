"""What becomes of confirmed mail when Postgres is away, or the worker is told to stop, before its end is written?"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from activities import ledger
from activities.answers import Look
from activities.lanes import LaneEffects
from leadloom.domain.errors import Transient, Unreachable
from leadloom.domain.model import MessageId
from leadloom.runtime.local.trapped_mail import TrappedMail
from leadloom.store import messages
from leadloom.store.db import Db, Tx
from tests.chaos.conftest import PostOffice
from tests.store.acts import TUESDAY, WALL

LANE = "default/0"
MAILS = 24
LATER = TUESDAY + timedelta(hours=1)


class Away(Db):
    """The real database, away whenever a test says so."""

    def __init__(self, db: Db) -> None:
        super().__init__(db._pool, db.where, db.relay)
        self.is_away = False

    @asynccontextmanager
    async def transaction(self, *, committed: Callable[[], None] | None = None) -> AsyncGenerator[Tx, None]:
        if self.is_away:
            raise Unreachable("Postgres", self.where, "it is being restarted")
        async with super().transaction(committed=committed) as tx:
            yield tx

    @asynccontextmanager
    async def at_once(self) -> AsyncGenerator[Tx, None]:
        if self.is_away:
            raise Unreachable("Postgres", self.where, "it is being restarted")
        async with super().at_once() as tx:
            yield tx


async def confirmed_while_away(post: PostOffice) -> tuple[MessageId, Away, asyncio.Task[list[str]]]:
    """A mail the relay has confirmed while Postgres went away, and the delivery that wants to write it."""
    run = await post.reader()
    mail = await post.plan(run)
    away = Away(post.db)

    async def on_mail(_: TrappedMail) -> None:
        away.is_away = True

    post.trap.on_mail = on_mail
    page = await post.claim(run[0])
    sending = asyncio.create_task(post.deliver(page, tools=dataclasses.replace(post.tools, db=away)))
    async with asyncio.timeout(20):
        await post.trap.arrived(1)
    return mail, away, sending


async def test_a_postgres_that_comes_back_hears_how_the_mail_ended(post: PostOffice) -> None:
    mail, away, sending = await confirmed_while_away(post)
    assert await post.status(mail) == "at_dot"
    away.is_away = False
    assert await sending == ["sent"]
    assert await post.status(mail) == "sent"


async def test_a_postgres_that_stays_away_leaves_the_mail_uncertain_and_it_is_never_sent_again(
    post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "WAITED_FOR", timedelta())
    mail, _, sending = await confirmed_while_away(post)
    with pytest.raises(Transient):
        await sending
    async with post.db.transaction() as tx:
        await messages.mark_lost_uncertain(tx, wall_before=WALL + timedelta(minutes=30))
    assert await post.status(mail) == "uncertain"
    [row] = await post.rows("SELECT lane FROM message WHERE message_id = $1", mail)
    await drain(post, row["lane"])
    assert len(post.trap.mails) == 1


async def test_a_drain_that_is_told_to_stop_settles_what_was_confirmed_and_frees_the_rest(post: PostOffice) -> None:
    for no in range(MAILS):
        await post.plan(await post.reader(f"reader{no}.torres"), mail_class="service")
    await post.rows("UPDATE message SET lane = $1", LANE)
    drains: list[asyncio.Task[None]] = []

    async def on_mail(mail: TrappedMail) -> None:
        if mail.no == MAILS // 2:
            drains[0].cancel()

    post.trap.on_mail = on_mail
    drains.append(asyncio.create_task(drain(post, LANE)))
    await asyncio.wait(drains)
    ended = {row["status"] for row in await post.rows("SELECT DISTINCT status FROM message")}
    assert ended == {"sent", "reserved"}
    assert len(await post.rows("SELECT FROM message WHERE status = 'sent'")) == len(post.trap.mails) < MAILS
    await drain(post, LANE)
    assert len(post.trap.mails) == MAILS
    assert post.trap.duplicates() == {}


async def drain(post: PostOffice, lane: str) -> None:
    """A drain as its lane's workflow asks for it."""
    await LaneEffects(post.tools).drain(Look(about=lane, at=LATER))
