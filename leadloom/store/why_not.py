"""What does the answer to "why not?" look at? Reads only: a lead's last run and mail, its place in a campaign."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.campaigns.membership import LeftOut
from leadloom.domain.mails.why_not_sent import Around, MailNow, Near
from leadloom.domain.model import AccountId, CampaignId, EnrolmentId, Instant, LeadId, MessageId, Value
from leadloom.store import campaigns, messages, published, standing
from leadloom.store.names import Fragment
from leadloom.store.published import Book
from leadloom.store.run_facts import Reader, RunStanding
from leadloom.store.tx import Tx


class LastRun(Value):
    """A lead's last run in a journey."""

    enrolment_id: EnrolmentId
    journey: str
    journey_hash: str | None
    entered_at: Instant
    entered_by: str
    status: str
    waiting_for: str | None
    waits_until: Instant | None
    outcome: str | None
    ended_at: Instant | None
    blocked_at: Instant | None
    error: str | None
    step: str
    campaign: str | None


class Member(Value):
    """A lead in the frozen audience of a campaign."""

    no: int
    arm: str
    decided_at: Instant | None
    enrolment_id: EnrolmentId | None
    left_out: LeftOut | None
    before_it: int
    """Members whose turn comes first."""


class LastMail(NamedTuple):
    """A mail as it stands, and what else hangs on it."""

    message_id: MessageId
    enrolment_id: EnrolmentId
    now: MailNow
    around: Around


async def last_run(tx: Tx, lead_id: LeadId, journey: str, *, enrolment_id: EnrolmentId | None = None) -> LastRun | None:
    """The lead's last run in the journey, an open one first; or the one of that id."""
    row = await tx.maybe("last_run_of_lead", lead_id=lead_id, journey=journey, enrolment_id=enrolment_id)
    return None if row is None else LastRun(**row)


async def reader(tx: Tx, run: LastRun, at: datetime) -> Reader:
    """The run of a journey as data, as whoever is to look at its facts sees it; nobody is held."""
    [row] = await tx.all("run_standings_seen", enrolment_ids=[run.enrolment_id])
    leads = await standing.seen(tx, [row["lead_id"]])
    lead, _ = leads[row["lead_id"]]
    companies = await standing.accounts(tx, [lead.account_id])
    whom = (lead, companies[lead.account_id] if lead.account_id else None)
    assert run.journey_hash is not None  # whoever asks has looked
    return Reader(RunStanding(**row), await published.journey(tx, run.journey_hash), whom, at)


async def last_mail(tx: Tx, lead_id: LeadId, journey: str, mail: str, *, book: Book, at: datetime) -> LastMail | None:
    """The last mail of that name the journey asked for this lead."""
    row = await tx.maybe("last_mail_of_lead", lead_id=lead_id, journey=journey, mail=mail)
    if row is None:
        return None
    message_id: MessageId = row["message_id"]
    now = MailNow.model_validate({name: row[name] for name in MailNow.model_fields})
    vetoes = (await messages.vetoes(tx, [message_id], at=at)).get(message_id, ())
    near = await _near(tx, lead_id, row["account_id"], message_id, now, book)
    due = await tx.value("due_in_lane", lane=row["lane"], priority=now.priority, at=at)
    around = Around(vetoes=vetoes, near=near, due_before=due)
    return LastMail(message_id, row["enrolment_id"], now, around)


async def _near(
    tx: Tx, lead_id: LeadId, account_id: AccountId | None, message_id: MessageId, now: MailNow, book: Book
) -> tuple[Near, ...]:
    policy = book.definition.mail
    span = max((cap.within for cap in (*policy.per_person, policy.per_company)), default=timedelta())
    rows = await tx.all(
        "mails_near",
        lead_id=lead_id,
        account_id=account_id,
        message_id=message_id,
        capped=[name for name, rule in policy.classes.items() if rule.capped],
        since=now.not_before - span,
        until=now.not_before + span,
    )
    return tuple(Near(**row) for row in rows)


async def member(tx: Tx, campaign_id: CampaignId, lead_id: LeadId) -> Member | None:
    """The lead in the campaign's frozen audience."""
    row = await tx.maybe("member_of_campaign", campaign_id=campaign_id, lead_id=lead_id)
    return None if row is None else Member(**row)


async def finds(tx: Tx, audience: Audience, lead_id: LeadId, *, book: Book, at: datetime) -> bool:
    """Whether the question finds this lead now: asked of the very query that freezes audiences."""
    where = campaigns.narrowed(audience, book=book, at=at)
    only = Fragment(f"({where.sql}) AND l.lead_id = {Fragment.place(len(where.values) + 1)}", (*where.values, lead_id))
    nobody: UUID | None = None
    rows = await tx.all_where("audience_page", only, **campaigns.asked(audience), after=nobody, page_limit=1)
    return bool(rows)
