"""What stands in the console of a test: three weeks of the example world, lived through the store, without Temporal.

The clocks are looked at every few hours instead of by timers; everything else is the real thing: published journeys and
letters, the ledger with its lanes, hand-offs with their ladders.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from activities import letters
from activities.tools import Tools
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.lead import BasisDraft, BasisKind, EventDraft, LeadDraft, Verdict
from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.outcome import SendOutcome, Sent, Uncertain
from leadloom.domain.model import EnrolmentId, HandOffId, LeadId
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime.publishing import publish_all
from leadloom.store import answering, code_runs, deals, enrolments, events, hand_offs, leads, messages, published
from leadloom.store.db import Db
from leadloom.store.deals import DealDraft
from leadloom.store.published import Book
from tests.store import acts
from tests.store.acts import TUESDAY, WALL

BEGIN = TUESDAY - timedelta(days=21)
LOOK_EVERY = timedelta(hours=6)
PAGE = timedelta(seconds=2)
SECRET = "a secret of these tests alone"

Act = Callable[[datetime], Awaitable[None]]


@dataclass
class Story:
    """A played world and who is in it."""

    db: Db
    dsn: str
    book: Book
    people: dict[str, LeadId] = field(default_factory=dict)
    acts: list[tuple[datetime, Act]] = field(default_factory=list)
    loses: bool = False
    """The next mail's answer after the dot gets lost."""

    @property
    def tools(self) -> Tools:
        smtp = SmtpPool.from_url("smtp://127.0.0.1:9", size=1)  # nothing is ever sent to it
        return Tools(
            db=self.db, smtp=smtp, signer=Signer([SECRET]), public_url="http://kelvance.example",
            wire_secret=SECRET, epoch=1, wall_now=lambda: WALL, new_claim=uuid4,
        )  # fmt: skip

    def at(self, days_ago: float, act: Act) -> None:
        """Let this happen so long before the story's end."""
        self.acts.append((TUESDAY - timedelta(days=days_ago), act))

    def comes(self, days_ago: float, who: LeadDraft, *kinds: str) -> None:
        async def come(at: datetime) -> None:
            drafts = tuple(EventDraft(kind=kind, at=at, key=f"{kind}/{at:%d}") for kind in kinds)
            bases = tuple(basis.model_copy(update={"at": at}) for basis in who.bases)
            draft = who.model_copy(update={"events": drafts, "bases": bases})
            lead_id = await acts.capture(self.db, self.book, draft, at)
            self.people[name_of(who)] = lead_id

        self.at(days_ago, come)

    def does(self, days_ago: float, who: str, kind: str, verdict: Verdict = Verdict.HUMAN, **data: str | int) -> None:
        async def do(at: datetime) -> None:
            draft = EventDraft(kind=kind, at=at, verdict=verdict, data=dict(data))
            async with self.db.transaction() as tx:
                await events.record(tx, self.people[who], [draft], book=self.book, at=at)

        self.at(days_ago, do)

    def decides(self, days_ago: float, who: str, **decision: object) -> None:
        async def decide(at: datetime) -> None:
            now = await self.hand_off_of(who)
            said = Decision.model_validate({"via": "link", **decision})
            async with self.db.transaction() as tx:
                await answering.decide(tx, now.hand_off_id, now.assignment_no, said, book=self.book, at=at)

        self.at(days_ago, decide)

    async def hand_off_of(self, who: str) -> hand_offs.HandOff:
        """The lead's newest hand-off."""
        query = "SELECT hand_off_id FROM hand_off WHERE lead_id = $1 ORDER BY opened_at DESC LIMIT 1"
        (row,) = await acts.rows(self.dsn, query, self.people[who])
        async with self.db.read() as tx:
            return await hand_offs.get(tx, HandOffId(row["hand_off_id"]))

    async def run_of(self, who: str, journey: str) -> EnrolmentId:
        """The lead's run in that journey."""
        async with self.db.read() as tx:
            runs = await enrolments.of_lead(tx, self.people[who])
        return next(run.enrolment_id for run in runs if run.journey == journey)

    async def play(self, until: datetime = TUESDAY) -> None:
        """Live from the beginning to `until`."""
        marks = [BEGIN + LOOK_EVERY * step for step in range(int((until - BEGIN) / LOOK_EVERY))]
        instants = sorted({*marks, *(when for when, _ in self.acts), until})
        for instant in instants:
            for when, act in sorted(self.acts, key=lambda one: one[0]):
                if when == instant:
                    await act(instant)
            await self.look(instant)

    async def look(self, at: datetime) -> None:
        """Whatever is due by now moves: runs, hand-offs, lanes."""
        due = "status = 'active' AND blocked_at IS NULL AND journey_hash IS NOT NULL AND waits_until <= $1"
        for row in await acts.rows(self.dsn, f"SELECT enrolment_id FROM enrolment WHERE {due}", at):
            await acts.advance(self.db, self.book, EnrolmentId(row["enrolment_id"]), at)
        code = (
            "SELECT enrolment_id FROM enrolment WHERE status = 'active' AND journey_hash IS NULL AND waits_until <= $1"
        )
        for row in await acts.rows(self.dsn, code, at):
            await self._wait_for_colleagues(EnrolmentId(row["enrolment_id"]), at)
        open_ones = "(state = 'offered' OR (state = 'accepted' AND first_try_at IS NULL)) AND waits_until <= $1"
        for row in await acts.rows(self.dsn, f"SELECT hand_off_id FROM hand_off WHERE {open_ones}", at):
            async with self.db.transaction() as tx:
                await hand_offs.advance(tx, HandOffId(row["hand_off_id"]), book=self.book, at=at)
        lanes = "SELECT DISTINCT lane FROM message WHERE status IN ('reserved', 'deferred') AND slot_at <= $1"
        for row in await acts.rows(self.dsn, lanes, at):
            await self.drain(row["lane"], at)

    async def _wait_for_colleagues(self, enrolment_id: EnrolmentId, at: datetime) -> None:
        """What the workflow of the buying circle does for somebody whose colleagues stay silent."""
        query = "SELECT entered_at FROM enrolment WHERE enrolment_id = $1"
        (row,) = await acts.rows(self.dsn, query, enrolment_id)
        until = row["entered_at"] + timedelta(days=21)
        async with self.db.transaction() as tx:
            if at < until:
                words = "a second role of the company"
                await code_runs.stand(tx, enrolment_id, waiting_for=words, until=until, listens=["link_clicked"])
            else:
                await code_runs.finish(tx, enrolment_id, outcome="one role only", at=at)

    async def drain(self, lane: str, at: datetime) -> None:
        """What a lane does, with a relay that says yes."""
        ready, failed, *_ = await letters.claim(self.tools, lane, limit=40, book=self.book, at=at)
        async with self.db.transaction() as tx:
            pairs = [(mail.message_id, mail.claim) for mail in ready]
            marked = await messages.mark_at_dot(tx, pairs, at=at)
            outcomes: list[SendOutcome] = [
                self._answer(mail.message_id, mail.claim) for mail in ready if mail.message_id in marked
            ]
            await messages.settle(tx, [*outcomes, *failed], book=self.book, at=at)

    def _answer(self, message_id: UUID, claim: UUID) -> SendOutcome:
        if self.loses:
            self.loses = False
            return Uncertain.model_validate({"message_id": message_id, "claim": claim, "reply": "connection lost"})
        return Sent.model_validate({"message_id": message_id, "claim": claim, "reply": "250 2.0.0 queued"})


def person(name: str, company: str, country: str, role: str, **rest: object) -> LeadDraft:
    """Somebody who allows us to write, at a company that could use loggers."""
    first, _, last = name.partition(" ")
    host = company.lower().replace(" ", "-").replace("ü", "u")
    told = {
        "email": f"{first}.{last}@{host}.example".lower(), "first_name": first, "last_name": last, "company": company,
        "country": country, "role": role, "industry": "pharma distribution", "sites": 5, "source": "microsite",
        "phone": "+1 212 555 0199",
        "bases": (BasisDraft(kind=BasisKind.DOUBLE_OPT_IN, source="guide form", wording="Yes, write.", at=BEGIN),),
    }  # fmt: skip
    return LeadDraft.model_validate({**told, **rest})


def name_of(who: LeadDraft) -> str:
    return (who.first_name or "").lower()


async def three_weeks(db: Db, dsn: str) -> Story:
    """The story every console test looks at. It ends on Tuesday, 3 March 2026, 10:00 in New York."""
    await publish_all(db, at=BEGIN - timedelta(days=1), by="samira-haddad")
    async with db.read() as tx:
        story = Story(db, dsn, await published.book(tx))
    _readers(story)
    _askers(story)
    _customers(story)
    await story.play()
    await _trouble(story)
    return story


def _readers(story: Story) -> None:
    """Who is nurtured: one who engages until sales gets a scored lead, one who stops, one without a permission."""
    story.comes(20, person("Ana Torres", "Meridian Pharma", "US", "quality"), "guide_requested")
    story.does(16, "ana", "link_clicked")
    story.does(13, "ana", "link_clicked", Verdict.MACHINE)
    story.does(11.5, "ana", "calculator_finished", cost=38)
    story.does(2, "ana", "price_page")
    story.comes(19, person("Eva Lund", "Fjord Logistics", "NO", "logistics"), "guide_requested")
    story.does(14, "eva", "unsubscribed")
    story.comes(9, person("Hugo Marin", "Clinique du Lac", "FR", "it", bases=()), "guide_requested")
    story.comes(6, person("Iris Blom", "Koelhuis", "NL", "quality", source="webinar"), "guide_requested")
    story.comes(6.5, person("Mona Frei", "Alpenfracht", "CH", "quality", source="referral"), "guide_requested")
    story.comes(3.05, person("Nora Tan", "Straits Pharmacy", "SG", "quality"), "guide_requested")
    story.comes(5, person("Jan Peeters", "Farma Gent", "BE", "logistics", source="search-ads"), "guide_requested")


def _askers(story: Story) -> None:
    """Who asked to talk: fresh, overdue and up the ladder, accepted, given back."""
    story.comes(0.003, person("Clara Weiss", "Nordkühl", "DE", "quality"), "demo_requested")
    story.comes(0.06, person("Ben Ito", "Harbor Foods", "CA", "logistics", industry="food logistics"), "demo_requested")
    story.comes(3.4, person("Dev Rao", "Straits Medical", "SG", "logistics", source="pharmalog"), "price_requested")
    story.decides(3.39, "dev", kind="accept", by="wei-jie-tan")
    story.comes(8, person("Finn Kelly", "Shannon Hospital", "IE", "quality", source="webinar"), "call_requested")
    until = datetime(2026, 6, 1, 8, tzinfo=UTC)
    story.decides(7.98, "finn", kind="reject", by="ines-carvalho", reason="not-yet", until=until)


def _customers(story: Story) -> None:
    """Who bought, and whose deal is open."""

    def deal(days_ago: float, who: str, name: str, stage: str, amount: int) -> None:
        async def save(at: datetime) -> None:
            told = {
                "external_id": f"crm-{who}", "name": name, "lead_id": story.people[who], "owner": "dana-whitlock",
                "product": "Kit", "amount": Decimal(amount), "currency": "USD", "stage": stage,
                "created_at": at - timedelta(days=2) if stage != "open" else at,
                "closed_at": at if stage != "open" else None,
            }  # fmt: skip
            async with story.db.transaction() as tx:
                await deals.save(tx, DealDraft.model_validate(told), book=story.book, at=at)

        story.at(days_ago, save)

    story.comes(18, person("Gwen Ode", "Bluebird Pharmacy", "US", "quality", source="referral"), "demo_requested")
    story.decides(17.99, "gwen", kind="accept", by="marcus-oyelaran")
    story.does(15, "gwen", "meeting_held", need="yes", timing="this year", authority="yes")
    deal(4, "gwen", "Bluebird, one Kit", "won", 4_800)
    story.comes(12, person("Karl Vogt", "Alpenfracht", "CH", "logistics"), "demo_requested")
    story.decides(11.99, "karl", kind="accept", by="ines-carvalho")
    deal(3, "karl", "Alpenfracht, Fleet", "open", 36_000)


async def _trouble(story: Story) -> None:
    """What an operator must see: a blocked run, a mail nobody knows about."""
    async with story.db.transaction() as tx:
        error = "TemplateError: told() needs three arguments"
        await enrolments.block(tx, await story.run_of("jan", "welcome-four-degrees"), error, at=TUESDAY)
    story.loses = True
    later = person("Lea Sommer", "Kurier Süd", "AT", "quality")
    story.people["lea"] = await acts.capture(
        story.db, story.book,
        later.model_copy(update={"events": (EventDraft(kind="guide_requested", at=TUESDAY),)}), TUESDAY,
    )  # fmt: skip
    await story.look(TUESDAY)


async def crowd(story: Story, count: int) -> None:
    """Many leads more, to page through."""
    for number in range(count):
        draft = LeadDraft(email=f"reader{number:03}@crowd.example", source="pharmalog")
        async with story.db.transaction() as tx:
            await leads.capture(tx, draft, book=story.book, at=TUESDAY, actor="system")
