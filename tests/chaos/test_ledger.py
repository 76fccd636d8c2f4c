"""What becomes of confirmed mail when Postgres is away, or the worker is told to stop, before its end is written?"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from activities import ledger
from activities.answers import Look
from activities.lanes import LaneEffects
from activities.ledger import Ledger
from leadloom.domain.errors import Transient, Unreachable
from leadloom.domain.mails.outcome import Sent
from leadloom.domain.model import MessageId
from leadloom.mail.answer import though_cancelled
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
        super().__init__(db._pool, db._short, db.where, db.relay)
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


class Slow(Db):
    """The real database, whose single statements wait until a test lets them go on."""

    def __init__(self, db: Db) -> None:
        super().__init__(db._pool, db._short, db.where, db.relay)
        self.asked, self.may = 0, asyncio.Event()

    @asynccontextmanager
    async def at_once(self) -> AsyncGenerator[Tx, None]:
        self.asked += 1
        await self.may.wait()
        async with super().at_once() as tx:
            yield tx


async def test_connections_that_ask_at_once_are_parted_so_that_some_send_while_postgres_writes(
    post: PostOffice,
) -> None:
    mails = [await claimed(post, no) for no in range(12)]
    slow = Slow(post.db)
    book = Ledger(dataclasses.replace(post.tools, db=slow), post.book, TUESDAY)
    marks = [book.ask(*mail) for mail in mails]
    while slow.asked < 2:  # noqa: ASYNC110  the ledger tells nobody
        await asyncio.sleep(0.001)
    slow.may.set()
    assert all(await asyncio.gather(*marks))
    assert slow.asked == 2, "both groups were asked for before either was written"


async def test_a_mark_waits_for_the_outcome_before_it_though_another_group_may_go_ahead(post: PostOffice) -> None:
    before, after, stranger = [await claimed(post, no) for no in range(3)]
    slow = Slow(post.db)
    book = Ledger(dataclasses.replace(post.tools, db=slow), post.book, TUESDAY)
    slow.may.set()
    assert await book.mark(*before)
    slow.may.clear()
    book.settle(Sent(message_id=before[0], claim=before[1], reply="250 ok"))
    writing = asyncio.create_task(book.written(before[0]))
    while slow.asked < 2:  # noqa: ASYNC110  the ledger tells nobody
        await asyncio.sleep(0.001)
    following, others = book.ask(*after, after=before[0]), book.ask(*stranger)
    while slow.asked < 3:  # noqa: ASYNC110  the ledger tells nobody
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.05)
    assert slow.asked == 3, "the mark of the other connection alone"
    slow.may.set()
    assert await following
    assert await others
    await writing
    assert [await post.status(each) for each, _ in (before, after, stranger)] == ["sent", "at_dot", "at_dot"]


async def test_an_outcome_and_the_mark_after_it_are_one_statement_and_a_late_one_is_settled_first(
    post: PostOffice,
) -> None:
    before, after = [await claimed(post, no) for no in range(2)]
    slow = Slow(post.db)
    slow.may.set()
    # An hour behind its slot: the reader's other mail is planned anew, so the leads are locked first.
    book = Ledger(dataclasses.replace(post.tools, db=slow), post.book, LATER)
    assert await book.mark(*before)
    book.settle(Sent(message_id=before[0], claim=before[1], reply="250 ok"))
    assert await though_cancelled(book.ask(*after, after=before[0]))
    assert slow.asked == 2
    assert [await post.status(each) for each, _ in (before, after)] == ["sent", "at_dot"]


async def claimed(post: PostOffice, no: int) -> tuple[MessageId, UUID]:
    """A mail to another reader, claimed."""
    run = await post.reader(f"reader{no}.torres")
    await post.plan(run, mail_class="service")
    [draft] = await post.claim(run[0])
    return draft.message_id, draft.claim


async def drain(post: PostOffice, lane: str) -> None:
    """A drain as its lane's workflow asks for it."""
    await LaneEffects(post.tools).drain(Look(about=lane, at=LATER))
