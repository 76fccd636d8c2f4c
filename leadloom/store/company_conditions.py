"""At which companies is it so? The part of a condition that asks for a company as a whole, compiled to SQL.

It means what `domain.stages.company` says. Companies are reckoned once for a statement, not once for each lead:
Postgres keeps what these questions answer and looks each lead's company up in it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.stages.scoring import LOWEST_DIGIT, digit_of

Bound = Callable[[object, str], str]
"""Binds a value as a type, and answers what stands for it in the statement."""

_FAMILY = "CROSS JOIN LATERAL (VALUES (home.account_id), (home.parent_id)) AS company (account_id)"
"""People count for their own company and for its parent."""


def engagement(at: str, half_life: str, of: str) -> str:
    """How engaged one is, by those rows of the ledger (alias `s`) for which `of` holds: a number, never NULL."""
    # Beyond 1,000 halvings nothing is left, and Postgres would call the underflow an error.
    halvings = f"LEAST(extract(epoch FROM {at} - s.at)::double precision / {half_life}, 1000)"
    left = f"SELECT sum(s.points * power(2.0::double precision, -{halvings}))"
    counts = (
        f"s.at <= {at} AND (s.known_at IS NULL OR s.known_at <= {at}) AND (s.expires_at IS NULL OR s.expires_at > {at})"
    )
    return f"GREATEST(0, COALESCE(({left} FROM score_entry s WHERE {of} AND {counts}), 0))"


def stairs(bound: Bound, digits: dict[int, float], points: str, lowest: int) -> str:
    """The best digit so many points reach."""
    arms = " ".join(
        f"WHEN {points} >= {bound(float(digits[digit]), 'double precision')} THEN {digit:d}" for digit in sorted(digits)
    )
    return f"CASE {arms} ELSE {lowest:d} END"


def digit_is(definition: Definition, digits: tuple[int, ...], *, at: datetime, bound: Bound) -> str:
    """The lead's company has one of these digits."""
    rules = definition.company_score
    stair = rules.digits or definition.engagement_digits
    at_rest = digit_of(stair, 0.0)
    points = {"sum": "sum({})", "max": "max({})", "mean": "avg({})"}[rules.formula].format(
        "p.engagement"
        if rules.per_person is None
        else f"LEAST(p.engagement, {bound(float(rules.per_person), 'double precision')})"
    )
    if rules.cap is not None:
        points = f"LEAST({points}, {bound(float(rules.cap), 'double precision')})"
    digit = stairs(bound, stair, "c.points", LOWEST_DIGIT)
    wanted = bound(list(digits), "integer[]")
    # A company where nobody is engaged isn't among those that are reckoned: it has the digit of no points.
    which, how = ("NOT IN", "<> ALL") if at_rest in digits else ("IN", "= ANY")
    summed = f"SELECT p.account_id, {points} AS points FROM ({_people(definition, at, bound)}) p GROUP BY p.account_id"  # noqa: S608  values are bound, names come from closed lists
    reckoned = f"SELECT c.account_id FROM ({summed}) c WHERE {digit} {how} ({wanted})"  # noqa: S608  as above
    return f"(l.account_id IS NOT NULL AND l.account_id {which} ({reckoned}))"


def covers(definition: Definition, roles: tuple[str, ...], least: int, *, at: datetime, bound: Bound) -> str:
    """At the lead's company somebody is engaged in at least so many of these roles."""
    if least < 1:
        return "(l.account_id IS NOT NULL)"
    engaged = (
        f"p.engagement >= {bound(float(definition.company_score.engaged_at), 'double precision')}"
        f" AND p.role = ANY ({bound(list(roles), 'text[]')})"
    )
    enough = f"HAVING count(DISTINCT p.role) >= {bound(least, 'bigint')}"
    people = _people(definition, at, bound)
    found = f"SELECT p.account_id FROM ({people}) p WHERE {engaged} GROUP BY p.account_id {enough}"  # noqa: S608  as above
    return f"(l.account_id IS NOT NULL AND l.account_id IN ({found}))"


def _people(definition: Definition, at: datetime, bound: Bound) -> str:
    """Everybody with any engagement, once for each company they count for."""
    now = bound(at, "timestamptz")
    half_life = bound(definition.half_life.total_seconds(), "double precision")
    each = engagement(now, half_life, "s.lead_id = x.lead_id")
    return (
        f"SELECT company.account_id, x.role, e.engagement FROM lead x JOIN account home USING (account_id) {_FAMILY}"  # noqa: S608  as above
        f" CROSS JOIN LATERAL (SELECT {each} AS engagement) e WHERE company.account_id IS NOT NULL AND e.engagement > 0"
    )
