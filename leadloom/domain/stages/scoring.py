"""How well does a lead fit, how much do they engage, and why? Two figures, never summed (design §2)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import Score
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import Value
from leadloom.domain.stages.fit import FitScore as FitScore
from leadloom.domain.stages.fit import country_of as country_of
from leadloom.domain.stages.fit import fit as fit
from leadloom.domain.stages.fit import points_and_letter
from leadloom.domain.standing import ScoreEntry

LOWEST_DIGIT = 4
SCORE_RESET = "score_reset"
"""Somebody let a lead's engagement begin anew, with a reason; its rows are the negative of all that was left."""


class Reason(Value):
    """What one event still adds to engagement."""

    words: str
    points: float
    """After decay."""
    event_no: int


def engagement(entries: Iterable[ScoreEntry], half_life: timedelta, *, at: datetime) -> float:
    """The decayed sum at `at`: each entry halves every half-life (leads.md R14). Later entries don't count yet.

    Never below zero: a bad sign takes interest away, it is no debt to work off.
    """
    return max(0.0, balance(entries, half_life, at=at))


def balance(entries: Iterable[ScoreEntry], half_life: timedelta, *, at: datetime) -> float:
    """The sum of the rows as it stood at `at`, below zero too: what corrections of the ledger count with."""
    return math.fsum(left(entry, half_life, at) for entry in entries)


def left(entry: ScoreEntry, half_life: timedelta, at: datetime) -> float:
    """What a row counts for at `at`: nothing before it happened, before it was heard of, or once it expired."""
    if entry.at > at or (entry.known_at is not None and entry.known_at > at):
        return 0.0
    if entry.expires_at is not None and entry.expires_at <= at:
        return 0.0
    return entry.points * 2.0 ** -((at - entry.at) / half_life)


def cools_at(entries: Sequence[ScoreEntry], half_life: timedelta, *, threshold: float, at: datetime) -> datetime | None:
    """When engagement will have fallen to `threshold` if nothing more happens; None when it is there already.

    One half-life for all makes the sum one exponential, so h·log2(S/θ) is exact (leads.md, recommendation 8). Points
    that expire cut it into pieces: each is one exponential again, and the end of one may be the fall.
    """
    if (now := engagement(entries, half_life, at=at)) <= threshold:
        return None
    ends = {entry.expires_at for entry in entries if entry.expires_at is not None and entry.expires_at > at}
    for end in sorted(ends):
        falls = at + half_life * math.log2(now / threshold)
        if falls <= end:
            return falls
        at, now = end, engagement(entries, half_life, at=end)
        if now <= threshold:
            return end
    return at + half_life * math.log2(now / threshold)


def score(
    definition: Definition, lead: Lead, *, account: Account | None, entries: Iterable[ScoreEntry], at: datetime
) -> Score:
    """Fit and engagement at `at`, with letter and digit."""
    points, letter = points_and_letter(definition, lead, account=account)
    entries = tuple(entries)
    how_much = engagement(entries, definition.half_life, at=at)
    digit = digit_of(definition.engagement_digits, how_much)
    of_each = categories(definition, entries, at=at)
    digits = {name: digit_of(definition.engagement_digits, points) for name, points in of_each.items()}
    return Score.built(fit=points, letter=letter, engagement=how_much, digit=digit, categories=digits)


def categories(definition: Definition, entries: Iterable[ScoreEntry], *, at: datetime) -> dict[str, float]:
    """The engagement in each category of points the definition names, at `at`."""
    own: dict[str, list[ScoreEntry]] = {name: [] for name in definition.scoring.categories}
    for entry in entries if own else ():
        if entry.category in own:
            own[entry.category].append(entry)
    return {name: engagement(rows, definition.half_life, at=at) for name, rows in own.items()}


def explain(definition: Definition, entries: Sequence[ScoreEntry], *, at: datetime) -> tuple[Reason, ...]:
    """What engagement is made of at `at`, best first; what took points away comes last.

    Nothing from before a reset: together it counts for nothing.
    """
    known = [entry for entry in entries if entry.known_at is None or entry.known_at <= at]
    last = max((entry.event_no for entry in known if entry.kind == SCORE_RESET and entry.at <= at), default=0)
    reasons = [
        Reason.built(words=_words(definition, entry, at), points=left(entry, definition.half_life, at),
                     event_no=entry.event_no)
        for entry in known
        if entry.event_no > last and entry.at <= at and entry.kind in definition.events
    ]  # fmt: skip
    return tuple(sorted(reasons, key=lambda reason: (-reason.points, reason.event_no)))


def _words(definition: Definition, entry: ScoreEntry, at: datetime) -> str:
    rule = definition.events[entry.kind]
    taken_back = rule.points > 0 > entry.points
    return f"{'Taken back: ' if taken_back else ''}{rule.means}, {_ago(at - entry.at)}"


def digit_of(digits: dict[int, float], how_much: float) -> int:
    """The best digit so much engagement reaches."""
    return min((digit for digit, least in digits.items() if how_much >= least), default=LOWEST_DIGIT)


def _ago(age: timedelta) -> str:
    match age.days:
        case 0:
            return "today"
        case 1:
            return "yesterday"
        case days:
            return f"{days} days ago"
