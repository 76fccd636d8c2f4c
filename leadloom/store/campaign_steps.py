"""How does a campaign go on? One transaction a page: enrol members, release what a pause held, end what a stop ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from leadloom.domain.campaigns import campaign as rules
from leadloom.domain.campaigns.arms import HOLDOUT
from leadloom.domain.campaigns.campaign import LOOKS_WHOLE, STOPPED, Campaign, Status, next_look, put_off
from leadloom.domain.campaigns.membership import LeftOut, key_of, place_of
from leadloom.domain.campaigns.stages import BY_CLOCK, gate_words, next_stage, opens_at
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.progress import begin
from leadloom.domain.journeys.runs import Enrol, ExitRun
from leadloom.domain.model import CampaignId, EnrolmentId, LeadId
from leadloom.domain.standing import PublishedJourney
from leadloom.domain.wake import NURTURE, campaign_looks
from leadloom.store import calendars, campaign_approvals, campaign_stages, campaigns, runs, standing
from leadloom.store.advanced import Advanced
from leadloom.store.fates import Fate, Leads, fates
from leadloom.store.published import Book
from leadloom.store.tx import Tx

ENTERED_BY = "campaign"
PAGE = 84
"""Members, runs or leads of one transaction: small enough that a pause waits a fraction of a second for it, and a look
has six, so that each of its hands has as many."""


class _Turn(NamedTuple):
    """What became of one member: a run, or why there is none; neither for who is held out."""

    run: EnrolmentId | None
    code: LeftOut | None


async def quota(tx: Tx, campaign_id: CampaignId, *, at: datetime) -> int:
    """How many members, or runs to end, this look may take: none while paused, in error, at its end, or resting."""
    campaign = await campaigns.find(tx, str(campaign_id))
    if campaign.error is not None:
        return 0
    if campaign.status is Status.STOPPED:
        return rules.MOST_PER_LOOK
    return campaign.per_look if campaign.status is Status.RUNNING and next_look(campaign, at) <= at else 0


async def page(tx: Tx, campaign_id: CampaignId, *, limit: int, book: Book, at: datetime) -> int:
    """Do the next page of whatever the campaign's status asks for; how much was done. Nothing is left at 0.

    Everything is decided under the campaign's lock, so a page is done once, whoever tries, and a pause is seen.
    """
    campaign = await campaigns.locked(tx, campaign_id)
    lost = next((name for name in campaign.journeys if not campaigns.is_in_force(book, name)), None)
    match campaign.status:
        case Status.RUNNING if lost is not None:
            remedy = "publish it, or name it in a new campaign; then resume this one"
            await block(tx, campaign_id, f"the journey {lost} is not in force any more: {remedy}")
            return 0
        case Status.RUNNING:
            return await _enrol(tx, campaign, limit=min(limit, PAGE), book=book, at=at)
        case Status.STOPPED:
            return await _end(tx, campaign, limit=min(limit, PAGE), at=at)
        case _:
            return 0


async def release(tx: Tx, campaign_id: CampaignId, *, book: Book, at: datetime) -> bool:
    """Plan a page of mail again that nothing holds any more: after a resume. Whether there may be more."""
    if (await campaigns.find(tx, str(campaign_id))).status is not Status.RUNNING:
        return False
    rows = await tx.all("held_leads_of_campaign", campaign_id=campaign_id, at=at, page_limit=PAGE)
    lead_ids: list[LeadId] = [row["lead_id"] for row in rows]
    who = await calendars.locked_all(tx, lead_ids)
    await calendars.replan_all(tx, dict.fromkeys(lead_ids, at), who=who, book=book)
    return len(rows) == PAGE


async def rest(tx: Tx, campaign_id: CampaignId, *, book: Book, at: datetime) -> Advanced:
    """What the campaign waits for now, written on its row (law 7); finished when its last run has ended."""
    campaign = await campaigns.locked(tx, campaign_id)
    if campaign.error is not None:
        return Advanced(kind="wait", waiting_for="somebody to resume it")
    upto = await campaign_stages.open_upto(tx, campaign_id)
    left = await tx.one("campaign_has_more", campaign_id=campaign_id, upto=upto)
    match campaign.status:
        case Status.RUNNING if left["coming"]:
            return await _rest_by_pace(tx, campaign, at)
        case Status.RUNNING if left["undecided"]:
            return await _rest_at_gate(tx, campaign, book, at)
        case Status.RUNNING if left["active"]:
            return await _wait(tx, campaign, "its runs to end", at + LOOKS_WHOLE)
        case Status.RUNNING:
            nothing = {"waiting_for": None, "waits_until": None}
            await tx.run("move_campaign", campaign_id=campaign_id, status=Status.FINISHED, at=at, **nothing)
            return Advanced(kind="done", waiting_for="finished")
        case Status.STOPPED if left["active"] or left["unsent"]:
            return await _wait(tx, campaign, "its runs to be ended", at)
        case Status.PLANNED | Status.PAUSED:
            await _wait(tx, campaign, None, None)
            return Advanced(kind="wait", waiting_for=f"somebody to go on: it is {campaign.status}")
        case _:
            await _wait(tx, campaign, None, None)
            return Advanced(kind="done", waiting_for=str(campaign.status))


async def block(tx: Tx, campaign_id: CampaignId, error: str) -> None:
    """Show what a look failed with three times, until somebody resumes the campaign. Not for one at its end."""
    await tx.run("block_campaign", campaign_id=campaign_id, error=error)


async def wake_overdue(tx: Tx, *, overdue_since: datetime, limit: int = 100) -> int:
    """Repair: tell campaigns to look again that sleep past their wait, or whose last run has ended. How many."""
    rows = await tx.all("overdue_campaigns", overdue_since=overdue_since, page_limit=limit)
    for row in rows:
        tx.look_again(campaign_looks(row["campaign_id"]))
    return len(rows)


async def _enrol(tx: Tx, campaign: Campaign, *, limit: int, book: Book, at: datetime) -> int:
    asked = {"upto": await campaign_stages.open_upto(tx, campaign.campaign_id), "page_limit": limit}
    members = await tx.all("next_members", campaign_id=campaign.campaign_id, **asked)
    if not members or await _has_strayed(tx, campaign, book):
        return 0
    arms: dict[LeadId, str] = {row["lead_id"]: row["arm"] for row in members if row["arm"] != HOLDOUT}
    leads = await standing.lock(tx, arms)
    turns: dict[LeadId, _Turn] = {}
    for name in campaign.journeys:
        those = {lead_id: leads[lead_id] for lead_id, arm in arms.items() if campaign.journey_of(arm) == name}
        if those:
            turns |= await _take(tx, campaign, campaigns.journey_of(book, name), those, arms, book=book, at=at)
    await tx.run(
        "decide_members",
        campaign_id=campaign.campaign_id,
        nos=[row["no"] for row in members],
        enrolment_ids=[turns[row["lead_id"]].run if row["lead_id"] in turns else None for row in members],
        left_outs=[turns[row["lead_id"]].code if row["lead_id"] in turns else None for row in members],
        at=at,
    )
    return len(members)


async def _has_strayed(tx: Tx, campaign: Campaign, book: Book) -> bool:
    """Whether its journey is another one than was approved: then it stands still until somebody says yes to this."""
    in_force = {one.journey.name: one.hash for one in book.journeys}
    strayed = await campaign_approvals.strayed(tx, campaign, in_force)
    if strayed is not None:
        remedy = "submit and approve it anew, then resume it"
        await block(tx, campaign.campaign_id, f"the journey {strayed} changed since it was approved: {remedy}")
    return strayed is not None


async def _take(
    tx: Tx,
    campaign: Campaign,
    published: PublishedJourney,
    leads: Leads,
    arms: Mapping[LeadId, str],
    *,
    book: Book,
    at: datetime,
) -> dict[LeadId, _Turn]:
    """Let those of one journey in whom nothing stands against; each with its run or why it has none."""
    decided = await fates(tx, leads, published, book=book, at=at)
    coming = [one for one in decided if one.code is None]
    orders = [(one.lead_id, _order(campaign, published, one, arms[one.lead_id], at)) for one in coming]
    await runs.leave(tx, [order for one in coming for order in one.exits], at=at)
    companies = {one.lead_id: one.account_id for one in coming}
    began = set(await runs.enter(tx, orders, companies=companies, book=book, at=at, campaign_id=campaign.campaign_id))
    return {one.lead_id: _turn(one, published.journey, campaign.campaign_id, began) for one in decided}


def _order(campaign: Campaign, published: PublishedJourney, fate: Fate, arm: str, at: datetime) -> Enrol:
    journey = published.journey
    starts = at + put_off(campaign.campaign_id, fate.lead_id, timedelta(seconds=campaign.spread_s))
    return Enrol(
        journey=journey.name,
        journey_hash=published.hash,
        workflow=NURTURE,
        key=key_of(journey, _occasion(campaign.campaign_id)),
        place=place_of(journey, _occasion(campaign.campaign_id)),
        entered_by=ENTERED_BY,
        prospect=journey.audience == "prospect",
        hears_company=bool(journey.heard_of_company),
        progress=begin(journey, starts, fate.event_no),
        arm=arm if campaign.arms else None,
    )


def _turn(fate: Fate, journey: Journey, campaign_id: CampaignId, began: set[EnrolmentId]) -> _Turn:
    if fate.code is not None:
        return _Turn(None, fate.code)
    run = runs.run_id(fate.lead_id, journey.name, key_of(journey, _occasion(campaign_id)))
    # Whom the unique keys kept out came in by another door, which takes no lock of ours.
    return _Turn(run, None) if run in began else _Turn(None, LeftOut.IN_ALREADY)


def _occasion(campaign_id: CampaignId) -> str:
    return f"campaign/{campaign_id}"


async def _end(tx: Tx, campaign: Campaign, *, limit: int, at: datetime) -> int:
    """End a page of runs, then cancel what runs that had ended before left unsent."""
    asked = {"campaign_id": campaign.campaign_id, "page_limit": limit}
    active: list[EnrolmentId] = [row["enrolment_id"] for row in await tx.all("active_runs_of_campaign", **asked)]
    if active:
        await runs.leave(tx, [ExitRun(enrolment_id=one, outcome=STOPPED) for one in active], at=at)
        return len(active)
    return await tx.run("cancel_mail_of_campaign", **asked, reason=STOPPED, at=at)


async def _rest_by_pace(tx: Tx, campaign: Campaign, at: datetime) -> Advanced:
    if campaign.per_minute is None:
        return await _wait(tx, campaign, "its next page", at)
    # A nudge amid a rest has enrolled nobody and makes the rest no longer.
    resting_until = next_look(campaign, at)
    until = resting_until if resting_until > at else at + campaign.rest
    return await _wait(tx, campaign, f"its pace of {campaign.per_minute} a minute", until)


async def _rest_at_gate(tx: Tx, campaign: Campaign, book: Book, at: datetime) -> Advanced:
    """Between two stages: until the wait is over, or somebody says go on; results that are bad pause it instead."""
    stages = await campaign_stages.reach(tx, campaign, at=at)
    following, opens = next_stage(stages), opens_at(stages)
    gate = gate_words(stages)
    if following is None or opens is None:
        return await _wait(tx, campaign, gate, at + LOOKS_WHOLE)
    if opens > at:
        return await _wait(tx, campaign, gate, opens)
    if await campaign_stages.holds(tx, campaign, definition=book.definition, at=at) is not None:
        return Advanced(kind="wait", waiting_for=f"somebody to go on: it is {Status.PAUSED}")
    await campaign_stages.open_next(tx, campaign, following, at=at, by=BY_CLOCK)
    return await _wait(tx, campaign, "its next page", at)


async def _wait(tx: Tx, campaign: Campaign, waiting_for: str | None, until: datetime | None) -> Advanced:
    await tx.run("campaign_waits", campaign_id=campaign.campaign_id, waiting_for=waiting_for, waits_until=until)
    return Advanced(kind="wait", until=until, waiting_for=waiting_for or str(campaign.status))
