"""Who gets this lead, and which rules were asked before that was clear?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import Field

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.routing_rules import RoutingRule
from leadloom.domain.handoffs.sharing import MemberNow, Seen, Shared, share
from leadloom.domain.journeys.conditions import words
from leadloom.domain.journeys.field_conditions import fields_of, holds_of
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import Instant, Json, Value

MAY_HOLD = {
    "sdr": ("sdr", "ae", "customer-success"),
    "ae": ("ae",),
    "customer-success": ("customer-success",),
    "support": ("support",),
    "partner": ("partner",),
}
"""Role a hand-off goes to → roles of an account's owner who take it: their own, or one nearer to the customer.

Without it a qualified lead for an account executive would go back to the SDR who offers it, as owner of the account.
"""


class OwnerFacts(Value):
    """What routing looks at of a person of ours."""

    handle: str
    absent: bool
    gave_back: bool = False
    """Whether they gave this lead back last, and are not to get it again."""

    @property
    def is_free(self) -> bool:
        """Whether they may be offered the lead."""
        return not self.absent and not self.gave_back

    @property
    def why_not(self) -> str:
        """Why they may not."""
        return "is away" if self.absent else "gave this lead back"


class Asked(Value):
    """One routing rule that was asked, with its answer."""

    rule: str
    matched: bool
    why: str
    saw: dict[str, Json] = Field(default_factory=dict[str, Json])
    """What was known of the lead and its account where the rule asked for it."""
    members: tuple[Seen, ...] = ()
    """How each member of its pool stood."""


class Routed(Value):
    """Where a hand-off goes: to an owner, to a pool, or to an owner whose turn it was in a pool."""

    owner: str | None
    """None: it lies in the pool, to be taken, or (`has_no_room`) until somebody can take more."""
    pool: str | None
    asked: tuple[Asked, ...]
    """In the order of the definition; the last one matched."""
    at: Instant
    shared: Shared | None = None
    """How the pool shared it; its turns are to be written with the hand-off."""

    @property
    def why(self) -> str:
        """The answer that settled it."""
        return self.asked[-1].why

    @property
    def has_no_room(self) -> bool:
        """Whether everybody of the pool who is there has enough to do."""
        return self.shared is not None and self.owner is None


class Situation(Value):
    """What routing looks at beside the definition."""

    lead: Lead
    account: Account | None
    account_owner: str | None = None
    """Handle of the account's owner."""
    lead_owner: str | None = None
    """Handle of the lead's own."""
    at: Instant

    @property
    def country(self) -> str | None:
        """The lead's, else its account's."""
        return self.lead.country or (self.account.country if self.account else None)


class UnknownPool(Value):
    """Routing has come to a pool whose members nobody has told it about yet."""

    pool: str


def route(
    definition: Definition,
    kind: str,
    whom: Situation,
    owners: Mapping[str, OwnerFacts],
    pools: Mapping[str, Sequence[MemberNow]] | None = None,
) -> Routed | UnknownPool:
    """The first rule that finds somebody who is there; when none does, the default pool.

    `pools` holds how the members of pools stand now. A pool is asked only when a rule leads to it, and whoever looks it
    up holds it till the lead is dealt: so the answer UnknownPool says which one to look up before asking again. Raises
    KeyError for a kind the definition doesn't know.
    """
    asked: list[Asked] = []
    for rule in definition.routing.rules:
        answer = _answer(definition, rule, kind, whom, owners, pools or {})
        if isinstance(answer, UnknownPool):
            return answer
        asked.append(answer.asked)
        if answer.asked.matched:
            return Routed(owner=answer.owner, pool=answer.pool, shared=answer.shared, asked=tuple(asked), at=whom.at)
    pool = definition.routing.default_pool
    asked.append(Asked(rule="default pool", matched=True, why=f"no rule found somebody, so the pool {pool} gets it"))
    return Routed(owner=None, pool=pool, asked=tuple(asked), at=whom.at)


class _Answer(NamedTuple):
    """Where one rule leads, when it leads anywhere."""

    asked: Asked
    owner: str | None = None
    pool: str | None = None
    shared: Shared | None = None


def named_by(rule: RoutingRule) -> dict[str, str]:
    """Whom the rule names, by role."""
    named = {
        "sdr": rule.sdr, "ae": rule.ae, "customer-success": rule.customer_success, "support": rule.support,
        "partner": rule.partner,
    }  # fmt: skip
    return {role: handle for role, handle in named.items() if handle}


def _answer(
    definition: Definition,
    rule: RoutingRule,
    kind: str,
    whom: Situation,
    owners: Mapping[str, OwnerFacts],
    pools: Mapping[str, Sequence[MemberNow]],
) -> _Answer | UnknownPool:
    role = definition.hand_offs[kind].to
    saw = fields_of(rule.when, whom.lead, whom.account) if rule.when else {}
    holder = whom.account_owner if rule.to == "account-owner" else whom.lead_owner
    handle = holder if rule.to else named_by(rule).get(role)
    misses = _misses(rule, kind, whom)
    if misses is None and rule.pool is not None:
        return _of_pool(definition, rule.name, rule.pool, pools.get(rule.pool), saw)
    if misses is not None or handle is None:
        return _Answer(Asked(rule=rule.name, matched=False, why=misses or _names_nobody(rule, role), saw=saw))
    owner, why = _present(definition, handle, role, owners, holds=_HOLDS.get(rule.to or ""))
    return _Answer(Asked(rule=rule.name, matched=owner is not None, why=why, saw=saw), owner=owner)


def _of_pool(
    definition: Definition, rule: str, name: str, members: Sequence[MemberNow] | None, saw: dict[str, Json]
) -> _Answer | UnknownPool:
    """Whose turn it is there. Where all are away another rule is asked; where all are busy the lead waits for room."""
    pool = definition.routing.pools[name]
    if pool.share == "pull":
        return _Answer(Asked(rule=rule, matched=True, why=f"it waits in {name} to be taken", saw=saw), pool=name)
    if members is None:
        return UnknownPool(pool=name)
    shared = share(name, pool, members)
    if shared.owner is not None:
        why = f"it is the turn of {definition.person(shared.owner).name} in {name}"
    elif shared.everybody_away:
        why = f"everybody of {name} is away"
    else:
        why = f"nobody of {name} has room: it waits for somebody"
    asked = Asked(rule=rule, matched=not shared.everybody_away, why=why, saw=saw, members=shared.seen)
    return _Answer(asked, owner=shared.owner, pool=name, shared=shared)


def _misses(rule: RoutingRule, kind: str, whom: Situation) -> str | None:
    """Why the rule is not about this hand-off; None when it is."""
    if rule.kinds is not None and kind not in rule.kinds:
        return f"is not about {kind}"
    if rule.countries is not None and whom.country is None:
        return "the lead's country is not known"
    if rule.countries is not None and whom.country not in rule.countries:
        return f"is not about {whom.country}"
    domain = whom.account.domain if whom.account else None
    if rule.accounts is not None and domain not in rule.accounts:
        return f"{domain} is no named account" if domain else "the company's domain is not known"
    if rule.when is not None and not holds_of(rule.when, whom.lead, whom.account, whom.at):
        return f"it isn't so that {words(rule.when)}"
    return None


_HOLDS = {"account-owner": "owns the account", "lead-owner": "has the lead"}


def _names_nobody(rule: RoutingRule, role: str) -> str:
    nobody = {"account-owner": "the account has no owner", "lead-owner": "nobody has the lead"}
    return nobody.get(rule.to or "", f"names nobody as {role}")


def _present(
    definition: Definition,
    handle: str,
    role: str,
    owners: Mapping[str, OwnerFacts],
    *,
    holds: str | None,
) -> tuple[str | None, str]:
    """The one who is there, this owner or their deputy, and why in words; None when neither is.

    `holds` says what makes them the one, when they have something already.
    """
    entries = {entry.handle: entry for entry in definition.owners}
    if handle not in entries or handle not in owners:
        return None, f"{handle} is no owner any more"
    named = entries[handle]
    if holds and named.role not in MAY_HOLD[role]:
        return None, f"{named.name} {holds}, but this is for another role ({role})"
    if owners[handle].is_free:
        return handle, f"{named.name} {holds}" if holds else f"{named.name} is {role} here"
    deputy = entries.get(named.deputy or "")
    if deputy is None or deputy.handle not in owners:
        return None, f"{named.name} {owners[handle].why_not} and has no deputy"
    if not owners[deputy.handle].is_free:
        both = owners[handle].absent and owners[deputy.handle].absent
        theirs = "so is the deputy" if both else "the deputy can't either"
        return None, f"{named.name} {owners[handle].why_not}, and {theirs}, {deputy.name}"
    return deputy.handle, f"{named.name} {owners[handle].why_not}, so {deputy.name} covers"
