"""What did support hear that is a matter for sales? Raised from two fields, with what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from leadloom.domain.definitions.own_events import SUPPORT_RAISED
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.handoffs.outcome import SUPPORT_HEARD
from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.model import DealId, HandOffId, Instant, LeadId, Value
from leadloom.store import audit, events, leads, news
from leadloom.store.hand_offs import HandOff
from leadloom.store.published import Book
from leadloom.store.tx import Tx

MOST_WORDS = 500
MAIL = "raised-ended"
_SHOWN = 200


class Heard(Value):
    """What somebody of support heard."""

    request_id: UUID
    """Made by who asks: the same twice is one."""
    about: str
    """A mail address, or the name or domain of a company."""
    said: str
    """What they want, in the words of whoever heard it."""
    by: str
    """Handle of who heard it."""


class SupportRequest(Value):
    """What was raised, and what became of it."""

    request_id: UUID
    lead_id: LeadId
    hand_off_id: HandOffId | None
    deal_id: DealId | None
    raised_by: str
    raised_at: Instant
    about: str
    said: str
    first_name: str | None
    last_name: str | None
    company: str | None
    country: str | None
    state: str | None
    """Of the hand-off."""
    owner: str | None
    pool: str | None
    accept_by: Instant | None
    first_try_by: Instant | None
    first_try_at: Instant | None
    decided_at: Instant | None
    decided_by: str | None
    closed_at: Instant | None
    reason: str | None
    reason_text: str | None
    recycle_until: Instant | None
    deal_stage: str | None
    """Of the deal that was open already."""
    deal_owner: str | None
    deal_won_at: Instant | None
    """When something was sold to the company, since it was raised."""

    @property
    def stands(self) -> Literal["waits", "taken", "given back", "with the deal", "sold"]:
        """In a word: what became of it."""
        if self.deal_won_at is not None:
            return "sold"
        if self.hand_off_id is None:
            return "with the deal"
        if self.state == "offered":
            return "waits"
        return "taken" if self.state == "accepted" and self.reason is None else "given back"

    @property
    def person(self) -> str:
        """Whom it is about, as far as known."""
        known = " ".join(part for part in (self.first_name, self.last_name) if part)
        return known or (self.about if "@" in self.about else self.company or self.about)


async def raise_lead(tx: Tx, heard: Heard, *, book: Book, at: datetime) -> SupportRequest:
    """Record it by the one write path: the lead is found or made and offered, or joins what the company has open.

    Safe to repeat with the same id. Raises BadInput for a field that says nothing.
    """
    about, said = heard.about.strip(), heard.said.strip()
    _check(heard, about, said, book)
    try:
        return await get(tx, heard.request_id)
    except NotFound:
        lead_id = await _record(tx, heard, about, book=book, at=at)
    talk = await tx.maybe("talk_of_lead", lead_id=lead_id)
    deal = None if talk else await tx.maybe("open_deal_of_company", lead_id=lead_id, track=None)
    if talk is not None:
        await tx.run("add_why", hand_off_id=talk["hand_off_id"], words=f"{SUPPORT_HEARD}{said}")
    await tx.run(
        "insert_support_request",
        request_id=heard.request_id,
        lead_id=lead_id,
        hand_off_id=talk["hand_off_id"] if talk else None,
        deal_id=deal["deal_id"] if deal else None,
        raised_by=heard.by,
        about=about,
        said=said,
        at=at,
    )
    note = audit.Note(at=at, actor=heard.by, action="raised a lead from support", subject=f"lead {lead_id}")
    await audit.note(tx, note)
    return await get(tx, heard.request_id)


async def get(tx: Tx, request_id: UUID) -> SupportRequest:
    """Raises NotFound."""
    row = await tx.maybe("support_requests", raised_by=None, request_id=request_id, page_limit=1)
    if row is None:
        raise NotFound("support request", request_id)
    return SupportRequest.model_validate(dict(row))


async def raised(tx: Tx, by: str | None = None, *, limit: int = _SHOWN) -> tuple[SupportRequest, ...]:
    """What was raised, the newest first; by one, or by all."""
    rows = await tx.all("support_requests", raised_by=by, request_id=None, page_limit=limit)
    return tuple(SupportRequest.model_validate(dict(row)) for row in rows)


async def tell(tx: Tx, now: HandOff, *, book: Book, at: datetime) -> None:
    """Let whoever raised it hear by mail how it ended; twice is once. For whoever holds the hand-off."""
    for row in await tx.all("raisers_of_hand_off", hand_off_id=now.hand_off_id):
        # An acceptance is told, and so is its end, should the lead be given back later.
        no = 2 if now.state == "accepted" and now.closed_at is not None else 1
        await news.tell(tx, now, row["raised_by"], MAIL, no=no, book=book, at=at)


def _check(heard: Heard, about: str, said: str, book: Book) -> None:
    if heard.by not in {entry.handle for entry in book.definition.owners}:
        raise BadInput("by", heard.by, "Only an owner of the definition raises a lead.")
    if not about or len(about) > MOST_WORDS:
        raise BadInput("about", about[:60], "Give the mail address of the person, or the name of their company.")
    if not said or len(said) > MOST_WORDS:
        raise BadInput("said", said[:60], f"Write in a sentence what they want, at most {MOST_WORDS} characters.")


async def _record(tx: Tx, heard: Heard, about: str, *, book: Book, at: datetime) -> LeadId:
    key = f"support/{heard.request_id}"
    event = EventDraft(kind=SUPPORT_RAISED, at=at, key=key, actor=heard.by, data={"request_id": str(heard.request_id)})
    if "@" in about:
        draft = LeadDraft(email=about, events=(event,))
    elif (row := await tx.maybe("lead_of_said_company", said=about)) is not None:
        await events.record(tx, row["lead_id"], [event], book=book, at=at)
        return row["lead_id"]
    else:
        draft = LeadDraft(external_id=key, company=about, events=(event,))
    return (await leads.capture(tx, draft, book=book, at=at, actor=heard.by)).lead_id
