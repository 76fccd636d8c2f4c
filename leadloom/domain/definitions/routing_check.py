"""Does every rule of the routing lead to somebody, and can every pool deal out what it is given?"""

from __future__ import annotations

from collections.abc import Iterator

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault, no_country, repeated, unknown
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.definitions.routing_rules import Pool, RoutingRule
from leadloom.domain.handoffs.routing import named_by
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import everything_in
from leadloom.domain.journeys.field_conditions import OF_FIELDS


def check_routing(definition: Definition) -> Iterator[Fault]:
    """The faults of manager, default pool, pools and rules."""
    routing = definition.routing
    roles = {entry.handle: entry.role for entry in definition.owners}
    yield from unknown(("routing", "manager"), routing.manager, roles, "owner")
    if not routing.default_pool.strip():
        yield Fault(path=("routing", "default_pool"), words="Leads no rule takes need a pool: name one.")
    default = routing.pools.get(routing.default_pool)
    if default is not None and default.share != "pull":
        words = "Where leads lie that nobody could be found for, somebody must be able to take them: `share: pull`."
        yield Fault(path=("routing", "pools", routing.default_pool, "share"), words=words)
    for name, pool in routing.pools.items():
        yield from _pool(("routing", "pools", name), pool, definition)
    yield from repeated(("routing", "rules"), [rule.name for rule in routing.rules], "rule")
    for index, rule in enumerate(routing.rules):
        yield from _rule(("routing", "rules", index), rule, definition)


def _pool(path: Path, pool: Pool, definition: Definition) -> Iterator[Fault]:
    handles = [member.owner for member in pool.members]
    known = [entry.handle for entry in definition.owners]
    yield from repeated((*path, "members"), handles, "member")
    if not any(member.weight > 0 for member in pool.members):
        yield Fault(path=(*path, "members"), words="Nobody would ever get a lead: give a member a weight above 0.")
    for index, member in enumerate(pool.members):
        here = (*path, "members", index)
        yield from unknown((*here, "owner"), member.owner, known, "owner")
        if member.weight < 0:
            yield Fault(path=(*here, "weight"), words="Nobody can get less than nothing: write 0 or more.")
        for limit in ("a_day", "open"):
            if (most := getattr(member, limit)) is not None and most < 1:
                words = f"With {most} they never get a lead: write 1 or more, or `weight: 0`."
                yield Fault(path=(*here, limit), words=words)
    for index, reason in enumerate(pool.credit_back):
        yield from unknown((*path, "credit_back", index), reason, definition.reject_reasons, "reject reason")


def _rule(path: Path, rule: RoutingRule, definition: Definition) -> Iterator[Fault]:
    for place, kind in enumerate(rule.kinds or ()):
        yield from unknown((*path, "kinds", place), kind, definition.hand_offs, "hand-off kind")
    for place, country in enumerate(rule.countries or ()):
        yield from no_country((*path, "countries", place), country)
    for place, domain in enumerate(rule.accounts or ()):
        if domain != domain.strip().lower() or "." not in domain or "@" in domain:
            words = f"`{domain}` is no domain: write one in small letters, such as nordkai.example."
            yield Fault(path=(*path, "accounts", place), words=words)
    if rule.when is not None:
        yield from _when((*path, "when"), rule.when)
    yield from _leads_on(path, rule, definition)


def _leads_on(path: Path, rule: RoutingRule, definition: Definition) -> Iterator[Fault]:
    named = named_by(rule)
    ways = [name for name, way in (("to", rule.to), ("pool", rule.pool), ("a role", named)) if way]
    if not ways:
        yield Fault(
            path=path, words=f"The rule `{rule.name}` leads nowhere: name an owner for a role, `pool`, or `to`."
        )
    if len(ways) > 1:
        yield Fault(path=path, words=f"The rule `{rule.name}` leads two ways ({' and '.join(ways)}): keep one.")
    if rule.pool is not None:
        yield from unknown((*path, "pool"), rule.pool, definition.routing.pools, "pool")
    roles = {entry.handle: entry.role for entry in definition.owners}
    for role, handle in named.items():
        yield from unknown((*path, role), handle, roles, "owner")
        if roles.get(handle, role) != role:
            yield Fault(path=(*path, role), words=f"`{handle}` is {roles[handle]}, not {role}: name another.")


def _when(path: Path, when: Condition) -> Iterator[Fault]:
    for asked in everything_in(when):
        for name in sorted(asked.model_fields_set - OF_FIELDS):
            words = f"Routing asks for what is known of a lead and its company, not `{name}`: use `field`."
            yield Fault(path=path, words=words)
