"""What becomes of a lead when a deal opens: person, company and deal in one transaction, doubles settled before.

Systems that make the company first and warn of the double afterwards leave orphans behind. Here whoever converts sees
everything that would be touched, answers for each possible double, and then all of it is written or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Literal, NamedTuple

from pydantic import Field

from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.lead import Account, Lead, LeadDraft
from leadloom.domain.model import DealId, Instant, LeadId, Value
from leadloom.store import (
    audit,
    calendars,
    company_links,
    company_names,
    deals,
    duplicates,
    joined,
    leads,
    merges,
    merging,
)
from leadloom.store.checklists import Qualification
from leadloom.store.checklists import of_lead as qualification_of
from leadloom.store.deals import Deal, DealDraft
from leadloom.store.duplicates import Possible
from leadloom.store.lead_pages import key_of
from leadloom.store.published import Book
from leadloom.store.tx import Tx

OF_OURS = "leadloom:"
"""Begins the external id of a deal that was opened here: no CRM has told of it yet."""
LONGEST_NAME = 200

Double = Literal["same", "other", "unknown"]
"""What somebody says of a possible double: one person, two, or they can't tell (then the suggestion waits on)."""


class BeforeDeal(NamedTuple):
    """All that opening a deal would touch, as it stands now."""

    lead: Lead
    account: Account | None
    open_deals: tuple[Deal, ...]
    """Of the lead and of their company."""
    doubles: tuple[Possible, ...]
    qualification: Qualification
    """What is known by asking, and whether it is enough for a deal."""
    seen: str
    """Names this very state: who decides by an older one is asked to look again."""


class OpenDeal(Value):
    """What somebody wants opened, and their word on everything the preview showed."""

    key: str = Field(pattern=r"^[A-Za-z0-9-]{8,64}$")
    """The deal's own name among ours: the same key is the same deal."""
    by: str
    """Handle."""
    via: Literal["page", "cli"]
    seen: str | None = None
    """Of the preview that was shown; None where nobody looked, which is allowed only when there is nothing to see."""
    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    owner: str | None = None
    product: str | None = None
    track: str = "new-business"
    amount: Decimal | None = None
    currency: str | None = None
    company: str | None = None
    """For a lead without one: a company we know, by id, domain or name, else the name of a new one."""
    doubles: dict[LeadId, Double] = Field(default_factory=dict)
    another: bool = False
    """Open it although one of the company is open on the track."""
    why: str = ""


class Converted(Value):
    """What was written."""

    deal_id: DealId
    external_id: str
    lead_id: LeadId
    """Who the lead is now: another id, when it was merged into a double."""
    merged: tuple[LeadId, ...]
    created_at: Instant


async def preview(tx: Tx, lead_id: LeadId, *, book: Book) -> BeforeDeal:
    """What opening a deal with the lead would touch. Raises NotFound."""
    lead = await leads.get(tx, await merges.now(tx, lead_id))
    account = await leads.account_of(tx, lead)
    open_deals = tuple(deal for deal in await deals.of_lead(tx, lead.lead_id) if deal.stage == "open")
    doubles = await duplicates.of_lead(tx, lead.lead_id)
    qualification = await qualification_of(tx, lead.lead_id, book=book)
    return BeforeDeal(lead, account, open_deals, doubles, qualification, _seen(lead, open_deals, doubles))


async def open_deal(tx: Tx, lead_id: LeadId, order: OpenDeal, *, book: Book, at: datetime) -> Converted:
    """Settle the doubles, place the lead at a company, open the deal: all or nothing. The same key twice is once.

    Raises NotFound; BadInput for a double nobody answered for, a company that is missing, an unknown owner or track;
    Conflict when something changed since it was looked at, or a deal of the company is open already.
    """
    external_id = OF_OURS + order.key
    if (known := await deals.told(tx, external_id)) is not None:
        return _converted(known, await merges.now(tx, lead_id), ())
    before = await _hold(tx, lead_id, order, book)
    merged = await _settle(tx, before, order, book=book, at=at)
    lead = await leads.get(tx, await merges.now(tx, before.lead.lead_id))
    if lead.account_id is None:
        await _place(tx, lead, order.company, order, book=book, at=at)
    draft = DealDraft.model_validate({
        "external_id": external_id, "name": order.name.strip(), "lead_id": lead.lead_id, "owner": order.owner,
        "product": order.product, "track": order.track, "amount": order.amount, "currency": order.currency,
        "created_at": at,
    })  # fmt: skip
    deal = await deals.save(tx, draft, book=book, at=at)
    await _note(tx, deal, before, order, merged, at)
    return _converted(deal, lead.lead_id, merged)


async def join_deal(tx: Tx, lead_id: LeadId, *, track: str, by: str, book: Book, at: datetime) -> DealId:
    """Let the lead join the deal of their company that is open on a track. Twice is once. Raises Conflict for none."""
    await calendars.lock(tx, [lead_id])
    found = await joined.join(tx, lead_id, track=track, why=[f"{by} said so"], book=book, at=at)
    if found is None:
        raise Conflict("No deal of their company is open on this track any more. Nothing was changed.")
    return found


async def _hold(tx: Tx, lead_id: LeadId, order: OpenDeal, book: Book) -> BeforeDeal:
    """The state as it was shown, held. Raises Conflict when it is another by now."""
    await calendars.lock(tx, [await merges.now(tx, lead_id)])
    before = await preview(tx, lead_id, book=book)
    if order.seen is not None and order.seen != before.seen:
        raise Conflict("Their company, a double or a deal changed since you looked. Look again, then open it.")
    on_track = [deal for deal in before.open_deals if deal.track == order.track]
    if on_track and not order.another:
        name = on_track[0].name
        raise Conflict(f"{name} is open with their company on this track: join it, or say that you mean another.")
    return before


async def _settle(tx: Tx, before: BeforeDeal, order: OpenDeal, *, book: Book, at: datetime) -> tuple[LeadId, ...]:
    """Each possible double as somebody answered. Raises BadInput for one without an answer."""
    unanswered = [one.name for one in before.doubles if one.lead_id not in order.doubles]
    if unanswered:
        remedy = "Say for each who may be the same person: the same, somebody else, or that you can't tell."
        raise BadInput("doubles", ", ".join(unanswered), remedy)
    merged: list[LeadId] = []
    for one in before.doubles:
        why = order.why.strip() or "said when the deal was opened"
        match order.doubles[one.lead_id]:
            case "same":
                pair = merging.MergeOrder(one=before.lead.lead_id, other=one.lead_id, by=order.by, why=why)
                merged.append((await merging.merge(tx, pair, book=book, at=at)).loser_id)
            case "other":
                await duplicates.keep_apart(tx, before.lead.lead_id, one.lead_id, why=why, by=order.by, at=at)
            case "unknown":
                pass
    return tuple(merged)


async def _place(tx: Tx, lead: Lead, company: str | None, order: OpenDeal, *, book: Book, at: datetime) -> None:
    """Put the lead at a company we know, else at a new one of that name, by the one write path."""
    if company is None or not company.strip():
        raise BadInput("company", company, "A deal is with a company: name it, and it is found or made.")
    named = company.strip()[:LONGEST_NAME]
    try:
        there = await company_links.find(tx, named)
    except NotFound:
        await _make(tx, lead, named, by=order.by, book=book, at=at)
        return
    act = company_names.Act(by=order.by, why=order.why.strip() or "said when the deal was opened", at=at)
    await company_names.put_lead(tx, lead.lead_id, there, act=act)


async def _make(tx: Tx, lead: Lead, company: str, *, by: str, book: Book, at: datetime) -> None:
    told: dict[str, str | None] = {"company": company, "first_name": lead.first_name, "last_name": lead.last_name}
    key = await key_of(tx, lead)
    if key is None:
        raise BadInput("company", company, "The lead has no address and no id: put them at a company first.")
    told[key.kind] = key.value
    await leads.capture(tx, LeadDraft.model_validate(told), book=book, at=at, actor=by)


async def _note(
    tx: Tx, deal: Deal, before: BeforeDeal, order: OpenDeal, merged: Sequence[LeadId], at: datetime
) -> None:
    said: Mapping[str, object] = {str(lead_id): word for lead_id, word in order.doubles.items()}
    note = audit.Note.model_validate({
        "at": at, "actor": order.by, "action": "opened a deal", "subject": f"lead {before.lead.lead_id}",
        "after": {
            "deal": deal.external_id, "owner": order.owner, "track": order.track, "via": order.via,
            "doubles": dict(said), "merged": [str(one) for one in merged],
            "enough": before.qualification.gate.passed,
        },
        "why": order.why,
    })  # fmt: skip
    await audit.note(tx, note)


def _converted(deal: Deal, lead_id: LeadId, merged: tuple[LeadId, ...]) -> Converted:
    return Converted(
        deal_id=deal.deal_id, external_id=deal.external_id, lead_id=lead_id, merged=merged, created_at=deal.created_at
    )


def _seen(lead: Lead, open_deals: Sequence[Deal], doubles: Sequence[Possible]) -> str:
    told = [str(lead.lead_id), str(lead.account_id)]
    told += sorted(str(deal.deal_id) for deal in open_deals)
    told += sorted(str(one.lead_id) for one in doubles)
    return sha256("\n".join(told).encode()).hexdigest()[:16]
