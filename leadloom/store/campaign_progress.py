"""How far has a campaign come, and whom would one find? Counts over members, runs and mails; none is counted along."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from leadloom.domain.campaigns.arms import HOLDOUT, arm_of, edges
from leadloom.domain.campaigns.campaign import Campaign, CampaignDraft, Status
from leadloom.domain.campaigns.membership import LeftOut
from leadloom.domain.campaigns.stages import Stage, at_gate, gate_words, opens_at
from leadloom.domain.facts import MessageStatus
from leadloom.domain.model import CampaignId, Instant, LeadId, MessageId, Value
from leadloom.store import campaign_stages, campaigns, standing
from leadloom.store.campaigns import Cost
from leadloom.store.fates import fates
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

LOOK_AT = 1000
"""Leads of one page of a preview."""


class Runs(Value):
    """Runs that stand, or ended, alike."""

    status: str
    """`active`, `finished` or `exited`."""
    outcome: str | None
    blocked: bool
    runs: int


class Uncertain(Value):
    """A mail of a campaign whose answer after the dot was lost."""

    message_id: MessageId
    lead_id: LeadId | None
    mail: str
    step: str
    dot_at: Instant | None
    reason: str | None


class Progress(Value):
    """A campaign and how far it has come."""

    campaign: Campaign
    members: int
    """The frozen audience: undecided, enrolled, held out and left out together."""
    undecided: int
    """Of whom enrolment has not come by yet; those of a stopped campaign stay so."""
    enrolled: int
    held_out: int
    """In the arm that gets nothing, decided or not."""
    left_out: dict[LeftOut, int]
    runs: tuple[Runs, ...]
    mails: dict[MessageStatus, int]
    next: str
    """What happens next, in words."""
    next_at: Instant | None
    """And when, if that is known."""
    costs: dict[str, Decimal]
    """Currency → sum of its bills."""

    @property
    def active(self) -> int:
        """Open runs."""
        return sum(one.runs for one in self.runs if one.status == "active")


class Preview(Value):
    """What a draft would find now."""

    members: int
    enrolled: int
    held_out: int
    left_out: dict[LeftOut, int]


class _Found(NamedTuple):
    """What was read about one campaign."""

    members: list[Record]
    runs: list[Record]
    mails: list[Record]
    bills: list[Cost]
    stages: tuple[Stage, ...]


async def preview(
    tx: Tx, draft: CampaignDraft, *, book: Book, at: datetime, seen: Callable[[int], None] = lambda _: None
) -> Preview:
    """Count whom the draft would enrol, hold out and leave out if all turns came now. Writes and holds nothing.

    Raises what `campaigns.check` raises. `seen` is told after each page how many leads were looked at.
    """
    campaigns.check(draft, book)
    campaign_id, among = campaigns.id_of(draft.name), edges(draft.holdout, draft.arms)
    ways = {arm.name: arm.journey for arm in draft.arms}
    found: Counter[LeftOut | None] = Counter()
    members = held_out = 0
    after: UUID | None = None
    while ids := await campaigns.whom(tx, draft.audience, after=after, limit=LOOK_AT, book=book, at=at):
        turns: defaultdict[str, list[LeadId]] = defaultdict(list)
        for one in ids:
            arm = arm_of(campaign_id, one, among)
            if arm == HOLDOUT:
                held_out += 1
            else:
                turns[ways.get(arm) or draft.journey].append(one)
        for journey, those in turns.items():
            leads = await standing.seen(tx, those)
            published = campaigns.journey_of(book, journey)
            found.update(fate.code for fate in await fates(tx, leads, published, book=book, at=at))
        members, after = members + len(ids), ids[-1]
        seen(members)
    left_out = {code: number for code, number in found.items() if code is not None}
    return Preview(members=members, enrolled=found[None], held_out=held_out, left_out=_in_order(left_out))


async def progress(tx: Tx, which: Sequence[Campaign]) -> tuple[Progress, ...]:
    """How far these campaigns have come, in their order; as many statements as for one."""
    ids = [campaign.campaign_id for campaign in which]
    members = _by_campaign(await tx.all("members_by_fate", campaign_ids=ids))
    runs = _by_campaign(await tx.all("runs_by_fate", campaign_ids=ids))
    mails = _by_campaign(await tx.all("mails_by_fate", campaign_ids=ids))
    bills: defaultdict[CampaignId, list[Cost]] = defaultdict(list)
    for cost in await campaigns.costs(tx, ids):
        bills[cost.campaign_id].append(cost)
    stages = await campaign_stages.of(tx, ids)
    found = {key: _Found(members[key], runs[key], mails[key], bills[key], stages.get(key, ())) for key in ids}
    return tuple(_progress(one, found[one.campaign_id]) for one in which)


async def uncertain(tx: Tx, campaign_id: CampaignId) -> tuple[Uncertain, ...]:
    """Each mail of the campaign that nobody knows about, oldest first."""
    return tuple(Uncertain(**row) for row in await tx.all("uncertain_of_campaign", campaign_id=campaign_id))


def _progress(campaign: Campaign, found: _Found) -> Progress:
    left: defaultdict[LeftOut, int] = defaultdict(int)
    costs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in found.members:
        if row["left_out"] is not None:
            left[LeftOut(row["left_out"])] += row["members"]
    for bill in found.bills:
        costs[bill.currency] += bill.amount
    enrolling = [row for row in found.members if row["arm"] != HOLDOUT]
    undecided = sum(row["members"] for row in enrolling if not row["decided"])
    words, at = _next(campaign, undecided, found)
    return Progress(
        campaign=campaign,
        members=sum(row["members"] for row in found.members),
        undecided=undecided,
        enrolled=sum(row["members"] for row in enrolling if row["decided"] and row["left_out"] is None),
        held_out=sum(row["members"] for row in found.members if row["arm"] == HOLDOUT),
        left_out=_in_order(left),
        runs=tuple(Runs(**{name: row[name] for name in Runs.model_fields}) for row in found.runs),
        mails={MessageStatus(row["status"]): row["mails"] for row in found.mails},
        next=words,
        next_at=at,
        costs=dict(costs),
    )


def _next(campaign: Campaign, undecided: int, found: _Found) -> tuple[str, datetime | None]:
    """What happens next, and when."""
    if campaign.error is not None:
        return f"nothing until somebody resumes it: {campaign.error}", None
    match campaign.status:
        case Status.PLANNED:
            return "nothing until somebody launches it", None
        case Status.PAUSED if campaign.held_because:
            return f"nothing until somebody resumes it: it paused by itself, because {campaign.held_because}", None
        case Status.PAUSED:
            return "nothing until somebody resumes it: no enrolment, and its mails are held", None
        case Status.RUNNING if undecided and at_gate(found.stages):
            return f"it waits for {gate_words(found.stages)}", opens_at(found.stages)
        case Status.RUNNING if undecided:
            resting = campaign.per_minute is not None
            return "the next members are enrolled", campaign.waits_until if resting else None
        case Status.STOPPED if campaign.waiting_for:
            return "its open runs are being ended", None
        case Status.RUNNING:
            return _next_of_runs(found.runs, found.mails)
        case _:
            return "nothing: it is over", None


def _next_of_runs(runs: list[Record], mails: list[Record]) -> tuple[str, datetime | None]:
    letters = [row["next_at"] for row in mails if row["next_at"] is not None]
    looks = [row["next_at"] for row in runs if row["status"] == "active" and row["next_at"] is not None]
    if letters and (not looks or min(letters) <= min(looks)):
        return "everybody is decided; the next mail is planned", min(letters)
    if looks:
        return "everybody is decided; the next run goes on", min(looks)
    return "it is finished at its next look: everybody is decided, and no run is open", None


def _in_order(counts: dict[LeftOut, int]) -> dict[LeftOut, int]:
    return {code: counts[code] for code in LeftOut if counts.get(code)}


def _by_campaign(rows: Sequence[Record]) -> defaultdict[CampaignId, list[Record]]:
    found: defaultdict[CampaignId, list[Record]] = defaultdict(list)
    for row in rows:
        found[row["campaign_id"]].append(row)
    return found
