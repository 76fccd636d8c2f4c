"""What do we know of a company? Its people, its business with us, its family, and how it came to be one row."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from leadloom.domain.errors import NotFound
from leadloom.domain.model import AccountId, DealId, HandOffId, Instant, LeadId, Value
from leadloom.domain.stages.company import CompanyScore
from leadloom.store import company_links, company_names, company_scores
from leadloom.store.company_links import Decided
from leadloom.store.company_names import Alias
from leadloom.store.published import Book
from leadloom.store.rows import Order, Page, PersonRow, asked, page
from leadloom.store.tx import Tx

V = TypeVar("V", bound=Value)


class CompanyFilter(Value):
    """Which companies."""

    words: str | None = None
    """Part of a name or a domain."""
    country: str | None = None
    industry: str | None = None
    owner: str | None = None
    named: bool = False
    business: bool = False
    """Only with an open deal or hand-off."""


class CompanyRow(PersonRow):
    """A company in a list; it names no person."""

    account_id: AccountId
    name: str
    domain: str | None
    country: str | None
    industry: str | None
    sites: int | None
    owner: str | None
    is_named: bool
    people: int
    open_deals: int
    open_hand_offs: int
    last_event_at: Instant | None


class Colleague(Value):
    """One of its people."""

    lead_id: LeadId
    first_name: str | None
    last_name: str | None
    email: str | None
    title: str | None
    role: str | None
    company: str | None
    """What they call it themselves."""
    last_event_at: Instant | None

    @property
    def person(self) -> str:
        """First and last name as far as known, else the address."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.email or "no name yet"


class OpenOffer(Value):
    """A hand-off that isn't over."""

    hand_off_id: HandOffId
    lead_id: LeadId
    kind: str
    state: str
    owner: str | None
    opened_at: Instant


class DealOf(Value):
    """A deal, open or not."""

    deal_id: DealId
    external_id: str
    name: str
    stage: str
    money: str | None
    owner: str | None
    created_at: Instant
    closed_at: Instant | None


class Relative(Value):
    """A company of the same family, or one that was found to be this one."""

    account_id: AccountId
    name: str
    domain: str | None
    is_parent: bool = False


class CompanyPage(Value):
    """All of one company."""

    account_id: AccountId
    name: str
    domain: str | None
    industry: str | None
    sites: int | None
    country: str | None
    owner: str | None
    is_named: bool
    created_at: Instant
    sent_on_to: AccountId | None = None
    """It was found to be that company: everything is there."""
    score: CompanyScore
    people: tuple[Colleague, ...] = ()
    """The most recently heard of first, at most a hundred; `score.known` says how many there are."""
    offers: tuple[OpenOffer, ...] = ()
    deals: tuple[DealOf, ...] = ()
    family: tuple[Relative, ...] = ()
    also_rows: tuple[Relative, ...] = ()
    aliases: tuple[Alias, ...] = ()
    matches: tuple[Decided, ...] = ()


async def listed(tx: Tx, which: CompanyFilter, order: Order) -> Page[CompanyRow]:
    """Companies, none that was found to be another. Sorts: name, people, deals, heard, country."""
    return page(CompanyRow, await tx.all("list_companies", **which.model_dump(), **asked(order)), order)


async def whole(tx: Tx, account_id: AccountId, *, book: Book, at: datetime) -> CompanyPage:
    """All of one company at `at`. Raises NotFound."""
    row = await tx.maybe("company_by_id", account_id=account_id)
    if row is None:
        raise NotFound("company", str(account_id))
    relatives = [Relative.model_validate(dict(one)) for one in await tx.all("relatives", account_id=account_id)]
    return CompanyPage(
        **dict(row),
        score=await company_scores.of_account(tx, account_id, book=book, at=at),
        people=await _rows(tx, Colleague, "people_at_company", account_id),
        offers=await _rows(tx, OpenOffer, "open_hand_offs_of_company", account_id),
        deals=await _rows(tx, DealOf, "deals_of_company", account_id),
        family=tuple(relatives),
        also_rows=await _rows(tx, Relative, "rows_sent_on", account_id),
        aliases=await company_names.aliases(tx, account_id),
        matches=await company_links.decided(tx, account_id),
    )


async def _rows(tx: Tx, kind: type[V], query: str, account_id: AccountId) -> tuple[V, ...]:
    return tuple(kind.model_validate(dict(row)) for row in await tx.all(query, account_id=account_id))
