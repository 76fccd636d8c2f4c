"""What mail does a lead get next, when by their own clock and why then; what holds it, and what was lost and why?"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import MessageStatus
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.slots import Room, SlotRules, Taken, room
from leadloom.domain.mails.windows import LeadZone
from leadloom.domain.model import Instant, LeadId, MessageId, Value
from leadloom.store import lead_story, leads, standing
from leadloom.store.lead_story import ComingMail
from leadloom.store.published import Book
from leadloom.store.tx import Tx

LOST_SINCE = timedelta(days=30)
_MOST_LOST = 20


class PlannedMail(ComingMail):
    """A mail on its way, by the lead's own clock."""

    local: str
    """Its slot such as `Tue 2026-03-03 08:47`, in `local_zone`."""
    local_zone: LeadZone


class LostMail(Value):
    """A mail that was planned and never went."""

    message_id: MessageId
    journey: str
    campaign: str | None
    step: str
    mail: str
    mail_class: str
    status: MessageStatus
    reason: str | None
    slot_at: Instant
    """Where it stood last."""
    at: Instant
    """When it was given up."""


class RunAhead(Value):
    """A run that decides about its next mail later."""

    journey: str
    waiting_for: str | None
    waits_until: Instant | None


class LeadCalendar(Value):
    """All a lead will get, in the order it goes, and all they were to get and did not."""

    lead_id: LeadId
    at: Instant
    zone: LeadZone
    """In which windows and days off are judged from now on."""
    planned: tuple[PlannedMail, ...]
    """With a slot. One that something stands against right now goes only if that ends by then."""
    held: tuple[PlannedMail, ...]
    """Without a slot until what holds it ends; `against` says what does."""
    ahead: tuple[RunAhead, ...]
    lost: tuple[LostMail, ...]
    """Of the last 30 days, newest first."""
    caps: tuple[Room, ...]


async def read(tx: Tx, lead_id: LeadId, *, book: Book, at: datetime) -> LeadCalendar:
    """The calendar as of `at`. Raises NotFound."""
    lead = await leads.get(tx, lead_id)
    account = (await standing.accounts(tx, [lead.account_id])).get(lead.account_id) if lead.account_id else None
    return await of(tx, lead, account, book=book, at=at)


async def of(tx: Tx, lead: Lead, account: Account | None, *, book: Book, at: datetime) -> LeadCalendar:
    """The calendar for whoever has read the lead already."""
    rules = SendRules(book.definition)
    zone = rules.zone_of(lead, account)
    mails = [_planned(mail, zone) for mail in await lead_story.coming(tx, lead.lead_id, at=at)]
    lost = await tx.all("lost_mails_of_lead", lead_id=lead.lead_id, since=at - LOST_SINCE, page_limit=_MOST_LOST)
    return LeadCalendar(
        lead_id=lead.lead_id,
        at=at,
        zone=zone,
        planned=tuple(mail for mail in mails if mail.status is not MessageStatus.HELD),
        held=tuple(mail for mail in mails if mail.status is MessageStatus.HELD),
        ahead=tuple(RunAhead(**row) for row in await tx.all("runs_ahead_of_lead", lead_id=lead.lead_id)),
        lost=tuple(LostMail(**row) for row in lost),
        caps=await _caps(tx, lead, rules.of(lead, account), book.definition, at),
    )


def _planned(mail: ComingMail, now: LeadZone) -> PlannedMail:
    zone = LeadZone(name=mail.zone, told_by=mail.zone_by) if mail.zone and mail.zone_by else now
    local = mail.slot_at.astimezone(ZoneInfo(zone.name))
    return PlannedMail(**mail.model_dump(), local=f"{local:%a %Y-%m-%d %H:%M}", local_zone=zone)


async def _caps(tx: Tx, lead: Lead, rules: SlotRules, definition: Definition, at: datetime) -> tuple[Room, ...]:
    if not rules.per_person:
        return ()
    rows = await tx.all(
        "taken_of_leads",
        lead_ids=[lead.lead_id],
        account_ids=[],
        capped=[name for name, policy in definition.mail.classes.items() if policy.capped],
        since=at - max(cap.within for cap in rules.per_person),
    )
    mails = [(row["stands"], Taken(at=row["at"], mail_class=row["mail_class"], topic=row["topic"])) for row in rows]
    gone = [mail for stands, mail in mails if stands]
    return room(rules, gone, [mail for stands, mail in mails if not stands], at)
