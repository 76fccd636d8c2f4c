"""Who gets whom: the rules a hand-off is routed by, and the pools that share leads among their members."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadloom.domain.journeys.condition import Condition
from leadloom.domain.model import Value

Share = Literal["weighted", "least-busy", "pull"]
"""How a pool deals leads out: in turn by weight, to whoever has least open work for their weight, or not at all:
it lies there until a member takes it."""


class RoutingRule(Value):
    """First match wins. A rule names an owner per role, a pool, or who has the account or the lead already."""

    name: str
    kinds: tuple[str, ...] | None = None
    countries: tuple[str, ...] | None = None
    """Of the lead, else of its account; ISO 3166-1 alpha-2."""
    accounts: tuple[str, ...] | None = None
    """Named accounts: domains of companies, such as `nordkai.example`."""
    when: Condition | None = None
    """What else must be known of the lead or its account: size, product, language, source …; only `field` may ask."""
    to: Literal["account-owner", "lead-owner"] | None = None
    pool: str | None = None
    """A key of `pools`."""
    sdr: str | None = None
    ae: str | None = None
    customer_success: str | None = Field(default=None, alias="customer-success")
    support: str | None = None
    partner: str | None = None


class PoolMember(Value):
    """Somebody among whom a pool shares leads, and how much they can take."""

    owner: str
    """Their handle."""
    weight: int = 1
    """Their share beside the others': 2 gets twice as many as 1."""
    a_day: int | None = None
    """At most so many offers on one day of their calendar's zone, whichever pool or rule they come from."""
    open: int | None = None
    """At most so many leads in their hands: offered, or accepted and still in conversation."""


class Pool(Value):
    """Some of us who share leads."""

    means: str
    share: Share
    members: tuple[PoolMember, ...]
    credit_back: tuple[str, ...] = ()
    """Reject reasons after which the lead did not count: its owner gets another one sooner."""


class Routing(Value):
    """Who gets whom."""

    manager: str
    default_pool: str
    pool_calendar: str | None = None
    """By which calendar offers are clocked that nobody in particular has; None: the manager's."""
    """Where a lead lies that no rule finds anybody for. Its members, when it is declared, are who may take it."""
    pools: dict[str, Pool] = Field(default_factory=dict[str, Pool])
    rules: tuple[RoutingRule, ...]
