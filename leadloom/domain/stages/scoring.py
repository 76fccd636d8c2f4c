"""How well does a lead fit, how much do they engage, and why? Two figures, never summed (design §2)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import Score
from leadloom.domain.lead import Account, Lead, Verdict
from leadloom.domain.model import Value
from leadloom.domain.standing import ScoreEntry

LOWEST_LETTER = "D"
LOWEST_DIGIT = 4


class FitScore(Value):
    """Who the lead is, in points; without decay."""

    points: int
    """0–100."""
    letter: str
    """A–D."""
    why: tuple[str, ...]
    """One line per rule of the fit table, earned or not."""


class Reason(Value):
    """What one event still adds to engagement."""

    words: str
    points: float
    """After decay."""
    event_no: int


def earn(
    definition: Definition, kind: str, *, at: datetime, verdict: Verdict, today_entries: Iterable[ScoreEntry]
) -> float:
    """Points an event of this kind earns, given what its kind earned already on its UTC day.

    `today_entries` may hold other days and kinds too; they don't count.
    """
    rule = definition.events[kind]
    if verdict is not Verdict.HUMAN:
        return 0.0
    if rule.per_day is None or rule.points <= 0:
        return rule.points
    day = at.astimezone(UTC).date()
    earned = sum(e.points for e in today_entries if e.kind == kind and e.at.astimezone(UTC).date() == day)
    return max(0.0, min(rule.points, rule.per_day - earned))


def engagement(entries: Iterable[ScoreEntry], half_life: timedelta, *, at: datetime) -> float:
    """The decayed sum at `at`: each entry halves every half-life (leads.md R14). Later entries don't count yet.

    Never below zero: a bad sign takes interest away, it is no debt to work off.
    """
    return max(0.0, math.fsum(_left(entry, half_life, at) for entry in entries))


def cools_at(entries: Iterable[ScoreEntry], half_life: timedelta, *, threshold: float, at: datetime) -> datetime | None:
    """When engagement will have fallen to `threshold` if nothing more happens; None when it is there already.

    One half-life for all makes the sum one exponential, so h·log2(S/θ) is exact (leads.md, recommendation 8).
    """
    now = engagement(entries, half_life, at=at)
    return at + half_life * math.log2(now / threshold) if now > threshold else None


def fit(definition: Definition, lead: Lead, *, account: Account | None) -> FitScore:
    """Points for industry, sites, role and country, each with its words."""
    earned = _earned(definition, lead, account)
    points = sum(part for _, _, part in earned)
    why = tuple(f"{name} {'unknown' if value is None else value}: +{part}" for name, value, part in earned)
    return FitScore(points=points, letter=_letter(definition.fit.letters, points), why=why)


def _earned(definition: Definition, lead: Lead, account: Account | None) -> tuple[tuple[str, object, int], ...]:
    """(what, how it is, points) of each rule of the fit table."""
    table = definition.fit
    role = table.role.points if lead.role in table.role.is_ else 0
    if lead.role in table.role.else_.is_:
        role = table.role.else_.points
    industry = account.industry if account else None
    sites = account.sites if account else None
    country = country_of(lead, account)
    return (
        ("industry", industry, table.industry.points if industry in table.industry.is_ else 0),
        ("sites", sites, table.sites.points if sites is not None and sites >= table.sites.at_least else 0),
        ("role", lead.role, role),
        ("country", country, table.country.points if country in table.country.is_ else 0),
    )


def country_of(lead: Lead, account: Account | None) -> str | None:
    """Where the lead is; where the company is when the lead didn't tell."""
    return lead.country or (account.country if account else None)


def score(
    definition: Definition, lead: Lead, *, account: Account | None, entries: Iterable[ScoreEntry], at: datetime
) -> Score:
    """Fit and engagement at `at`, with letter and digit."""
    points = sum(part for _, _, part in _earned(definition, lead, account))
    how_much = engagement(entries, definition.half_life, at=at)
    digit = _digit(definition.engagement_digits, how_much)
    return Score.built(fit=points, letter=_letter(definition.fit.letters, points), engagement=how_much, digit=digit)


def explain(definition: Definition, entries: Sequence[ScoreEntry], *, at: datetime) -> tuple[Reason, ...]:
    """What engagement is made of at `at`, best first; what took points away comes last."""
    reasons = [
        Reason.built(
            words=f"{definition.events[entry.kind].means}, {_ago(at - entry.at)}",
            points=_left(entry, definition.half_life, at),
            event_no=entry.event_no,
        )
        for entry in entries
        if entry.at <= at and entry.kind in definition.events
    ]
    return tuple(sorted(reasons, key=lambda reason: (-reason.points, reason.event_no)))


def _left(entry: ScoreEntry, half_life: timedelta, at: datetime) -> float:
    if entry.at > at:
        return 0.0
    return entry.points * 2.0 ** -((at - entry.at) / half_life)


def _letter(letters: dict[str, int], points: int) -> str:
    reached = [(least, letter) for letter, least in letters.items() if points >= least]
    return max(reached)[1] if reached else LOWEST_LETTER


def _digit(digits: dict[int, float], how_much: float) -> int:
    return min((digit for digit, least in digits.items() if how_much >= least), default=LOWEST_DIGIT)


def _ago(age: timedelta) -> str:
    match age.days:
        case 0:
            return "today"
        case 1:
            return "yesterday"
        case days:
            return f"{days} days ago"
