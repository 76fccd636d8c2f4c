"""Which part of an audience comes in now, what came of it so far, and does the campaign hold by itself?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.campaigns import stages as rules
from leadloom.domain.campaigns.campaign import Act, Campaign, Status, may
from leadloom.domain.campaigns.stages import BY_CLOCK, Group, Results, Stage
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import Conflict
from leadloom.domain.model import CampaignId
from leadloom.domain.wake import campaign_looks
from leadloom.store import audit, campaigns
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx


async def plan(tx: Tx, campaign: Campaign, stages: Sequence[Stage], *, at: datetime, by: str) -> None:
    """Write the stages of a launch and open the first. Call under the campaign's lock, once, before it runs."""
    rows = [one.model_dump(mode="json", include={"no", "upto", "wait_s"}) for one in stages]
    await tx.run("add_stages", campaign_id=campaign.campaign_id, rows=rows, at=at, by=by)


async def of(tx: Tx, campaign_ids: Sequence[CampaignId]) -> dict[CampaignId, tuple[Stage, ...]]:
    """The stages of some campaigns, in their order; a campaign without stages is missing."""
    found: defaultdict[CampaignId, tuple[Stage, ...]] = defaultdict(tuple)
    for row in await tx.all("stages_of_campaigns", campaign_ids=list(campaign_ids)):
        told = {name: row[name] for name in Stage.model_fields}
        found[row["campaign_id"]] += (Stage.model_validate(told),)
    return dict(found)


async def open_upto(tx: Tx, campaign_id: CampaignId) -> int:
    """The number of the last member that may come in now; above every number when there are no stages."""
    return await tx.value("open_upto", campaign_id=campaign_id)


async def reach(tx: Tx, campaign: Campaign, *, at: datetime) -> tuple[Stage, ...]:
    """Note that the open stage's last member is decided; the stages after that. Once is noted, twice is the same."""
    [found] = (await of(tx, [campaign.campaign_id])).values()
    here = rules.open_stage(found)
    if here is not None and here.reached_at is None:
        await tx.run("reach_stage", campaign_id=campaign.campaign_id, no=here.no, at=at)
        [found] = (await of(tx, [campaign.campaign_id])).values()
    return found


async def open_next(tx: Tx, campaign: Campaign, stage: Stage, *, at: datetime, by: str, why: str = "") -> None:
    """Let the next stage come in. Call under the campaign's lock; who was first opened it."""
    await tx.run("open_stage", campaign_id=campaign.campaign_id, no=stage.no, at=at, by=by)
    subject, action = f"campaign {campaign.campaign_id}", f"opened stage {stage.no} of"
    await audit.note(tx, audit.Note(at=at, actor=by, action=action, subject=subject, why=why))


async def go_on(tx: Tx, name: str, *, book: Book, at: datetime, by: str, why: str = "") -> Stage:
    """Somebody's word opens the next stage, before its wait is over, too. Raises Conflict, NotFound."""
    campaign = await campaigns.locked(tx, (await campaigns.find(tx, name)).campaign_id)
    may(Act.LAUNCH, by, book.definition, owner=campaign.owner)
    if campaign.status is not Status.RUNNING:
        raise Conflict(f"Campaign {campaign.name} is {campaign.status}: it goes on to no stage. {_first(campaign)}")
    found = (await of(tx, [campaign.campaign_id])).get(campaign.campaign_id, ())
    stage = rules.may_go_on(campaign.name, found)
    await open_next(tx, campaign, stage, at=at, by=by, why=why)
    # The wait is over: a pace must not take its end for the end of a rest.
    await tx.run("campaign_waits", campaign_id=campaign.campaign_id, waiting_for="its next look", waits_until=at)
    tx.look_again(campaign_looks(campaign.campaign_id))
    return stage


async def results(tx: Tx, campaign_id: CampaignId) -> tuple[Group, ...]:
    """What came of the mails so far, for each stage and arm; a campaign without stages is one stage."""
    rows = await tx.all("results_of_campaign", campaign_id=campaign_id)
    plain = ("stage", "arm", "members", "enrolled", "reached_goal")
    return tuple(
        Group(**{name: row[name] for name in plain}, results=Results(**{name: row[name] for name in _RESULTS}))
        for row in rows
    )


async def holds(tx: Tx, campaign: Campaign, *, definition: Definition, at: datetime) -> str | None:
    """Pause this campaign if its results say so; why it did, in words. Call under the campaign's lock."""
    rows = await tx.all("campaigns_in_trouble", campaign_id=campaign.campaign_id)
    return await _hold(tx, rows[0], definition, at) if rows else None


async def hold_in_trouble(tx: Tx, *, book: Book, at: datetime) -> int:
    """The sweep: pause each running campaign whose results say so. How many. Twice is once: it runs no more."""
    held = 0
    for row in await tx.all("campaigns_in_trouble", campaign_id=None):
        held += await _hold(tx, row, book.definition, at) is not None
    return held


_RESULTS = ("sent", "bounced", "complained", "unsubscribed", "clicked")


async def _hold(tx: Tx, row: Record, definition: Definition, at: datetime) -> str | None:
    seen = Results(sent=row["sent"], bounced=row["bounced"], complained=row["complained"])
    why = rules.trouble(seen, definition.campaigns.hold)
    if why is None:
        return None
    if await tx.maybe("hold_campaign", campaign_id=row["campaign_id"], why=why, at=at) is None:
        return None
    subject = f"campaign {row['campaign_id']}"
    await audit.note(tx, audit.Note(at=at, actor=BY_CLOCK, action="paused", subject=subject, why=why))
    tx.look_again(campaign_looks(row["campaign_id"]))
    return why


def _first(campaign: Campaign) -> str:
    return "Resume it first." if campaign.status is Status.PAUSED else "Launch it first."
