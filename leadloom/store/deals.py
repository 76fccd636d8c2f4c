"""What became of the deals? Rows of the CRM, told to their lead as events; the last one's end frees the company."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, Self
from uuid import uuid4

from pydantic import Field, model_validator

from leadloom.domain.errors import BadInput
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import AccountId, DealId, Instant, Json, LeadId, OwnerId, Value
from leadloom.store import calendars, events, hand_offs, owners
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

DealStage = Literal["open", "won", "lost"]


class DealDraft(Value):
    """A deal as its system tells it: the whole truth each time, not a change."""

    external_id: str
    """The other system's id: the same id is the same deal."""
    name: str
    lead_id: LeadId | None = None
    """Whose deal it is; None for a company's alone."""
    account_id: AccountId | None = None
    """None takes the lead's."""
    owner: str | None = None
    """Handle of the account executive."""
    product: str | None = None
    track: str = "new-business"
    amount: Decimal | None = Field(default=None, ge=0, decimal_places=2)
    """None: nobody told. Never 0 for that."""
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    """ISO 4217; an amount has one."""
    created_at: Instant
    """Equal to `closed_at` where nobody told when the deal was opened."""
    created_day_only: bool = False
    """The source knew the day and no hour: spans from it count in calendar days."""
    stage: DealStage = "open"
    closed_at: Instant | None = None
    closed_day_only: bool = False
    lost_because: str | None = None
    """A key of the definition's reject reasons: says when a lost deal's lead comes back."""
    attributes: dict[str, Json] = Field(default_factory=dict)
    """What else the other system told, kept by its own name."""

    @model_validator(mode="after")
    def _closed_means_closed(self) -> Self:
        if (self.stage == "open") != (self.closed_at is None):
            raise ValueError("a deal that is won or lost has `closed_at`, an open one has none")
        if self.closed_at is not None and self.closed_at < self.created_at:
            raise ValueError("a deal closes after it was created")
        if self.amount is not None and self.currency is None:
            raise ValueError("an amount has a `currency`, such as USD")
        return self


class Deal(Value):
    """A deal as it is stored."""

    deal_id: DealId
    external_id: str
    account_id: AccountId | None
    lead_id: LeadId | None
    owner_id: OwnerId | None
    name: str
    product: str | None
    track: str
    amount: Decimal | None
    currency: str | None
    created_at: Instant
    stage: DealStage
    closed_at: Instant | None
    attributes: dict[str, Json]


class Saved(Value):
    """A deal that was told, and what we knew of it before."""

    deal: Deal
    before: Deal | None


async def save(tx: Tx, draft: DealDraft, *, book: Book, at: datetime, history: bool = False) -> Deal:
    """Keep one deal: `save_all` for a list of one."""
    return (await save_all(tx, [draft], book=book, at=at, history=history))[0].deal


async def save_all(
    tx: Tx, drafts: Sequence[DealDraft], *, book: Book, at: datetime, history: bool = False
) -> list[Saved]:
    """Keep deals, each told once, tell their leads what is new, and end a company's conversation when it is over.

    As many statements for a page as for one, but for conversations that end. `history`: another system lived through
    them; their turns are logged at their own instants, open no hand-off, enter no journey, and end no conversation but
    that of a deal we held as open.

    Safe to repeat: one row per external id, one event per deal and turn. Raises BadInput, NotFound for lead and owner.
    """
    for draft in drafts:
        if draft.track not in book.definition.tracks:
            raise BadInput("track", draft.track, f"Use one of: {', '.join(book.definition.tracks)}.")
    await calendars.lock(tx, [draft.lead_id for draft in drafts if draft.lead_id is not None])
    known = await _held(tx, [draft.external_id for draft in drafts])
    saved = {row["external_id"]: _deal(row) for row in await tx.all("save_deals", rows=await _rows(tx, drafts))}
    turns = [(saved[draft.external_id].lead_id, tuple(_turns(draft))) for draft in drafts]
    happened = [events.Happening(lead_id=lead_id, drafts=told, history=history) for lead_id, told in turns if lead_id]
    await events.record_all(tx, happened, book=book, at=at)
    for external_id, deal in saved.items():
        before = known.get(external_id)
        if deal.stage != "open" and (before.stage == "open" if before else not history):
            # Only the turn ends a conversation: an old deal told again must not end the next one.
            await _end_conversation(tx, deal, book, at)
    return [Saved(deal=saved[draft.external_id], before=known.get(draft.external_id)) for draft in drafts]


async def told(tx: Tx, external_id: str) -> Deal | None:
    """The deal of that name, or None."""
    row = await tx.maybe("deal_called", external_id=external_id)
    return None if row is None else _deal(row)


async def of_lead(tx: Tx, lead_id: LeadId) -> tuple[Deal, ...]:
    """The deals of a lead and of its company, oldest first."""
    return tuple(_deal(row) for row in await tx.all("deals_of_lead", lead_id=lead_id))


async def _end_conversation(tx: Tx, deal: Deal, book: Book, at: datetime) -> None:
    somebody: LeadId | None = await tx.value("somebody_done_with", deal_id=deal.deal_id)
    if somebody is not None:
        await hand_offs.close_conversation(tx, somebody, book=book, at=at)


async def _held(tx: Tx, external_ids: Sequence[str]) -> dict[str, Deal]:
    """The deals as we know them, held until they are saved."""
    rows = await tx.all("deals_for_update", external_ids=external_ids)
    return {row["external_id"]: _deal(row) for row in rows}


async def _rows(tx: Tx, drafts: Sequence[DealDraft]) -> list[dict[str, Json]]:
    handles = {draft.owner for draft in drafts if draft.owner is not None}
    owner_ids = {handle: str((await owners.named(tx, handle)).owner_id) for handle in sorted(handles)}
    return [
        {
            **draft.model_dump(mode="json", include=set(Deal.model_fields)),
            "deal_id": str(uuid4()),
            "owner_id": owner_ids[draft.owner] if draft.owner is not None else None,
        }
        for draft in drafts
    ]


def _turns(draft: DealDraft) -> list[EventDraft]:
    """What happened to the deal so far, each with its key: told again, only what is new becomes an event."""
    data: dict[str, Json] = {"deal": draft.external_id, "track": draft.track, "product": draft.product}
    actor = draft.owner or "system"

    def turn(kind: str, at: datetime, day_only: bool, /, **more: Json) -> EventDraft:
        key = f"deal/{draft.external_id}/{kind}"
        precision: dict[str, Json] = {"precision": "day"} if day_only else {}
        return EventDraft(kind=kind, at=at, key=key, actor=actor, data={**data, **precision, **more})

    turns = [turn("deal_opened", draft.created_at, draft.created_day_only)]
    match draft.stage, draft.closed_at:
        case "won", datetime() as closed_at:
            turns.append(turn("deal_won", closed_at, draft.closed_day_only))
        case "lost", datetime() as closed_at:
            reason: dict[str, Json] = {"reason": draft.lost_because} if draft.lost_because else {}
            turns.append(turn("deal_lost", closed_at, draft.closed_day_only, **reason))
        case _:
            pass
    return turns


def _deal(row: Record) -> Deal:
    return Deal.model_validate(dict(row))
