"""Which rows stand behind a number? Lists with filters, one order, and pages that begin where the last one ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeVar

from leadloom.domain.access.viewer import Sight
from leadloom.domain.facts import MessageStatus
from leadloom.domain.model import DealId, EnrolmentId, HandOffId, Instant, LeadId, MessageId, Value
from leadloom.store.scopes import EVERYBODY, within
from leadloom.store.tx import Record, Tx

PLANNED = (MessageStatus.RESERVED, MessageStatus.CLAIMED, MessageStatus.AT_DOT, MessageStatus.DEFERRED)
"""A mail that is on its way and not settled."""


class Place(Value):
    """Where a page begins: behind the row of this key."""

    key: str
    row_id: str


class Order(Value):
    """How a list is sorted, from where, and how much of it."""

    sort: str
    """A name the list's query knows; any other means its own first instant."""
    descending: bool = False
    after: Place | None = None
    limit: int = 50


class PersonRow(Value):
    """A row about a lead: enough to say who it is."""

    lead_id: LeadId | None
    first_name: str | None
    last_name: str | None
    email: str | None
    company: str | None

    @property
    def person(self) -> str:
        """First and last name as far as known, else the address."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.email or "no name yet"


R = TypeVar("R", bound=PersonRow)


class Page(Value, Generic[R]):
    """One page of a list."""

    rows: tuple[R, ...]
    total: int
    """How many rows the filters leave, on all pages; what a number that led here has counted."""
    next: Place | None
    """None on the last page."""


class LeadFilter(Value):
    """Which leads."""

    track: str | None = None
    stage: str | None = None
    owner: str | None = None
    source: str | None = None
    words: str | None = None
    """Part of a name, an address or a company."""


class LeadRow(PersonRow):
    """A lead in one track."""

    track: str
    stage: str
    since: Instant
    country: str | None
    role: str | None
    source: str | None
    owner: str | None
    waiting_for: str | None
    waits_until: Instant | None


class HandOffFilter(Value):
    """Which hand-offs."""

    kind: str | None = None
    owner: str | None = None
    state: str | None = None
    open: bool = False
    """Only what waits for an answer or a first try."""
    overdue: bool = False
    """Only what is past that clock."""
    ids: tuple[HandOffId, ...] | None = None
    """Only these."""


class HandOffRow(PersonRow):
    """A hand-off."""

    hand_off_id: HandOffId
    kind: str
    state: str
    level: int
    pool: str | None
    owner: str | None
    opened_at: Instant
    accept_by: Instant | None
    first_try_by: Instant | None
    first_try_at: Instant | None
    decided_at: Instant | None
    decided_by: str | None
    reason: str | None
    closed_at: Instant | None
    waiting_for: str | None
    waits_until: Instant | None

    @property
    def due_at(self) -> datetime | None:
        """The clock that runs; None when none does."""
        if self.state == "offered":
            return self.accept_by
        tries = self.state == "accepted" and self.first_try_at is None and self.closed_at is None
        return self.first_try_by if tries else None


class MailFilter(Value):
    """Which mails."""

    to_owner: bool | None = None
    statuses: tuple[str, ...] | None = None
    journey: str | None = None
    mail_class: str | None = None
    campaign: str | None = None
    """Its name."""
    mail_classes: tuple[str, ...] | None = None
    """Any of these, such as those a sender domain is for."""
    since: Instant | None = None
    """Only what was sent or settled since."""
    hosts: tuple[str, ...] | None = None
    """Only to mailboxes at these."""
    kept_why: str | None = None
    """Only what is due and waits for this."""
    came_back: str | None = None
    """Only mails for which something of this kind came back."""
    template: str | None = None
    """Only what is made of the template of this hash."""


class MailRow(PersonRow):
    """A mail to a lead, or a notice to an owner about one."""

    message_id: MessageId
    mail: str
    journey: str
    step: str
    visit: int
    mail_class: str
    sender: str
    status: MessageStatus
    owner: str | None
    """Handle of the owner who gets it; None for mail to the lead."""
    asked_at: Instant
    slot_at: Instant
    sent_at: Instant | None
    reason: str | None
    reply: str | None


class RunFilter(Value):
    """Which runs."""

    journey: str | None = None
    status: str | None = None
    step: str | None = None
    waiting_for: str | None = None
    blocked: bool = False
    outcome: str | None = None
    campaign: str | None = None
    """Its name."""


class RunRow(PersonRow):
    """One lead in one journey."""

    enrolment_id: EnrolmentId
    journey: str
    journey_hash: str | None
    status: str
    step: str | None
    entered_at: Instant
    entered_by: str
    waiting_for: str | None
    waits_until: Instant | None
    outcome: str | None
    ended_at: Instant | None
    blocked_at: Instant | None
    error: str | None


class MemberFilter(Value):
    """Which members of a campaign's audience."""

    campaign: str | None = None
    """Its name."""
    fate: str | None = None
    """`undecided`, `enrolled`, `held_out`, `left_out`, or the code they were left out with."""
    arm: str | None = None
    """`holdout`, `enrol`, or one of the campaign's own."""
    stage: int | None = None
    """In which stage of the launch they come in."""


class MemberRow(PersonRow):
    """A lead in the frozen audience of a campaign."""

    campaign: str
    journey: str
    no: int
    fate: str
    decided_at: Instant | None
    status: str | None
    """Of the run; None for whoever has none."""
    outcome: str | None
    waiting_for: str | None


class ExclusionFilter(Value):
    """Which members of a campaign stay out."""

    campaign: str | None = None
    """Its name."""
    why: str | None = None
    """A code of `LeftOut`."""


class ExclusionRow(PersonRow):
    """A member who was left out, or would be."""

    campaign: str
    journey: str
    no: int
    why: str
    decided_at: Instant | None
    """None for whom only a check has looked at."""


class DealFilter(Value):
    """Which deals."""

    stage: str | None = None
    external_ids: tuple[str, ...] | None = None
    """Only these, such as those of one class; None takes all."""


class DealRow(PersonRow):
    """A deal."""

    deal_id: DealId
    external_id: str
    name: str
    product: str | None
    track: str
    amount: Decimal | None
    """None: nobody told."""
    currency: str | None
    created_at: Instant
    stage: str
    closed_at: Instant | None
    owner: str | None

    @property
    def money(self) -> str | None:
        """Amount and currency as people read them; None when nobody told."""
        return None if self.amount is None else f"{self.amount:,.2f} {self.currency}"


async def leads(tx: Tx, which: LeadFilter, order: Order, *, sight: Sight = EVERYBODY) -> Page[LeadRow]:
    """Leads, a row per track. Sorts: since, name, company, stage, owner, source."""
    return page(LeadRow, await tx.all_where("list_leads", within(sight), **which.model_dump(), **asked(order)), order)


async def hand_offs(
    tx: Tx, which: HandOffFilter, order: Order, *, at: datetime, sight: Sight = EVERYBODY
) -> Page[HandOffRow]:
    """Hand-offs; overdue as of `at`. Sorts: opened, due, name, company, kind, state, owner."""
    rows = await tx.all_where("list_hand_offs", within(sight), **which.model_dump(), **asked(order), at=at)
    return page(HandOffRow, rows, order)


class FateFilter(Value):
    """Which runs of a publication."""

    journey: str | None = None
    version: str | None = None
    """A number."""
    fate: str | None = None
    """`migrated`, `finishing`, `exited`; `undecided` before its turn."""
    step: str | None = None
    """Where it stood."""
    misses: bool = False
    """Only those that miss a mail."""


class FateRow(PersonRow):
    """A run that was under way at a publication, and its fate."""

    no: int
    journey: str
    version: int
    version_before: int
    step_before: str
    fate: str
    step_after: str | None
    misses: tuple[str, ...]
    had_ended: bool
    decided_at: Instant | None


async def mails(tx: Tx, which: MailFilter, order: Order, *, sight: Sight = EVERYBODY) -> Page[MailRow]:
    """Mails. Sorts: when (sent, else planned), asked, name, mail, status."""
    return page(MailRow, await tx.all_where("list_mails", within(sight), **which.model_dump(), **asked(order)), order)


async def runs(tx: Tx, which: RunFilter, order: Order, *, sight: Sight = EVERYBODY) -> Page[RunRow]:
    """Runs. Sorts: entered, until, name, journey, step."""
    return page(RunRow, await tx.all_where("list_runs", within(sight), **which.model_dump(), **asked(order)), order)


async def members(tx: Tx, which: MemberFilter, order: Order) -> Page[MemberRow]:
    """Members of campaigns. Sorts: no, name, fate."""
    return page(MemberRow, await tx.all("list_members", **which.model_dump(), **asked(order)), order)


async def exclusions(tx: Tx, which: ExclusionFilter, order: Order) -> Page[ExclusionRow]:
    """Members who stay out of campaigns. Sorts: no, name, why."""
    return page(ExclusionRow, await tx.all("list_exclusions", **which.model_dump(), **asked(order)), order)


async def fates(tx: Tx, which: FateFilter, order: Order) -> Page[FateRow]:
    """Runs that were under way at a publication. Sorts: no, name, fate, step."""
    return page(FateRow, await tx.all("list_fates", **which.model_dump(), **asked(order)), order)


async def deals(tx: Tx, which: DealFilter, order: Order, *, at: datetime, sight: Sight = EVERYBODY) -> Page[DealRow]:
    """Deals created by `at`. Sorts: created, name, company, stage, amount."""
    return page(
        DealRow, await tx.all_where("list_deals", within(sight), **which.model_dump(), **asked(order), at=at), order
    )


def asked(order: Order) -> dict[str, object]:
    """How a list is sorted and from where, as its query takes it."""
    return {
        "sort": order.sort,
        "descending": order.descending,
        "after_key": order.after.key if order.after else None,
        "after_id": order.after.row_id if order.after else None,
        # One more than a page tells whether another follows.
        "page_limit": order.limit + 1,
    }


def page(kind: type[R], rows: Sequence[Record], order: Order) -> Page[R]:
    """The rows of a list's query, one more than asked for at most, as a page."""
    shown = rows[: order.limit]
    more = len(rows) > order.limit
    place = Place(key=shown[-1]["sort_key"] or "", row_id=shown[-1]["row_id"]) if more else None
    return Page[kind](
        rows=tuple(kind.model_validate({name: row[name] for name in kind.model_fields}) for row in shown),
        total=rows[0]["total"] if rows else 0,
        next=place,
    )
