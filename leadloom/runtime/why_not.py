"""Why is a lead not in a journey or campaign, why has it not got a mail, and when could it? The first thing that stands
against it, told by the functions that decide (X4).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from leadloom.domain.campaigns.campaign import Campaign
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.journeys import why_not as decide
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_paths import followers
from leadloom.domain.journeys.why_not import Decided
from leadloom.domain.journeys.why_not_codes import About, Code, WhyNot, answer
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.why_not_sent import not_sent
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.runtime import catalog
from leadloom.runtime.why_not_in import in_campaign, in_journey
from leadloom.store import campaigns, enrolments, leads, run_facts, why_not
from leadloom.store.published import Book
from leadloom.store.tx import Tx
from leadloom.store.why_not import LastRun


class Told(Value):
    """The answer to one question about one lead."""

    lead_id: LeadId
    about: str
    """What was asked about, in full: `campaign autumn`, `journey small`, `mail small/dock`."""
    at: Instant
    answer: WhyNot
    came_to: About
    """How far the lead has come: to the door, into a run, or to a mail that was asked for."""
    passes: str
    """When it could pass, in words."""


class Subject(NamedTuple):
    """What a question is about: a campaign, a journey, or a mail (or step) of one."""

    journey: str
    mail: str | None = None
    campaign: Campaign | None = None

    @property
    def words(self) -> str:
        """How it can be asked about without doubt."""
        if self.campaign is not None:
            return f"campaign/{self.campaign.name}"
        return f"{self.journey}/{self.mail}" if self.mail else f"journey/{self.journey}"


async def tell(tx: Tx, lead_id: LeadId, about: str, *, book: Book, at: datetime) -> Told:
    """The first thing that stands against it. Raises NotFound for lead or subject, BadInput for two meanings."""
    await leads.get(tx, lead_id)
    subject = await _subject(tx, about, book)
    came_to, found = await _tell(tx, lead_id, subject, book=book, at=at)
    return Told(lead_id=lead_id, about=subject.words, at=at, answer=found, came_to=came_to, passes=found.passes)


async def asked_about(tx: Tx, book: Book) -> tuple[str, ...]:
    """What a question may be about, each as `tell` reads it: journeys in force, their mails, and all campaigns."""
    data = [
        name
        for one in book.journeys
        for name in (f"journey/{one.journey.name}", *(f"{one.journey.name}/{mail}" for mail in _mails(one.journey)))
    ]
    sent = [f"campaign/{one.name}" for one in await campaigns.every(tx)]
    return (*data, *(f"journey/{entry.name}" for entry in book.code), *sent)


async def _tell(tx: Tx, lead_id: LeadId, subject: Subject, *, book: Book, at: datetime) -> tuple[About, WhyNot]:
    run: LastRun | None = None
    if subject.campaign is not None:
        outside = await in_campaign(tx, lead_id, subject.campaign, book=book, at=at)
        if isinstance(outside, WhyNot):
            return "enter", outside
        run = await why_not.last_run(tx, lead_id, subject.journey, enrolment_id=outside)
    elif subject.mail is not None:
        run = await why_not.last_run(tx, lead_id, subject.journey)
    if run is None:
        return "enter", await in_journey(tx, lead_id, subject.journey, book=book, at=at)
    if subject.mail is not None:
        mail = await why_not.last_mail(tx, lead_id, subject.journey, subject.mail, book=book, at=at)
        if mail is not None and mail.enrolment_id == run.enrolment_id:
            return "send", not_sent(mail.now, mail.around, SendRules(book.definition), at)
    return "run", await _in_run(tx, run, subject.mail, book=book, at=at)


async def _in_run(tx: Tx, run: LastRun, mail: str | None, *, book: Book, at: datetime) -> WhyNot:
    """Why the run has not come to the mail; without one, to whatever is next."""
    if run.blocked_at is not None:
        return answer(Code.BLOCKED, f"the run is blocked at {run.step}: {run.error}", {"step": run.step})
    if run.journey_hash is None:
        if run.status != "active":
            return decide.ended(run.outcome or run.status, run.ended_at, run.step)
        why = f"its workflow waits for {run.waiting_for}"
        return answer(Code.WAITS, why, {"step": run.step}, earliest=run.waits_until, when=run.waiting_for)
    reader = await why_not.reader(tx, run, at)
    journey = reader.journey
    targets = _targets(journey, mail) if mail else followers(journey, run.step) - {run.step}
    if not targets and mail:
        cure = "a version with it is published and the run moves to it"
        return answer(Code.NOT_PUBLISHED, "the run goes by a version of the journey without it", when=cure)
    log = [Decided(step.step, step.at, step.did, step.why) for step in await enrolments.steps(tx, run.enrolment_id)]
    if mail and (lost := decide.parted(journey, log, run.step, targets)) is not None:
        return lost
    if run.status != "active":
        return decide.ended(run.outcome or run.status, run.ended_at, run.step)
    facts = (await run_facts.read_all(tx, [reader], book=book))[run.enrolment_id]
    return decide.at_step(journey, reader.run.progress, facts, at, targets)


def _targets(journey: Journey, mail: str) -> frozenset[str]:
    """The steps that may send the mail, or the step of that id."""
    found = [
        step.id
        for step in journey.steps
        if step.id == mail or any(letter.mail == mail and letter.to is None for letter in step.letters(journey))
    ]
    return frozenset(found)


def _mails(journey: Journey) -> tuple[str, ...]:
    letters = [letter for step in journey.steps for letter in step.letters(journey)]
    return tuple(dict.fromkeys(letter.mail for letter in letters if letter.to is None))


async def _subject(tx: Tx, about: str, book: Book) -> Subject:
    found = await _meant(tx, about, book)
    if not found:
        raise NotFound("campaign, journey or mail", about)
    if len(found) > 1:
        raise BadInput("about", about, f"It may mean several: write one of {', '.join(one.words for one in found)}.")
    return found[0]


async def _meant(tx: Tx, about: str, book: Book) -> Sequence[Subject]:
    noun, _, name = about.partition("/")
    if noun == "campaign" and name:
        return [await _campaign(tx, name)]
    if noun == "journey" and name:
        return [await _journey(tx, name)]
    if name:
        return [Subject((await _journey(tx, noun)).journey, name)]
    found = list[Subject]()
    for read in (_campaign, _journey):
        try:
            found.append(await read(tx, about))
        except NotFound:
            continue
    return [*found, *(Subject(one.journey.name, about) for one in book.journeys if _targets(one.journey, about))]


async def _campaign(tx: Tx, name: str) -> Subject:
    campaign = await campaigns.find(tx, name)
    return Subject(campaign.journey, campaign=campaign)


async def _journey(tx: Tx, name: str) -> Subject:
    drafts = {path.stem for path in catalog.journey_files()}
    if name not in drafts and not await tx.value("journey_known", journey=name):
        raise NotFound("journey", name)
    return Subject(name)
