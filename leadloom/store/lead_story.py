"""What happened to a lead, where do they stand, and what comes next? All reads of the lead's page; nothing is held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from leadloom.domain.consent.reach import Reach
from leadloom.domain.definitions.definition import ZoneSource
from leadloom.domain.facts import MessageStatus
from leadloom.domain.lead import Account, Basis, Event, Lead
from leadloom.domain.mails.sending import may_market
from leadloom.domain.model import HandOffId, Instant, Json, LeadId, MessageId, Value
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.standing import Clock, ScoreEntry
from leadloom.store import messages, permissions, standing
from leadloom.store.permissions import Suppression
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

ChapterKind = Literal["permission", "event", "stage", "entered", "run", "offer", "mail", "left"]
PAGE = 60


class Chapter(Value):
    """One thing of a lead's story. What its words mean depends on its kind."""

    at: Instant
    rank: int
    no: int
    kind: ChapterKind
    ref: str
    """Number, track, run, hand-off or message it is about."""
    what: str
    """Event kind, stage come to, journey, hand-off kind, mail, or kind of permission."""
    detail: str
    """Verdict, stage left, event that let in, what the run did, to whom, mail status, outcome, or given/ended."""
    actor: str | None
    """Who did it; for a mail, its journey."""
    points: float | None
    reason: str | None
    """Reason of a stage change, an offer or a mail; the step of a run; the source of a permission."""
    why: dict[str, Json]


class StoryPlace(Value):
    """Where a page of the story begins: behind this chapter."""

    before_at: Instant
    before_rank: int
    before_no: int
    before_ref: str


class Story(Value):
    """One page of a lead's story, newest first."""

    chapters: tuple[Chapter, ...]
    next: StoryPlace | None


class StageNow(Value):
    """Where a lead stands in one track."""

    track: str
    stage: str
    since: Instant
    waiting_for: str | None
    waits_until: Instant | None


class ComingMail(Value):
    """A mail on its way."""

    message_id: MessageId
    journey: str
    step: str
    mail: str
    mail_class: str
    sender: str
    status: MessageStatus
    asked_at: Instant
    slot_at: Instant
    deadline: Instant
    reason: str | None
    campaign: str | None
    """Whose audience brought the lead into the journey."""
    topic: str | None
    zone: str | None
    """The lead's zone when the slot was planned; None for mail that was planned before zones were kept."""
    zone_by: ZoneSource | None
    slot_why: tuple[str, ...]
    """What kept it from an earlier slot; empty when it goes as soon as it may."""
    against: str = ""
    """What stands against it now, in words; empty when nothing does."""
    delayed_by: str = ""
    """What the relay said when it didn't take it, or takes nothing at all; empty when nothing delays it."""


class HandOffOfLead(Value):
    """A hand-off the lead was offered in, or came along with."""

    hand_off_id: HandOffId
    kind: str
    state: str
    track: str
    owner: str | None
    pool: str | None
    opened_at: Instant
    accept_by: Instant | None
    first_try_by: Instant | None
    first_try_at: Instant | None
    decided_at: Instant | None
    decided_by: str | None
    decided_via: str | None
    reason: str | None
    reason_text: str | None
    recycle_until: Instant | None
    closed_at: Instant | None
    waiting_for: str | None
    waits_until: Instant | None
    came_along: bool


class Standing(Value):
    """How a lead stands, for reading."""

    lead: Lead
    account: Account | None
    owner: str | None
    stages: tuple[StageNow, ...]
    entries: tuple[ScoreEntry, ...]
    recent: tuple[Event, ...]
    """What the gate looks at."""
    bases: tuple[Basis, ...]
    may_market: bool
    reach: tuple[Reach, ...]
    """Whether marketing may reach them, by mail and by phone, and why."""
    suppressions: tuple[Suppression, ...]
    clocks: tuple[Clock, ...]
    last_reason: str | None
    doubles: tuple[str, ...] = Field(default=())
    """Ids of leads that one draft named together with this one."""


async def chapters(
    tx: Tx, lead_id: LeadId, *, kinds: Sequence[ChapterKind] | None = None, after: StoryPlace | None = None
) -> Story:
    """A page of what happened; `kinds` leaves the others out."""
    place = after.model_dump() if after else dict.fromkeys(StoryPlace.model_fields)
    rows = await tx.all("story_of_lead", lead_id=lead_id, kinds=kinds, **place, page_limit=PAGE + 1)
    shown = tuple(Chapter.model_validate(dict(row)) for row in rows[:PAGE])
    if len(rows) <= PAGE:
        return Story(chapters=shown, next=None)
    last = shown[-1]
    place = StoryPlace(before_at=last.at, before_rank=last.rank, before_no=last.no, before_ref=last.ref)
    return Story(chapters=shown, next=place)


async def read(tx: Tx, lead: Lead, *, book: Book, at: datetime) -> Standing:
    """How the lead stands at `at`."""
    ids = [lead.lead_id]
    account = (await standing.accounts(tx, [lead.account_id])).get(lead.account_id) if lead.account_id else None
    circumstances = await tx.one("circumstances_of_leads", lead_ids=ids)
    since = at - max(book.definition.mql.looks_back(), timedelta(days=90))
    bases = await permissions.of_lead(tx, lead.lead_id)
    silences = await permissions.suppressions_of(tx, lead.email, lead.lead_id)
    doubles = await tx.all("doubles_of_lead", subject=f"lead {lead.lead_id}")
    return Standing(
        lead=lead,
        account=account,
        owner=circumstances["owner"],
        stages=tuple(StageNow.model_validate(dict(row)) for row in await tx.all("stages_of_lead", lead_id=ids[0])),
        entries=tuple(
            ScoreEntry.model_validate({name: row[name] for name in ScoreEntry.model_fields})
            for row in await tx.all("score_entries_of_leads", lead_ids=ids)
        ),
        recent=tuple(
            Event.model_validate(dict(row))
            for row in await tx.all("responses_of_lead", lead_id=ids[0], since=since, at=at)
        ),
        bases=bases,
        may_market=may_market(book.definition, bases, country_of(lead, account), at),
        reach=permissions.reach_of(book.definition, lead, account, bases, silences, at=at),
        suppressions=silences,
        clocks=tuple(
            Clock(kind=row["kind"], due_at=row["due_at"], data=row["data"])
            for row in await tx.all("clocks_of_leads", lead_ids=ids)
        ),
        last_reason=circumstances["last_reason"],
        doubles=tuple(row["other"] for row in doubles),
    )


async def coming(tx: Tx, lead_id: LeadId, *, at: datetime) -> tuple[ComingMail, ...]:
    """Mails on their way to the lead, each with what stands against it at `at`."""
    rows = await tx.all("coming_mails_of_lead", lead_id=lead_id)
    vetoes = await messages.vetoes(tx, [row["message_id"] for row in rows], at=at) if rows else {}
    return tuple(
        ComingMail(
            **{name: row[name] for name in _COMING},
            against="; ".join(veto.detail for veto in vetoes.get(row["message_id"], ())),
            delayed_by=_delay(row, at),
        )
        for row in rows
    )


_COMING = (
    "message_id", "journey", "step", "mail", "mail_class", "sender", "status", "asked_at", "slot_at", "deadline",
    "reason", "campaign", "topic", "zone", "zone_by", "slot_why",
)  # fmt: skip


def _delay(row: Record, at: datetime) -> str:
    if row["status"] == "deferred":
        times = "once" if row["tries"] == 1 else f"{row['tries']} times"
        return f"tried {times}; the relay said: {row['reply']}"
    if row["rests_until"] is not None and row["rests_until"] > at:
        return f"the relay takes nothing and is asked again at {row['rests_until']:%H:%M:%S} UTC: {row['rests_why']}"
    return ""


async def hand_offs(tx: Tx, lead_id: LeadId) -> tuple[HandOffOfLead, ...]:
    """All hand-offs of the lead, newest first."""
    return tuple(HandOffOfLead.model_validate(dict(row)) for row in await tx.all("hand_offs_of_lead", lead_id=lead_id))


async def error_of_hand_off(tx: Tx, hand_off_id: HandOffId) -> str:
    """Why the hand-off is blocked; empty when it isn't."""
    row = await tx.maybe("block_of_hand_off", hand_off_id=hand_off_id)
    return "" if row is None else row["error"] or "no error was kept"


async def people(tx: Tx, lead_ids: Iterable[LeadId]) -> dict[LeadId, tuple[Lead, Account | None]]:
    """Some leads with their companies, read without holding them."""
    rows = await tx.all("leads_by_id", lead_ids=sorted(set(lead_ids)))
    found = [Lead.model_validate(dict(row)) for row in rows]
    companies = await standing.accounts(tx, (lead.account_id for lead in found))
    return {lead.lead_id: (lead, companies[lead.account_id] if lead.account_id else None) for lead in found}
