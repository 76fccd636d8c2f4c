"""A post office: the ledger, a pool of real connections and a trap, with nobody in it but the test."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from activities import delivery, letters
from activities.ledger import Ledger
from activities.letters import Draft
from activities.tools import Tools
from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.outcome import SendOutcome
from leadloom.domain.model import EnrolmentId, LeadId, MessageId
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.store import asking, lanes, messages
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY, WALL


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
        order = asking.MessageOrder(
            lead_id=run[0], enrolment_id=run[1], step=step, visit=1, journey="small", mail="dock",
            mail_class=mail_class, sender="ines-carvalho", worth=timedelta(days=7),
        )  # fmt: skip
        async with self.db.transaction() as tx:
            return (await asking.ask(tx, order, book=self.book, at=TUESDAY)).message_id

    async def claim(self, lead_id: LeadId, at: datetime = TUESDAY + timedelta(hours=1)) -> list[Draft]:
        """What a drain of the lead's lane holds before it says a word to the relay."""
        page = await letters.claim(self.tools, lanes.lane_of(lead_id), limit=50, book=self.book, at=at)
        assert page.failed == []
        return page.drafts

    async def deliver(self, page: Sequence[Draft], *, tools: Tools | None = None, at: datetime = TUESDAY) -> list[str]:
        """Send a page as a drain does, all connections at once; how each mail ended, as it is written by then."""
        tools = tools or self.tools
        ledger = Heard(tools, self.book, at)
        await delivery.deliver(tools, _in_one(page), ledger)
        return [outcome.kind for outcome in ledger.heard]

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


class Heard(Ledger):
    """The real ledger, which also remembers what it was told."""

    def __init__(self, tools: Tools, book: Book, at: datetime) -> None:
        super().__init__(tools, book, at)
        self.heard: list[SendOutcome] = []

    def settle(self, outcome: SendOutcome) -> None:
        self.heard.append(outcome)
        super().settle(outcome)


async def _in_one(page: Sequence[Draft]) -> AsyncGenerator[Sequence[Draft], None]:
    yield page


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
