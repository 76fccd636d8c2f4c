"""What would a journey send this lead, on which days, by which ways? Every branch walked, nothing written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from jinja2 import TemplateError

from leadloom.domain.errors import NotFound
from leadloom.domain.facts import CompanyStand, Facts
from leadloom.domain.journeys.conditions import holds, words
from leadloom.domain.journeys.day_range import Days
from leadloom.domain.journeys.journey import Journey, Step
from leadloom.domain.journeys.journey_days import days_of
from leadloom.domain.journeys.journey_words import step_words, ways
from leadloom.domain.journeys.steps.branch import Branch
from leadloom.domain.journeys.steps.send import Send
from leadloom.domain.journeys.steps.step import Letter
from leadloom.domain.journeys.steps.wait import Wait
from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.windows import next_in_window
from leadloom.domain.model import HandOffId, Instant, LeadId, MessageId, OwnerId, Value
from leadloom.domain.stages.company import stands
from leadloom.domain.stages.scoring import score
from leadloom.mail.render import Rendered
from leadloom.runtime.shown_mail import imagine
from leadloom.store import colleagues, lead_story, leads, owners, published
from leadloom.store.db import Db
from leadloom.store.lead_story import Standing
from leadloom.store.published import Book
from leadloom.store.tx import Tx

_DAY = timedelta(days=1)


class Way(Value):
    """A way on from a step."""

    when: str
    to: str
    holds_now: bool | None = None
    """Whether the lead would take it, as far as their facts say today; None where only time will tell."""


class PreviewMail(Value):
    """A mail as this lead would read it."""

    mail: str
    mail_class: str
    sender: str
    """Name of who signs."""
    to: str | None
    """Handle of the owner who gets it; None is the lead."""
    rendered: Rendered | None
    fault: str = ""
    """Why it can't be shown, or would not go."""


class PreviewStep(Value):
    """One step, in the order the journey is written."""

    step: str
    words: str
    days: Days | None
    """None for a step no way leads to."""
    first_at: Instant | None
    """If the lead came in now: the earliest moment, within the lead's local window when the mail keeps one."""
    ways: tuple[Way, ...]
    mail: PreviewMail | None


class JourneyPreview(Value):
    """All mails and branches of a journey for one lead, on one page."""

    journey: Journey
    journey_hash: str
    lead_id: LeadId
    lead_name: str
    zone: str
    """In which the lead's windows are judged."""
    may_market: bool
    steps: tuple[PreviewStep, ...]


class _Imagined(Value):
    """A mail nobody has asked for."""

    message_id: MessageId
    lead_id: LeadId | None
    owner_id: OwnerId | None
    hand_off_id: HandOffId | None = None
    sender: str
    mail_class: str


async def preview(db: Db, name: str, lead_id: LeadId, *, signer: Signer, at: datetime) -> JourneyPreview:
    """The journey in force, for this lead, if they came in at `at`. Raises NotFound for either."""
    async with db.read() as tx:
        book = await published.book(tx)
        found = next((one for one in book.journeys if one.journey.name == name), None)
        if found is None:
            raise NotFound("journey as data", name)
        standing = await lead_story.read(tx, await leads.get(tx, lead_id), book=book, at=at)
        whom = _Whom(standing, await _company(tx, standing, book, at))
        return await _Previewer(tx, book, found.journey, whom, signer, at).preview(found.hash)


class _Whom(NamedTuple):
    """The lead it is shown for."""

    standing: Standing
    company: CompanyStand | None


async def _company(tx: Tx, standing: Standing, book: Book, at: datetime) -> CompanyStand | None:
    account_id = standing.lead.account_id
    if account_id is None:
        return None
    return stands(book.definition, (await colleagues.of_companies(tx, [account_id]))[account_id], at=at)


class _Previewer:
    """Holds what every step of one preview needs."""

    def __init__(self, tx: Tx, book: Book, journey: Journey, whom: _Whom, signer: Signer, at: datetime) -> None:
        self._tx, self._book, self._journey = tx, book, journey
        self._signer, self._at = signer, at
        self._standing, self._company = whom
        self._rules = SendRules(book.definition).of(self._standing.lead, self._standing.account)
        self._facts = self._facts_now()
        self._days = days_of(journey, dated=dict(self._dated()))

    async def preview(self, journey_hash: str) -> JourneyPreview:
        lead = self._standing.lead
        name = " ".join(part for part in (lead.first_name, lead.last_name) if part) or lead.email or "no name yet"
        return JourneyPreview(
            journey=self._journey,
            journey_hash=journey_hash,
            lead_id=lead.lead_id,
            lead_name=name,
            zone=self._rules.zone,
            may_market=self._standing.may_market,
            steps=tuple([await self._step(step) for step in self._journey.steps]),
        )

    async def _step(self, step: Step) -> PreviewStep:
        days = self._days.get(step.id)
        letters = step.letters(self._journey)  # of a stream the first: what the lead has had is for the run to know
        mail = await self._mail(step, letters[0]) if letters else None
        return PreviewStep(
            step=step.id,
            words=step_words(step),
            days=days,
            first_at=self._first_at(days, mail),
            ways=self._ways(step),
            mail=mail,
        )

    def _ways(self, step: Step) -> tuple[Way, ...]:
        told = [Way(when=when, to=to) for when, to in ways(step, self._journey.after(step.id))]
        if not isinstance(step, Branch):
            return tuple(told)
        answers = [holds(case.when, self._facts, self._at) for case in step.cases]
        taken = answers.index(True) if True in answers else len(answers)
        return tuple(way.model_copy(update={"holds_now": index == taken}) for index, way in enumerate(told))

    async def _mail(self, step: Step, letter: Letter) -> PreviewMail:
        mail_class = letter.mail_class
        own = self._standing.owner or self._journey.sender
        signs = own if letter.sender == "owner" else letter.sender
        reader = own if letter.to == "owner" else letter.to
        imagined = _Imagined(
            message_id=MessageId(uuid5(NAMESPACE_URL, f"leadloom:preview/{self._journey.name}/{letter.mail}")),
            lead_id=self._standing.lead.lead_id,
            owner_id=(await owners.named(self._tx, reader)).owner_id if reader else None,
            sender=signs,
            mail_class=mail_class,
        )
        rendered, fault = await self._rendered(letter, imagined)
        return PreviewMail(
            mail=letter.mail,
            mail_class=mail_class,
            sender=self._book.definition.person(signs).name,
            to=reader,
            rendered=rendered,
            fault=fault or self._against(step, letter),
        )

    async def _rendered(self, letter: Letter, imagined: _Imagined) -> tuple[Rendered | None, str]:
        try:
            content_hash = await published.template_hash(self._tx, self._journey.name, letter.mail)
            template = await published.template(self._tx, content_hash)
            shown = await imagine(
                self._tx, imagined, template, message_id=imagined.message_id, signer=self._signer, at=self._at
            )
        except NotFound:
            return None, "Its template is not published."
        except TemplateError as error:
            return None, f"It can't be filled for this lead: {error}"
        return shown, ""

    def _against(self, step: Step, letter: Letter) -> str:
        if isinstance(step, Send) and step.unless is not None and holds(step.unless, self._facts, self._at):
            return f"It would be skipped: {words(step.unless)}."
        if letter.to is not None:
            return ""
        if self._standing.lead.email is None:
            return "It could not go: the lead has no mail address."
        if self._book.definition.mail.classes[letter.mail_class].basis and not self._standing.may_market:
            return "It would not go today: the lead has not allowed marketing mail."
        silent = [
            one.reason
            for one in self._standing.suppressions
            if one.purpose in (None, letter.mail_class) and one.topic in (None, self._journey.topic)
        ]
        return f"It would not go: the address is suppressed ({silent[0]})." if silent else ""

    def _first_at(self, days: Days | None, mail: PreviewMail | None) -> datetime | None:
        if days is None:
            return None
        first_at = self._at + timedelta(days=days.earliest)
        policy = self._book.definition.mail
        if mail is None or not policy.classes[mail.mail_class].windowed:
            return first_at
        return next_in_window(first_at, policy.window, self._rules.zone, self._rules.off)

    def _facts_now(self) -> Facts:
        standing, definition = self._standing, self._book.definition
        stages = {one.track: one.stage for one in standing.stages}
        return Facts(
            lead=standing.lead,
            account=standing.account,
            entered_at=self._at,
            stage=stages.get(self._journey.track, definition.first_stage),
            score=score(definition, standing.lead, account=standing.account, entries=standing.entries, at=self._at),
            events=standing.recent,
            bases=standing.bases,
            may_market=standing.may_market,
            last_reason=standing.last_reason,
            company=self._company,
            zone=self._rules.zone,
        )

    def _dated(self) -> list[tuple[str, float]]:
        """For waits that hang on a date of the lead: on which day of the journey they end."""
        found: list[tuple[str, float]] = []
        for step in self._journey.steps:
            if isinstance(step, Wait) and (due := step.on_date(self._facts)) is not None:
                found.append((step.id, max(0.0, (due.until - self._at) / _DAY)))
        return found
