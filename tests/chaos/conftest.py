"""A post office: the ledger, a pool of real connections and a trap, with nobody in it but the test."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from activities import letters
from activities.letters import Ready
from activities.tools import Tools
from leadloom.domain.links import Signer
from leadloom.domain.model import EnrolmentId, LeadId, MessageId
from leadloom.domain.outcome import SendOutcome
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.store import lanes, messages
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY, WALL

PAGE = timedelta(seconds=2)


@dataclass
class PostOffice:
    """Where a test stands between a mail's plan and its dot."""

    dsn: str
    db: Db
    book: Book
    trap: MailTrap
    tools: Tools

    async def reader(self, name: str = "ana.torres") -> tuple[LeadId, EnrolmentId]:
        """Somebody in the small journey who may be written to, with nothing planned yet."""
        return await acts.in_journey(self.db, self.book, name)

    async def plan(
        self, run: tuple[LeadId, EnrolmentId], step: str = "dock", mail_class: str = "marketing"
    ) -> MessageId:
        """Ask for a mail; it is due at once."""
        order = messages.MessageOrder(
            lead_id=run[0], enrolment_id=run[1], step=step, visit=1, journey="small", mail="dock",
            mail_class=mail_class, sender="ines-carvalho", worth=timedelta(days=7),
        )  # fmt: skip
        async with self.db.transaction() as tx:
            return (await messages.ask(tx, order, book=self.book, at=TUESDAY)).message_id

    async def claim(self, lead_id: LeadId, at: datetime = TUESDAY + timedelta(hours=1)) -> list[Ready]:
        """What a drain of the lead's lane holds before it says a word to the relay."""
        ready, failed, _ = await letters.claim_and_write(self.tools, lanes.lane_of(lead_id), at=at, page=PAGE)
        assert failed == []
        return ready

    async def settle(self, outcomes: list[SendOutcome], at: datetime = TUESDAY + timedelta(hours=1)) -> set[MessageId]:
        """Write how sends ended."""
        async with self.db.transaction() as tx:
            return await messages.settle(tx, outcomes, book=self.book, at=at)

    async def unsubscribes(self, run: tuple[LeadId, EnrolmentId]) -> None:
        """The reader wants no more mail."""
        await acts.happens(self.db, self.book, run[0], world.happened("unsubscribed", TUESDAY + timedelta(hours=1)))

    async def exits(self, run: tuple[LeadId, EnrolmentId]) -> None:
        """The reader asks to talk, which ends the journey."""
        await acts.happens(self.db, self.book, run[0], world.happened("demo_requested", TUESDAY + timedelta(hours=1)))

    async def status(self, message_id: MessageId) -> str:
        """What the ledger says about a mail."""
        [row] = await self.rows("SELECT status FROM message WHERE message_id = $1", message_id)
        return row["status"]

    async def rows(self, query: str, *values: object) -> list[asyncpg.Record]:
        """What the database says, asked from outside our code."""
        return await acts.rows(self.dsn, query, *values)

    def later(self, span: timedelta) -> Tools:
        """The tools of a worker that looks at the wall's clock so much later."""
        return dataclasses.replace(self.tools, wall_now=lambda: WALL + span)


@pytest.fixture
async def post(dsn: str, db: Db) -> AsyncIterator[PostOffice]:
    """A post office on a fresh database."""
    book = await world.publish(db)
    async with db.transaction() as tx:
        # Which lane a mail takes belongs to its lead's random id: every lane is there, whoever comes.
        for no in range(lanes.SHARDS):
            await lanes.ensure(tx, f"default/{no}")
    async with MailTrap() as trap:
        smtp = SmtpPool.from_url(trap.url, size=4)
        tools = Tools(
            db=db, smtp=smtp, signer=Signer(["signs links in tests"]), public_url="http://leadloom.example",
            wire_secret="makes message ids in tests", epoch=1, wall_now=lambda: WALL, new_claim=new_claim,
        )  # fmt: skip
        yield PostOffice(dsn, db, book, trap, tools)
        await smtp.close()


def new_claim() -> UUID:
    """As a worker makes them."""
    return uuid4()
