"""Who a lead is, at which company, and what has happened to them."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from leadloom.domain.model import AccountId, Instant, Json, LeadId, OwnerId, Value


class Track(StrEnum):
    """What a stage belongs to: one lead can be a customer in one track and new in another."""

    NEW_BUSINESS = "new-business"
    EXPANSION = "expansion"


class Verdict(StrEnum):
    """Who was behind an event. Scores and journeys listen to humans only."""

    HUMAN = "human"
    MACHINE = "machine"
    UNSURE = "unsure"


Side = Literal["marketing", "sales", "partner"]
"""Whose work an event may credit."""


class Account(Value):
    """A company."""

    account_id: AccountId
    name: str
    domain: str | None = None
    industry: str | None = None
    """A key of the definition's fit table, such as `pharma distribution`; None when nobody told us."""
    sites: int | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2, upper case."""
    owner_id: OwnerId | None = None


class Lead(Value):
    """A person, known or not. Everything personal about them is here and nowhere in Temporal."""

    lead_id: LeadId
    account_id: AccountId | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    country: str | None = None
    role: str | None = None
    """A key of the definition's roles, such as `quality`; free text that maps to none is kept in `title`."""
    title: str | None = None
    phone: str | None = None
    time_zone: str | None = None
    language: str = "en"
    source: str | None = None
    """Where the lead first came from; a key of the definition's sources."""
    owner_id: OwnerId | None = None
    created_at: Instant
    attributes: dict[str, Json] = Field(default_factory=dict)
    """What else forms and imports told us, kept by its own name."""


class EventDraft(Value):
    """Something that happened to a lead, before it has a number."""

    kind: str
    """A key of the definition's `events`, such as `article_read`."""
    at: Instant
    """When it happened (business time), not when we heard."""
    key: str | None = None
    """The sender's own name for it: the same key twice is one event. None means it can't be told apart."""
    verdict: Verdict = Verdict.HUMAN
    actor: str = "lead"
    """Who did it: `lead`, `system`, or an owner's handle."""
    channel: str | None = None
    """A key of the definition's `sources` for touches: webinar, search-ads, …; None inherits the lead's source."""
    data: dict[str, Json] = Field(default_factory=dict)
    """What the event carries (asset, link, answer …). Never an address or a name."""


class Event(EventDraft):
    """Something that happened to a lead, numbered without gaps from 1 in the order it was recorded."""

    lead_id: LeadId
    no: int
    credit: Side | None = None
    """The side this event is a touch of; None when it is no response (a send is not a touch)."""


class LeadDraft(Value):
    """What a form, a call of the API, a row or a mail tells us about a person: the way in for every door."""

    email: str | None = None
    external_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    country: str | None = None
    role: str | None = None
    title: str | None = None
    phone: str | None = None
    time_zone: str | None = None
    language: str | None = None
    source: str | None = None
    industry: str | None = None
    sites: int | None = None
    attributes: dict[str, Json] = Field(default_factory=dict)
    events: tuple[EventDraft, ...] = ()
    """What happened with this draft, oldest first."""
    bases: tuple[BasisDraft, ...] = ()
    """What the person allowed with this draft."""
    created_at: Instant | None = None
    """When another system first met the person; None: now. Counts for leads that are new to us only."""
    opted_out: bool = False
    """The person said no to marketing mail: `bases` are not granted, and the address is left alone."""


class BasisKind(StrEnum):
    """Why we may write to a person (world.md's mail policy)."""

    EXPRESS = "express"
    DOUBLE_OPT_IN = "double-opt-in"
    SOFT_OPT_IN = "soft-opt-in"
    LEGITIMATE_INTEREST = "legitimate-interest"
    IMPLIED = "implied"
    """Until a date; always carries `until`."""
    SERVICE = "service"
    NONE = "none"


class BasisDraft(Value):
    """A person's permission for one purpose on one channel, with its proof."""

    act: Literal["given", "asked", "withdrawn"] = "given"
    """`asked`: a ticked box that still waits for its confirmation, until `until`; `withdrawn`: ends what was given
    before for its purpose and channel. Only what is given is a permission."""
    purpose: str = "marketing"
    channel: Literal["mail", "phone"] = "mail"
    kind: BasisKind
    source: str
    """The form, import or conversation it came from."""
    wording: str = ""
    """The very sentence the person saw."""
    text_hash: str | None = None
    """Names the wording: the published text of this hash (`consent.wording.hash_of`); None without a wording."""
    at: Instant
    until: Instant | None = None
    proof: dict[str, Json] = Field(default_factory=dict)
    """IP, page, user agent … as evidence."""


class Basis(BasisDraft):
    """A permission as the log tells it: what was given, and which later entry ended it. Nothing deletes it."""

    lead_id: LeadId
    revoked_at: Instant | None = None
    """When a "no" ended it: worked out from the log."""

    def holds(self, at: Instant) -> bool:
        """True when the permission had been given, not revoked and not run out at `at`."""
        given = self.act == "given" and self.at <= at and (self.until is None or at < self.until)
        return given and (self.revoked_at is None or at < self.revoked_at)


LeadDraft.model_rebuild()
