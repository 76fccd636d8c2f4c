"""Who gets this lead, and which rules were asked before that was clear?"""

from __future__ import annotations

from collections.abc import Mapping

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import RoutingRule
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import Instant, Value

MAY_HOLD = {
    "sdr": ("sdr", "ae", "customer-success"),
    "ae": ("ae",),
    "customer-success": ("customer-success",),
    "support": ("support",),
    "partner": (),
}
"""Role a hand-off goes to → roles of an account's owner who take it: their own, or one nearer to the customer.

Without it a qualified lead for an account executive would go back to the SDR who offers it, as owner of the account.
"""


class OwnerFacts(Value):
    """What routing looks at of a person of ours."""

    handle: str
    absent: bool


class Asked(Value):
    """One routing rule that was asked, with its answer."""

    rule: str
    matched: bool
    why: str


class Routed(Value):
    """Where a hand-off goes: to an owner or to a pool, never both and never neither."""

    owner: str | None
    pool: str | None
    asked: tuple[Asked, ...]
    """In the order of the definition; the last one matched."""
    at: Instant

    @property
    def why(self) -> str:
        """The answer that settled it."""
        return self.asked[-1].why


def route(
    definition: Definition,
    kind: str,
    lead: Lead,
    account: Account | None,
    owners: Mapping[str, OwnerFacts],
    account_owner: str | None,
    at: Instant,
) -> Routed:
    """The first rule that finds somebody who is there; when none does, the default pool.

    `account_owner` is the handle of the account's owner. Raises KeyError for a kind the definition doesn't know.
    """
    role = definition.hand_offs[kind].to
    country = lead.country or (account.country if account else None)
    asked: list[Asked] = []
    for rule in definition.routing.rules:
        misses = _misses(rule, kind, country)
        handle = account_owner if rule.to == "account-owner" else named_by(rule).get(role)
        if misses or handle is None:
            asked.append(Asked(rule=rule.name, matched=False, why=misses or _names_nobody(rule, role)))
            continue
        owner, why = _present(definition, handle, role, owners, by_account=rule.to == "account-owner")
        asked.append(Asked(rule=rule.name, matched=owner is not None, why=why))
        if owner is not None:
            return Routed(owner=owner, pool=None, asked=tuple(asked), at=at)
    pool = definition.routing.default_pool
    asked.append(Asked(rule="default pool", matched=True, why=f"no rule found somebody, so the pool {pool} gets it"))
    return Routed(owner=None, pool=pool, asked=tuple(asked), at=at)


def named_by(rule: RoutingRule) -> dict[str, str]:
    """Whom the rule names, by role."""
    named = {"sdr": rule.sdr, "ae": rule.ae, "customer-success": rule.customer_success, "support": rule.support}
    return {role: handle for role, handle in named.items() if handle}


def _misses(rule: RoutingRule, kind: str, country: str | None) -> str | None:
    """Why the rule is not about this hand-off; None when it is."""
    if rule.kinds is not None and kind not in rule.kinds:
        return f"is not about {kind}"
    if rule.countries is not None and country is None:
        return "the lead's country is not known"
    if rule.countries is not None and country not in rule.countries:
        return f"is not about {country}"
    return None


def _names_nobody(rule: RoutingRule, role: str) -> str:
    return "the account has no owner" if rule.to == "account-owner" else f"names nobody as {role}"


def _present(
    definition: Definition,
    handle: str,
    role: str,
    owners: Mapping[str, OwnerFacts],
    *,
    by_account: bool,
) -> tuple[str | None, str]:
    """The one who is there, this owner or their deputy, and why in words; None when neither is."""
    entries = {entry.handle: entry for entry in definition.owners}
    if handle not in entries or handle not in owners:
        return None, f"{handle} is no owner any more"
    named = entries[handle]
    if by_account and named.role not in MAY_HOLD[role]:
        return None, f"{named.name} owns the account, but this is for another role ({role})"
    if not owners[handle].absent:
        return handle, f"{named.name} owns the account" if by_account else f"{named.name} is {role} here"
    deputy = entries.get(named.deputy or "")
    if deputy is None or deputy.handle not in owners:
        return None, f"{named.name} is away and has no deputy"
    if owners[deputy.handle].absent:
        return None, f"{named.name} is away, and so is the deputy, {deputy.name}"
    return deputy.handle, f"{named.name} is away, so {deputy.name} covers"
