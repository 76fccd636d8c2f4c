"""What would a launch meet? The whole audience is asked as its turns would be, and what was found is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from leadloom.domain.campaigns.arms import HOLDOUT
from leadloom.domain.campaigns.campaign import Campaign
from leadloom.domain.campaigns.checklist import Finding, FirstSend, JourneyNow
from leadloom.domain.campaigns.membership import LeftOut
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_days import days_of
from leadloom.domain.journeys.steps.step import Letter
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.windows import first_opening
from leadloom.domain.model import CampaignId, Instant, LeadId, Value
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.standing import PublishedJourney
from leadloom.store import campaigns, pauses, standing
from leadloom.store.fates import fates
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

LOOK_AT = 1000
"""Members of one page of a check."""
_YEAR = timedelta(days=366)


class Foreseen(Value):
    """What the turns of an audience would decide, if all came now."""

    members: int
    held_out: int
    left_out: dict[LeftOut, int]
    first_sends: tuple[FirstSend, ...]


class Check(Value):
    """What somebody found who looked."""

    at: Instant
    by: str
    members: int
    findings: tuple[Finding, ...]


class Sampled(Value):
    """A member letters are written for."""

    lead_id: LeadId
    language: str | None
    arm: str
    owner: str | None
    """Handle of the lead's own owner."""


async def foresee(
    tx: Tx, campaign: Campaign, *, book: Book, at: datetime, seen: Callable[[int], None] = lambda _: None
) -> Foreseen:
    """Ask of each member what its turn would decide at `at`, and write down whom it leaves out.

    Call under the campaign's lock. `seen` is told after each page how many members were looked at. A journey that is
    not in force takes nobody: its members are counted and asked nothing.
    """
    looking = _Looking(tx, campaign, book=book, at=at)
    after = 0
    while rows := await tx.all("members_after", campaign_id=campaign.campaign_id, after=after, page_limit=LOOK_AT):
        await looking.page(rows)
        after = rows[-1]["no"]
        seen(after)
    return looking.found()


async def begin(tx: Tx, campaign: Campaign, *, at: datetime, by: str) -> None:
    """Take the check before, with its list, out of the way. Call under the campaign's lock."""
    await keep(tx, campaign, (), members=0, at=at, by=by)
    await tx.run("drop_exclusions", campaign_id=campaign.campaign_id)


async def keep(
    tx: Tx, campaign: Campaign, findings: Sequence[Finding], *, members: int, at: datetime, by: str
) -> Check:
    """Keep what was found, for whoever looks later."""
    check = Check(at=at, by=by, members=members, findings=tuple(findings))
    said = [one.model_dump(mode="json") for one in findings]
    await tx.run("keep_check", campaign_id=campaign.campaign_id, at=at, by=by, members=members, findings=said)
    return check


async def last(tx: Tx, campaign_id: CampaignId) -> Check | None:
    """What the newest check found; None when nobody has looked yet."""
    row = await tx.maybe("check_of", campaign_id=campaign_id)
    return None if row is None else Check.model_validate(dict(row))


async def sampled(tx: Tx, campaign: Campaign, *, most: int) -> tuple[Sampled, ...]:
    """Members to write letters for: some of each language and arm that occur, the same whenever asked."""
    rows = await tx.all("sampled_members", campaign_id=campaign.campaign_id, page_limit=most)
    return tuple(Sampled(**row) for row in rows)


async def at_cap(tx: Tx, campaign: Campaign, *, book: Book, at: datetime) -> int:
    """Members whose calendar is full, by the first cap that counts all their mail."""
    policy = book.definition.mail
    cap = next((one for one in policy.per_person if one.classes is None and one.topics is None), None)
    if cap is None:
        return 0
    capped = [name for name, each in policy.classes.items() if each.capped]
    said = {"classes": capped, "since": at - cap.within, "most": cap.count}
    return await tx.value("members_at_cap", campaign_id=campaign.campaign_id, **said)


async def journeys_now(tx: Tx, campaign: Campaign, *, book: Book) -> tuple[JourneyNow, ...]:
    """How the journeys it leads into stand."""
    paused = {one.journey: one.paused_at for one in await pauses.every_open(tx)}
    by_name = {one.journey.name: one.journey for one in book.journeys}
    return tuple(
        JourneyNow(
            name=name,
            in_force=name in by_name,
            by_hand=name in by_name and by_name[name].enter.by_hand,
            paused_since=paused.get(name),
        )
        for name in campaign.journeys
    )


class _Looking:
    """Counts page by page."""

    def __init__(self, tx: Tx, campaign: Campaign, *, book: Book, at: datetime) -> None:
        self._tx, self._campaign, self._book, self._at = tx, campaign, book, at
        self._rules = SendRules(book.definition)
        self._members = self._held_out = 0
        self._left_out = Counter[LeftOut]()
        self._firsts = Counter[tuple[str, str, str | None]]()
        self._like: dict[tuple[str, str, str | None], tuple[Lead, Account | None]] = {}

    async def page(self, rows: Sequence[Record]) -> None:
        self._members += len(rows)
        turns: defaultdict[str, list[LeadId]] = defaultdict(list)
        for row in rows:
            if row["arm"] == HOLDOUT:
                self._held_out += 1
            else:
                turns[self._campaign.journey_of(row["arm"])].append(row["lead_id"])
        numbers: dict[LeadId, int] = {row["lead_id"]: row["no"] for row in rows}
        for journey, ids in turns.items():
            if campaigns.is_in_force(self._book, journey):
                await self._of_journey(campaigns.journey_of(self._book, journey), ids, numbers)

    async def _of_journey(self, published: PublishedJourney, ids: list[LeadId], numbers: dict[LeadId, int]) -> None:
        leads = await standing.seen(self._tx, ids)
        found = await fates(self._tx, leads, published, book=self._book, at=self._at)
        out = [(numbers[one.lead_id], one.code) for one in found if one.code is not None]
        self._left_out.update(code for _, code in out)
        nos, whys = [no for no, _ in out], [code.value for _, code in out]
        await self._tx.run("add_exclusions", campaign_id=self._campaign.campaign_id, nos=nos, whys=whys)
        accounts = await standing.accounts(self._tx, (lead.account_id for lead, _ in leads.values()))
        for one in found:
            if one.code is None:
                lead = leads[one.lead_id][0]
                self._comes(published.journey, lead, accounts[lead.account_id] if lead.account_id else None)

    def _comes(self, journey: Journey, lead: Lead, account: Account | None) -> None:
        key = (journey.name, self._rules.zone_of(lead, account).name, country_of(lead, account))
        self._firsts[key] += 1
        self._like.setdefault(key, (lead, account))

    def found(self) -> Foreseen:
        by_zone: dict[tuple[str, str, datetime | None], FirstSend] = {}
        for key, members in self._firsts.items():
            first = self._first(key, members)
            if first is not None:
                place = (first.zone, first.mail, first.at)
                before = by_zone[place].members if place in by_zone else 0
                by_zone[place] = first.but(members=before + members)
        return Foreseen(
            members=self._members,
            held_out=self._held_out,
            left_out={code: self._left_out[code] for code in LeftOut if self._left_out[code]},
            first_sends=tuple(by_zone.values()),
        )

    def _first(self, key: tuple[str, str, str | None], members: int) -> FirstSend | None:
        journey = campaigns.journey_of(self._book, key[0]).journey
        if (found := first_letter(journey)) is None:
            return None
        letter, asked_after = found
        lead, account = self._like[key]
        asked_at = self._at + asked_after
        opens: datetime | None = asked_at
        if self._book.definition.mail.classes[letter.mail_class].windowed:
            rules = self._rules.of(lead, account)
            opens, _ = first_opening(asked_at, rules.window, rules.zone, rules.off, before=asked_at + _YEAR)
        worth_until = asked_at + letter.worth
        return FirstSend(zone=key[1], members=members, mail=letter.mail, at=opens, worth_until=worth_until)


def first_letter(journey: Journey) -> tuple[Letter, timedelta] | None:
    """The mail that some lead of this journey gets first, and how long after its entry at the earliest."""
    days = days_of(journey)
    found = [
        (days[step.id].earliest, place, letter)
        for place, step in enumerate(journey.steps)
        if step.id in days
        for letter in step.letters(journey)[:1]
        if letter.to is None
    ]
    if not found:
        return None
    day, _, letter = min(found, key=lambda each: each[:2])
    return letter, timedelta(days=day)
