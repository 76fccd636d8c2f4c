"""May this campaign go, and if so let it: every launch by a person looks first, and refuses with what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from jinja2 import TemplateError

from activities.mail_values import People
from leadloom.domain.campaigns import checklist, stages
from leadloom.domain.campaigns.approval import may_submit
from leadloom.domain.campaigns.campaign import Act, Campaign, Status, move
from leadloom.domain.campaigns.checklist import Finding, Grade, LaunchFacts, Letters
from leadloom.domain.campaigns.stages import Staging
from leadloom.domain.errors import Conflict, Faulty, NotFound, Permanent
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.steps.step import Letter
from leadloom.domain.mails.shown_urls import ShownUrls
from leadloom.domain.mails.template import TemplateBody
from leadloom.domain.model import HandOffId, LeadId, MessageId, OwnerId, Value
from leadloom.mail.render import render
from leadloom.store import campaign_approvals, campaign_checks, campaign_stages, campaigns, published
from leadloom.store.campaign_checks import Check, Sampled
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.store.tx import Tx

Seen = Callable[[int], None]
_UNWRITABLE = (TemplateError, Permanent, ValueError, LookupError, TypeError)
"""What is wrong with one letter, and not with Postgres: as when it is written in earnest."""


class _Imagined(Value):
    """A letter nobody has asked for."""

    message_id: MessageId
    lead_id: LeadId | None
    owner_id: OwnerId | None = None
    hand_off_id: HandOffId | None = None
    sender: str
    mail_class: str


async def check(db: Db, name: str, *, at: datetime, by: str, seen: Seen = lambda _: None) -> Check:
    """Look at everything a launch would meet, and keep what was found. Raises NotFound, Conflict once it is launched.

    Holds the campaign while it looks, so that two who look at once don't mix their lists.
    """
    async with db.transaction() as tx:
        may_submit(by, (await published.book(tx)).definition)
        return await _look(tx, await _planned(tx, name), at=at, by=by, seen=seen)


async def launch(
    db: Db,
    name: str,
    *,
    at: datetime,
    by: str,
    staging: Staging | None = None,
    despite: str = "",
    seen: Seen = lambda _: None,
) -> Check:
    """Look, and let it run when nothing stands against it; what was found.

    Raises Faulty with all that does: what blocks, and what warns unless `despite` says why it shall go all the same,
    which is kept with who said so. Also NotFound, and Conflict for a campaign that isn't planned.
    """
    async with db.transaction() as tx:
        campaign = await _planned(tx, name)
        book = await published.book(tx)
        move(campaign, Act.LAUNCH, by=by, definition=book.definition)
        found = await _look(tx, campaign, at=at, by=by, seen=seen)
        against = checklist.refuses(found.findings, despite=despite)
        if not against:
            if staging is not None:
                planned = stages.stages_of(staging.shares, found.members, staging.wait)
                await campaign_stages.plan(tx, campaign, planned, at=at, by=by)
            why = _despite(found.findings, despite)
            await campaigns.act(tx, name, Act.LAUNCH, book=book, at=at, by=by, why=why)
    if against:
        raise Faulty(f"Campaign {campaign.name}, which is not launched,", [checklist.in_words(one) for one in against])
    return found


async def _planned(tx: Tx, name: str) -> Campaign:
    campaign = await campaigns.locked(tx, (await campaigns.find(tx, name)).campaign_id)
    if campaign.status is not Status.PLANNED:
        since = f"{campaign.status_at:%Y-%m-%d %H:%M} UTC"
        now = "running already, since" if campaign.status is Status.RUNNING else f"{campaign.status}, since"
        raise Conflict(f"Campaign {campaign.name} is {now} {since}. Nothing was changed.")
    return campaign


async def _look(tx: Tx, campaign: Campaign, *, at: datetime, by: str, seen: Seen) -> Check:
    book = await published.book(tx)
    await campaign_checks.begin(tx, campaign, at=at, by=by)
    foreseen = await campaign_checks.foresee(tx, campaign, book=book, at=at, seen=seen)
    facts = LaunchFacts(
        campaign=campaign,
        members=foreseen.members,
        held_out=foreseen.held_out,
        left_out=foreseen.left_out,
        first_sends=foreseen.first_sends,
        letters=await _Writer(tx, campaign, book, at).written(),
        costs=await campaigns.cost_words(tx, campaign.campaign_id),
        journeys=await campaign_checks.journeys_now(tx, campaign, book=book),
        approval=await campaign_approvals.stands(tx, campaign, book=book),
        at_cap=await campaign_checks.at_cap(tx, campaign, book=book, at=at),
    )
    found = checklist.findings(facts, book.definition, at)
    return await campaign_checks.keep(tx, campaign, found, members=facts.members, at=at, by=by)


def _despite(found: Sequence[Finding], despite: str) -> str:
    warned = "; ".join(f"{one.what}: {one.says}" for one in found if one.grade is Grade.WARNS)
    return f"despite {warned}, because {despite}" if warned else ""


class _Writer:
    """Writes every letter of the campaign's journeys for a sample of its audience, and keeps what fails."""

    def __init__(self, tx: Tx, campaign: Campaign, book: Book, at: datetime) -> None:
        self._tx, self._campaign, self._book, self._at = tx, campaign, book, at
        self._faults: list[str] = []
        self._mails = 0

    async def written(self) -> Letters:
        """What became of them."""
        sample = await campaign_checks.sampled(self._tx, self._campaign, most=self._book.definition.campaigns.sample)
        for name in self._campaign.journeys:
            readers = [one for one in sample if self._campaign.journey_of(one.arm) == name]
            if readers and campaigns.is_in_force(self._book, name):
                await self._journey(campaigns.journey_of(self._book, name).journey, readers)
        languages = Counter(one.language or "unknown" for one in sample)
        return Letters(leads=len(sample), languages=languages, mails=self._mails, faults=tuple(self._faults))

    async def _journey(self, journey: Journey, readers: Sequence[Sampled]) -> None:
        for letter in _letters(journey):
            self._mails += 1
            place = f"{journey.name}/{letter.mail}"
            try:
                content_hash = await published.template_hash(self._tx, journey.name, letter.mail)
            except NotFound:
                self._faults.append(f"{place} is not published")
                continue
            template = await published.template(self._tx, content_hash)
            mails = [_imagined(journey, letter, one) for one in readers]
            people = await People.of(self._tx, mails, [template], at=self._at)
            for mail in mails:
                await self._write(place, mail, template, people)

    async def _write(self, place: str, mail: _Imagined, template: TemplateBody, people: People) -> None:
        urls = ShownUrls.of(mail.message_id, mail.mail_class, template.links)
        try:
            values = await people.values(self._tx, mail, template, definition=self._book.definition, at=self._at)
            made = render(template, values, urls=urls)
        except _UNWRITABLE as error:
            self._faults.append(f"{place} for lead {mail.lead_id}: {error}")
            return
        if not made.subject.strip():
            self._faults.append(f"{place} for lead {mail.lead_id} has no subject")


def _letters(journey: Journey) -> Iterator[Letter]:
    """The mails to leads, each once."""
    found = {one.mail: one for step in journey.steps for one in step.letters(journey) if one.to is None}
    yield from found.values()


def _imagined(journey: Journey, letter: Letter, reader: Sampled) -> _Imagined:
    own = reader.owner or journey.sender
    return _Imagined(
        message_id=MessageId(uuid5(NAMESPACE_URL, f"leadloom:check/{journey.name}/{letter.mail}/{reader.lead_id}")),
        lead_id=reader.lead_id,
        sender=own if letter.sender == "owner" else letter.sender,
        mail_class=letter.mail_class,
    )
