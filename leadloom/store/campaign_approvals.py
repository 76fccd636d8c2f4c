"""What was said about the approval of a campaign, and is it still about this very campaign?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from leadloom.domain.campaigns import approval as rules
from leadloom.domain.campaigns.approval import Approval, Said, Terms
from leadloom.domain.campaigns.audience import audience_words
from leadloom.domain.campaigns.campaign import Campaign, Status
from leadloom.domain.errors import Conflict
from leadloom.domain.model import CampaignId
from leadloom.store import audit, campaigns
from leadloom.store.published import Book
from leadloom.store.tx import Tx

_OVER = (Status.STOPPED, Status.FINISHED)


async def terms(tx: Tx, campaign: Campaign, *, book: Book) -> Terms:
    """What an approval would be given to now: the frozen audience, versions in force, arms and cost."""
    names = list(campaign.journeys)
    hashes = {one.journey.name: one.hash for one in book.journeys}
    letters = await tx.all("templates_in_force_of", journeys=names)
    return Terms(
        audience=audience_words(campaign.audience),
        members=await tx.value("count_members", campaign_id=campaign.campaign_id),
        holdout=campaign.holdout,
        arms=campaign.arms,
        journey=campaign.journey,
        journeys={name: hashes[name] for name in names if name in hashes},
        mails={row["name"]: row["hash"] for row in letters},
        costs=await campaigns.cost_words(tx, campaign.campaign_id),
        free_because=campaign.free_because,
    )


async def stands(tx: Tx, campaign: Campaign, *, book: Book) -> Approval:
    """How its approval stands now."""
    now = await terms(tx, campaign, book=book)
    return rules.stands(now, await said(tx, campaign.campaign_id), book.definition.campaigns.approval)


async def said(tx: Tx, campaign_id: CampaignId) -> tuple[Said, ...]:
    """All that was said, in order."""
    return tuple(Said.model_validate(dict(row)) for row in await tx.all("approvals_of", campaign_id=campaign_id))


async def submit(tx: Tx, name: str, *, book: Book, at: datetime, by: str, why: str = "") -> Approval:
    """Ask for an approval of the campaign as it is now. Raises Conflict when nothing is to be asked, NotFound."""
    campaign = await _held(tx, name)
    rules.may_submit(by, book.definition)
    before = await stands(tx, campaign, book=book)
    if before.state in ("submitted", "approved") and before.last is not None:
        when = f"{before.last.by} {before.last.act} it on {before.last.at:%Y-%m-%d %H:%M} UTC"
        raise Conflict(f"Campaign {campaign.name}: {when}, and nothing changed since.")
    return await _say(tx, campaign, "submitted", book=book, at=at, by=by, why=why)


async def approve(tx: Tx, name: str, *, book: Book, at: datetime, by: str, why: str = "") -> Approval:
    """Say yes to what was submitted. Raises Conflict with who may or what is to be done before, NotFound."""
    campaign = await _held(tx, name)
    before = await stands(tx, campaign, book=book)
    rules.may_approve(by, planned_by=campaign.planned_by, approval=before, definition=book.definition)
    return await _say(tx, campaign, "approved", book=book, at=at, by=by, why=why)


async def take_back(tx: Tx, name: str, *, book: Book, at: datetime, by: str, why: str = "") -> Approval:
    """Undo a submission or an approval, before the launch. Raises Conflict when there is none, NotFound."""
    campaign = await _held(tx, name)
    rules.may_submit(by, book.definition)
    if campaign.status is not Status.PLANNED:
        raise Conflict(f"Campaign {campaign.name} is {campaign.status}: pause or stop it instead.")
    if (await stands(tx, campaign, book=book)).state == "none":
        raise Conflict(f"Campaign {campaign.name} was not submitted: there is nothing to take back.")
    return await _say(tx, campaign, "taken back", book=book, at=at, by=by, why=why)


async def strayed(tx: Tx, campaign: Campaign, in_force: Mapping[str, str]) -> str | None:
    """The journey whose version in force is not the approved one; None when nothing was approved, or all is as it was.

    What a campaign asks before each page: whom it takes from now on would get what nobody approved. Asking for another
    approval gives none.
    """
    given = next((one for one in reversed(await said(tx, campaign.campaign_id)) if one.act != "submitted"), None)
    if given is None or given.act == "taken back":
        return None
    return next((name for name, version in given.terms.journeys.items() if in_force.get(name) != version), None)


async def _held(tx: Tx, name: str) -> Campaign:
    campaign = await campaigns.locked(tx, (await campaigns.find(tx, name)).campaign_id)
    if campaign.status in _OVER:
        raise Conflict(f"Campaign {campaign.name} is {campaign.status}: there is nothing to approve any more.")
    return campaign


async def _say(
    tx: Tx,
    campaign: Campaign,
    act: Literal["submitted", "approved", "taken back"],
    *,
    book: Book,
    at: datetime,
    by: str,
    why: str,
) -> Approval:
    now = await terms(tx, campaign, book=book)
    kept = now.model_dump(mode="json")
    await tx.run("say_of_approval", campaign_id=campaign.campaign_id, act=act, at=at, by=by, why=why, terms=kept)
    words = {"submitted": "submitted", "approved": "approved", "taken back": "took back the approval of"}[act]
    subject = f"campaign {campaign.campaign_id}"
    await audit.note(tx, audit.Note(at=at, actor=by, action=words, subject=subject, why=why))
    return await stands(tx, campaign, book=book)
