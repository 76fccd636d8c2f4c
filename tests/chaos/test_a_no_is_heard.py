"""Until when is a "no" heard? At each boundary on a mail's way: until the mark before the dot, and not after."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from activities.ledger import Ledger
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.store.db import Db, Tx
from tests.chaos.conftest import PostOffice
from tests.store.acts import TUESDAY

Run = tuple[LeadId, EnrolmentId]
No = Callable[[PostOffice, Run], Awaitable[None]]

either_no = pytest.mark.parametrize("no", [PostOffice.unsubscribes, PostOffice.exits], ids=["unsubscribe", "exit"])


@either_no
async def test_before_planning_nothing_goes(post: PostOffice, no: No) -> None:
    run = await post.reader()
    await no(post, run)
    mail = await post.plan(run)
    assert await delivered(post, run) == []
    assert await post.status(mail) in {"suppressed", "cancelled"}
    assert post.trap.mails == []


@either_no
async def test_planned_nothing_goes(post: PostOffice, no: No) -> None:
    run = await post.reader()
    mail = await post.plan(run)
    await no(post, run)
    assert await delivered(post, run) == []
    assert await post.status(mail) in {"suppressed", "cancelled"}
    assert post.trap.mails == []


@either_no
async def test_claimed_the_mark_is_refused_and_the_connection_closed_before_the_dot(post: PostOffice, no: No) -> None:
    run = await post.reader()
    mail = await post.plan(run)
    page = await post.claim(run[0])
    await no(post, run)
    assert await post.deliver(page) == ["released"]
    await closed_without_a_dot(post)
    assert await delivered(post, run) == []
    assert await post.status(mail) in {"suppressed", "cancelled"}
    assert post.trap.mails == []


@either_no
async def test_body_sent_but_not_marked_the_connection_is_closed_before_the_dot(post: PostOffice, no: No) -> None:
    run = await post.reader()
    await post.plan(run)
    page = await post.claim(run[0])
    gate = Gate(post.db)
    tools = dataclasses.replace(post.tools, db=gate)
    sending = asyncio.create_task(post.deliver(page, tools=tools))
    await gate.reached.wait()
    await no(post, run)
    gate.opens.set()
    assert await sending == ["released"]
    await closed_without_a_dot(post)
    assert post.trap.mails == []


@either_no
async def test_after_the_mark_the_mail_goes_once_and_is_the_last(post: PostOffice, no: No) -> None:
    run = await post.reader()
    await post.plan(run)
    [draft] = await post.claim(run[0])
    ready = draft.write()
    next_mail = await post.plan(run, "next")
    async with post.tools.smtp.connection() as connection:
        await connection.envelope(ready.envelope_from, ready.recipient)
        await connection.body(ready.wire)
        assert await Ledger(post.tools, post.book, TUESDAY).mark(ready.message_id, ready.claim)
        await no(post, run)
        await connection.dot()
    assert await delivered(post, run) == []
    assert len([each for each in post.trap.mails if each.recipients == (ready.recipient,)]) == 1
    assert await post.status(next_mail) in {"suppressed", "cancelled"}


async def delivered(post: PostOffice, run: Run) -> list[str]:
    """How the mails to the reader end that a drain still finds to send. Owners hear of who asks to talk."""
    page = [draft for draft in await post.claim(run[0]) if not draft.for_owner]
    return await post.deliver(page)


async def closed_without_a_dot(post: PostOffice) -> None:
    async with asyncio.timeout(5):
        await post.trap.until(lambda: post.trap.unfinished == 1)


class Gate(Db):
    """The real database behind a gate: shows when the next transaction is wanted, and lets it begin when told."""

    def __init__(self, db: Db) -> None:
        super().__init__(db._pool, db._short, db.where, db.relay)
        self.reached, self.opens = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def transaction(self, *, committed: Callable[[], None] | None = None) -> AsyncGenerator[Tx, None]:
        self.reached.set()
        await self.opens.wait()
        async with super().transaction(committed=committed) as tx:
            yield tx

    @asynccontextmanager
    async def at_once(self) -> AsyncGenerator[Tx, None]:
        self.reached.set()
        await self.opens.wait()
        async with super().at_once() as tx:
            yield tx
