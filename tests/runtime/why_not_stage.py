"""Where leads come to stand as each code of why-not says: what the cases do again and again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.campaigns.campaign import Act, CampaignDraft
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.runtime import why_not
from leadloom.runtime.why_not import Told
from leadloom.store import (
    asking,
    campaigns,
    enrolments,
    entering,
    lanes,
    messages,
    published,
    watching,
)  # fmt: skip
from leadloom.store.asking import MessageOrder
from leadloom.store.db import Db
from leadloom.store.entering import ByHand
from leadloom.store.messages import ClaimedMessage
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

DAY = timedelta(days=1)
WAITS = "class: service\nsteps: [{do: wait, id: rest, for: 30d}]"


class Asked(NamedTuple):
    """A question and when it is asked."""

    lead_id: LeadId
    about: str
    at: datetime = TUESDAY
    book: Book | None = None


@dataclass
class Stage:
    """Where leads come to stand as each code says; each of them alone."""

    db: Db
    dsn: str
    book: Book
    people: int = 0
    journeys: int = 0

    async def lead(self, *events: EventDraft, mails: bool = True, at: datetime = TUESDAY, **told: object) -> LeadId:
        self.people += 1
        name = f"p{self.people}"
        words = {"email": f"{name}@{name}.example", "company": name, **told}
        bases = (world.permission(at=at),) if mails else ()
        return await acts.capture(self.db, self.book, world.draft(name, *events, bases=bases, **words), at)

    async def journey(self, enter: str, steps: str = WAITS, *, more: str = "", before: datetime = world.MONDAY) -> str:
        self.journeys += 1
        name = f"j{self.journeys}"
        text = (
            f"name: {name}\npurpose: Test.\nowner: priya-nair\nsender: ines-carvalho\nenter: {enter}\n{more}\n{steps}"
        )
        async with self.db.transaction() as tx:
            journey = Journey.model_validate(DraftText("j.yaml", text).data)
            await published.publish_journey(tx, journey, at=before, by="priya-nair")
            await published.publish_template(tx, name, "letter", world.template("x"), at=before, by="priya-nair")
            self.book = await published.book(tx)
        return name

    async def let_in(self, lead_id: LeadId, journey: str) -> EnrolmentId:
        order = ByHand(journey=journey, by="priya-nair", occasion="test")
        async with self.db.transaction() as tx:
            told = await entering.let_in(tx, [lead_id], order, book=self.book, at=TUESDAY)
            assert told.enrolled == (lead_id,), told
            return next(run for run in await enrolments.of_lead(tx, lead_id) if run.journey == journey).enrolment_id

    async def advance(self, run: EnrolmentId, at: datetime = TUESDAY) -> None:
        await acts.advance(self.db, self.book, run, at)

    async def in_small(self, **told: object) -> tuple[LeadId, EnrolmentId]:
        self.people += 1
        name = f"p{self.people}"
        said = {"email": f"{name}@{name}.example", "company": name, **told}
        lead, _ = await acts.in_journey(self.db, self.book, name, TUESDAY, **said)
        async with self.db.read() as tx:
            runs = await enrolments.of_lead(tx, lead)
        return lead, next(run.enrolment_id for run in runs if run.journey == "small")

    async def asks(self, run: tuple[LeadId, EnrolmentId], step: str, **said: object) -> None:
        """Ask for a mail of the small journey."""
        words = {"mail": "dock", "mail_class": "marketing", "worth": timedelta(days=21), "at": TUESDAY, **said}
        at, book = words.pop("at"), words.pop("book", self.book)
        assert isinstance(at, datetime) and isinstance(book, Book)
        key = {"lead_id": run[0], "enrolment_id": run[1], "step": step, "visit": 1, "journey": "small"}
        async with self.db.transaction() as tx:
            order = MessageOrder.model_validate({**key, "sender": "ines-carvalho", **words})
            await asking.ask(tx, order, book=book, at=at)

    async def claimed(self, run: tuple[LeadId, EnrolmentId], *, dot: bool = True, **said: object) -> ClaimedMessage:
        """A mail in the hands of a worker."""
        await self.asks(run, "m", **said)
        page = await acts.claim(self.db, self.book, lanes.lane_of(run[0]), limit=200)
        mail = next(mail for mail in page if mail.lead_id == run[0])
        if dot:
            async with self.db.transaction() as tx:
                await messages.mark_at_dot(tx, [(mail.message_id, mail.claim)], at=TUESDAY)
        return mail

    async def settled(self, kind: type, **said: object) -> Asked:
        """A mail whose sending ended so."""
        run = await self.in_small()
        mail = await self.claimed(run)
        outcome = kind(message_id=mail.message_id, claim=mail.claim, **{"reply": "said so", **said})
        async with self.db.transaction() as tx:
            await messages.settle(tx, [outcome], book=self.book, at=TUESDAY)
        return Asked(run[0], "small/dock")

    async def campaign(self, journey: str = "small", *, launch: bool = False, **said: object) -> str:
        name = f"c{self.people}"
        words = {
            "name": name, "journey": journey, "goal": "Test", "owner": "priya-nair",
            "audience": Audience(where=None, track="new-business", sources=("webinar",)), **said,
        }  # fmt: skip
        async with self.db.transaction() as tx:
            draft = CampaignDraft.model_validate(words)
            await campaigns.plan(tx, draft, book=self.book, at=TUESDAY, by="priya-nair")
        if launch:
            await self.act(name, Act.LAUNCH)
        return name

    async def act(self, name: str, what: Act) -> None:
        async with self.db.transaction() as tx:
            await campaigns.act(tx, name, what, book=self.book, at=TUESDAY, by="priya-nair")

    async def sweep(self) -> None:
        """What comes to hold, and dates that come, let in."""
        for watch in watching.watches(self.book):
            async with self.db.transaction() as tx:
                await watching.notice(tx, watch, book=self.book, at=TUESDAY)
            async with self.db.transaction() as tx:
                await watching.page(tx, watch, None, book=self.book, at=TUESDAY)

    async def sql(self, statement: str, *values: object) -> None:
        await acts.rows(self.dsn, statement, *values)

    async def tell(self, asked: Asked) -> Told:
        async with self.db.read() as tx:
            return await why_not.tell(tx, asked.lead_id, asked.about, book=asked.book or self.book, at=asked.at)
