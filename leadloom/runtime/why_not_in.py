"""Why is a lead not in a campaign, or not in a journey? From the rows, by the functions that let in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from leadloom.domain.campaigns.audience import Audience, audience_words
from leadloom.domain.campaigns.campaign import Campaign, Status
from leadloom.domain.campaigns.membership import WORDS
from leadloom.domain.facts import Facts
from leadloom.domain.journeys import why_not as decide
from leadloom.domain.journeys.conditions import holds, in_words
from leadloom.domain.journeys.entry import StaysOut, knocks, ways_in
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.recurring import every_words, next_round
from leadloom.domain.journeys.runs import admit, facts_at_entry
from leadloom.domain.journeys.waits import date_told
from leadloom.domain.journeys.watching import comes_at
from leadloom.domain.journeys.why_not_codes import Code, WhyNot, answer
from leadloom.domain.lead import Verdict
from leadloom.domain.mails.windows import zone_of
from leadloom.domain.model import EnrolmentId, Json, LeadId
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.standing import CodeEntry, PublishedJourney, Standing
from leadloom.store import events, standing, watching, why_not
from leadloom.store.fates import fates
from leadloom.store.published import Book
from leadloom.store.tx import Tx
from leadloom.store.why_not import Member


async def in_campaign(tx: Tx, lead_id: LeadId, campaign: Campaign, *, book: Book, at: datetime) -> WhyNot | EnrolmentId:
    """Why the campaign did not let the lead in; or the run it began."""
    found = await why_not.member(tx, campaign.campaign_id, lead_id)
    if found is None:
        return await _not_in_audience(tx, lead_id, campaign, book=book, at=at)
    if found.enrolment_id is not None:
        return found.enrolment_id
    if found.arm == "holdout":
        return answer(Code.HOLDOUT, "", {"member": found.no, "held out": campaign.holdout})
    if found.left_out is not None:
        on = f"{found.decided_at:%Y-%m-%d %H:%M} UTC" if found.decided_at else "its turn"
        why = f"left out on {on}: {WORDS[found.left_out]}; a campaign decides once"
        return answer(Code(found.left_out.value), why, {"member": found.no}, when="")
    return await _before_its_turn(tx, lead_id, campaign, found, book=book, at=at)


async def in_journey(tx: Tx, lead_id: LeadId, name: str, *, book: Book, at: datetime) -> WhyNot:
    """What the journey's door says, or would say, to the lead now."""
    published = next((one for one in book.journeys if one.journey.name == name), None)
    code = next((one for one in book.code if one.name == name), None)
    run = await why_not.last_run(tx, lead_id, name)
    if run is not None and run.status == "active" and not _takes_beside(published):
        until = f" until {run.waits_until:%Y-%m-%d %H:%M} UTC" if run.waits_until else ""
        why = f"in it since {run.entered_at:%Y-%m-%d %H:%M} UTC: the run waits for {run.waiting_for}{until}"
        return answer(Code.IN_ALREADY, why, {"run": str(run.enrolment_id), "step": run.step})
    now = (await standing.of(tx, await standing.seen(tx, [lead_id]), book=book, at=at))[lead_id]
    if code is not None:
        return await _by_code(tx, now, code, book)
    if published is None:
        return answer(Code.NOT_PUBLISHED)
    now = await _with_all_asked(tx, now)
    return await _by_data(tx, now, published, book=book, at=at)


def _takes_beside(published: PublishedJourney | None) -> bool:
    return published is not None and published.journey.enter.again == "concurrent"


async def _by_data(tx: Tx, now: Standing, published: PublishedJourney, *, book: Book, at: datetime) -> WhyNot:
    journey, lead_id = published.journey, now.lead.lead_id
    facts = facts_at_entry(book.judges(now), journey, now, at)
    if (told := await watching.stayed_out(tx, lead_id, journey.name)) is not None:
        against = StaysOut(code=told.code, why="", values={"since": told.since.isoformat()})
        return decide.stays_out(against, journey.enter.when, facts, at)
    doings = [event for event in await events.of_lead(tx, lead_id) if event.kind in journey.enter.events]
    if doings:
        knock = knocks(journey, doings[0])
        if isinstance(knock, StaysOut):
            return decide.stays_out(knock, None, facts, at)
        against = admit(book.judges(now), published, knock, standing=now, at=at).against
        if against is not None:
            return decide.stays_out(against, journey.enter.when, facts, at)
        kind = in_words(doings[0].kind)
        why = f"the last {kind} did not let them in; the next one would"
        return answer(Code.OTHER_EVENT, why, {"last": doings[0].at.isoformat()}, when=f"{kind} again")
    return _by_itself(journey, facts, book, at) or await _by_hand(tx, published, lead_id, book=book, at=at)


def _by_itself(journey: Journey, facts: Facts, book: Book, at: datetime) -> WhyNot | None:
    """What the ways in without an event say; None for a journey that has none."""
    enter = journey.enter
    if enter.holds is not None:
        if holds(enter.holds, facts, at):
            return answer(Code.NEXT_LOOK, "it is so: the next sweep asks the door", earliest=at)
        return decide.not_so(enter.holds, facts, at)
    if enter.date is not None:
        zone = zone_of(facts.lead, facts.account, book.definition.company)
        day = date_told(facts.but(zone=zone), enter.date.field)
        values: dict[str, Json] = {enter.date.field: day.isoformat() if day else None}
        if day is None:
            return answer(Code.NO_DATE, f"no {in_words(enter.date.field)} is known", values)
        comes = comes_at(enter.date, day.date(), zone)
        return answer(Code.NO_DATE, f"{in_words(enter.date.field)} lets them in later", values, earliest=comes)
    if enter.every is not None:
        if not holds(enter.every.whom, facts, at):
            return decide.not_so(enter.every.whom, facts, at)
        following = next_round(enter.every, book.definition.company.time_zone, at)
        return answer(Code.NO_ROUND, every_words(enter.every), earliest=None if following is None else following.at)
    if enter.events or enter.stages:
        ways = " or ".join(ways_in(journey))
        return answer(Code.OTHER_EVENT, f"never did what lets a lead in: {ways}", when=ways)
    return None


async def _by_hand(tx: Tx, published: PublishedJourney, lead_id: LeadId, *, book: Book, at: datetime) -> WhyNot:
    """What would stand against them if somebody let them in now."""
    [fate] = await fates(tx, await standing.seen(tx, [lead_id]), published, book=book, at=at)
    return answer(Code.BY_HAND if fate.code is None else Code(fate.code.value))


async def _by_code(tx: Tx, now: Standing, entry: CodeEntry, book: Book) -> WhyNot:
    """A journey as code has a door of its own: the event, who is in it, and whether sales talks."""
    doings = [event for event in await events.of_lead(tx, now.lead.lead_id) if event.kind in entry.events]
    ways = " or ".join(in_words(kind) for kind in entry.events)
    if not doings:
        return answer(Code.OTHER_EVENT, f"never did what lets a lead in: {ways}", when=ways)
    if all(event.verdict is not Verdict.HUMAN for event in doings):
        return answer(Code.NOT_HUMAN, "only machines did what lets a lead in")
    if entry.name in {run.journey for run in now.account_runs}:
        return answer(Code.GROUP_BUSY, "a colleague is in it, and it takes one of a company")
    if entry.per == "account" and now.lead.account_id is None:
        return answer(Code.CONDITION, "no company of theirs is known", when="a company is known")
    if entry.name in {run.journey for run in now.ended_runs}:
        return answer(Code.WAS_IN)
    sla = any(book.definition.stage(stage).kind == "sla" for stage in now.stages.values())
    if entry.prospect and (now.open_deal or sla):
        return answer(Code.IN_CONVERSATION)
    return answer(Code.OTHER_EVENT, f"the next would let them in: {ways}", when=ways)


async def _before_its_turn(
    tx: Tx, lead_id: LeadId, campaign: Campaign, found: Member, *, book: Book, at: datetime
) -> WhyNot:
    values: dict[str, Json] = {"member": found.no, "before it": found.before_it, "campaign": campaign.status.value}
    if campaign.error is not None:
        return answer(Code.CAMPAIGN_BLOCKED, f"the campaign is stopped by an error: {campaign.error}", values)
    match campaign.status:
        case Status.PLANNED:
            return answer(Code.NOT_LAUNCHED, "", values)
        case Status.PAUSED:
            return answer(Code.CAMPAIGN_PAUSED, "", values)
        case Status.STOPPED | Status.FINISHED:
            return answer(Code.CAMPAIGN_OVER, "", values)
        case _:
            pass
    published = next((one for one in book.journeys if one.journey.name == campaign.journey), None)
    if published is not None:
        [fate] = await fates(tx, await standing.seen(tx, [lead_id]), published, book=book, at=at)
        values["would be decided"] = "enrolled" if fate.code is None else WORDS[fate.code]
    minutes = found.before_it // campaign.per_minute if campaign.per_minute else 0
    why = f"{found.before_it} members come first"
    return answer(Code.ITS_TURN, why, values, earliest=at + timedelta(minutes=minutes))


async def _not_in_audience(tx: Tx, lead_id: LeadId, campaign: Campaign, *, book: Book, at: datetime) -> WhyNot:
    """Which part of the question leaves the lead out, and what it saw; asked as of now, the list is of then."""
    now = (await standing.of(tx, await standing.seen(tx, [lead_id]), book=book, at=at))[lead_id]
    now = await _with_all_asked(tx, now)
    for part, seen in _parts(campaign.audience, now):
        if await why_not.finds(tx, part, lead_id, book=book, at=at):
            continue
        if part.where is not None:
            facts = _facts(campaign, now, book, at)
            return decide.not_so(part.where, facts, at, code=Code.NOT_IN_AUDIENCE).but(earliest=None, when=None)
        return answer(Code.NOT_IN_AUDIENCE, f"not among {audience_words(part)}", seen)
    since = f"{campaign.planned_at:%Y-%m-%d %H:%M} UTC"
    why = f"the audience was frozen on {since}; the lead would be found now, and was not then"
    return answer(Code.NOT_IN_AUDIENCE, why, {"frozen": campaign.planned_at.isoformat()})


def _parts(audience: Audience, now: Standing) -> Iterator[tuple[Audience, dict[str, Json]]]:
    """Each thing the question asks by itself, with what it looks at."""
    track = audience.track
    if audience.sources:
        yield Audience(track=track, sources=audience.sources), {"source": now.lead.source}
    if audience.stages:
        yield Audience(track=track, stages=audience.stages), {"stage": now.stages.get(track)}
    if audience.countries:
        yield Audience(track=track, countries=audience.countries), {"country": country_of(now.lead, now.account)}
    if audience.imports:
        yield Audience(track=track, imports=audience.imports), {"in one of the imports": False}
    if audience.owner:
        yield Audience(track=track, owner=audience.owner), {"owner": now.owner}
    if audience.where is not None:
        yield Audience(track=track, where=audience.where), {}


def _facts(campaign: Campaign, now: Standing, book: Book, at: datetime) -> Facts:
    journey = next((one.journey for one in book.journeys if one.journey.name == campaign.journey), None)
    journey = journey or book.journeys[0].journey
    return facts_at_entry(book.judges(now), journey.but(track=campaign.audience.track), now, at)


async def _with_all_asked(tx: Tx, now: Standing) -> Standing:
    """The standing with what events leave unread where no door asks for it: tags, and who else is at the company."""
    lead_id = now.lead.lead_id
    tags = tuple(row["tag"] for row in await tx.all("tags_of_leads", lead_ids=[lead_id]))
    return (await standing.with_colleagues(tx, {lead_id: now}))[lead_id].but(tags=tags)
