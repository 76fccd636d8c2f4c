"""Why is a score what it is, what changed lately, and what is missing to the next letter, digit or stage? In words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.facts import Score
from leadloom.domain.lead import Account, Event, Lead, Verdict
from leadloom.domain.model import Instant, Value
from leadloom.domain.stages.earning import earn
from leadloom.domain.stages.fit import FitScore, fit, grade
from leadloom.domain.stages.qualification import GateDecision, mql
from leadloom.domain.stages.scoring import Reason, balance, categories, cools_at, digit_of, explain, score
from leadloom.domain.standing import ScoreEntry

WEEK = timedelta(days=7)
_WORTH_SAYING = 0.05
"""Less than this shows as 0.0."""
_MOST_WAYS = 3
"""Events a way to the next digit is made of; a longer list is no advice."""


class CategoryScore(Value):
    """Engagement with one product or line alone."""

    name: str
    means: str
    engagement: float
    digit: int


class ProfileGrade(Value):
    """How well a lead fits one profile."""

    name: str
    means: str
    fit: FitScore


class Missing(Value):
    """What lies between a lead and something better."""

    to: str
    """`digit 2`, `letter B`, `mql`."""
    points: float | None = None
    """So many points more, where points are what it takes."""
    words: str
    """Such as `12 points: read an article and looked at the price page`."""


class Explanation(Value):
    """A score in words, at one instant, under one version of the definition."""

    definition_version: int
    at: Instant
    score: Score
    fit: FitScore
    grades: tuple[ProfileGrade, ...] = ()
    """One for each profile of the definition."""
    categories: tuple[CategoryScore, ...] = ()
    reasons: tuple[Reason, ...]
    """What still counts, best first; what took points away comes last."""
    earned_this_week: tuple[Reason, ...]
    """What came in the last seven days, with what is left of it."""
    faded_this_week: float
    """Points that time alone took in the last seven days; 0 or more."""
    missing: tuple[Missing, ...]
    gate: GateDecision
    """What the MQL gate says to them now, had they not asked to talk."""
    cools_at: Instant | None
    """When engagement will be at the threshold; None: it is there already, or below."""

    @property
    def told(self) -> tuple[str, ...]:
        """Two to four reasons for somebody who has to decide about the lead, with weights and version."""
        best = [one for one in self.reasons if one.points >= _WORTH_SAYING][:2]
        version = f"by definition version {self.definition_version}"
        figures = (
            f"Fit {self.fit.grade or self.fit.letter} ({self.fit.points} of 100)",
            f"Engagement {self.score.digit} ({self.score.engagement:.1f}), {version}",
        )
        return (*figures, *(f"{one.words}: {one.points:+.1f}" for one in best))


def explained(
    definition: Definition,
    version: int,
    lead: Lead,
    *,
    account: Account | None,
    entries: Sequence[ScoreEntry],
    responses: Sequence[Event],
    at: datetime,
) -> Explanation:
    """The score of a lead at `at`. `responses` are the events the gate may count, in any order."""
    half_life = definition.half_life
    figures = score(definition, lead, account=account, entries=entries, at=at)
    reasons = explain(definition, entries, at=at)
    new = {entry.event_no for entry in entries if at - WEEK < entry.at <= at}
    gate = mql(definition, lead, account=account, score=figures, responses=responses, asked=False, at=at)
    return Explanation(
        definition_version=version,
        at=at,
        score=figures,
        fit=fit(definition, lead, account=account),
        grades=tuple(
            ProfileGrade(name=name, means=profile.means, fit=grade(profile, lead, account=account))
            for name, profile in definition.profiles.items()
        ),
        categories=tuple(_categories(definition, entries, at)),
        reasons=tuple(one for one in reasons if abs(one.points) >= _WORTH_SAYING),
        earned_this_week=tuple(one for one in reasons if one.event_no in new),
        faded_this_week=_faded(entries, half_life, at),
        missing=(*_to_letter(definition, figures, lead, account), *_to_digit(definition, figures, entries, at),
                 *_to_gate(definition, gate)),
        gate=gate,
        cools_at=cools_at(entries, half_life, threshold=definition.cooling_below, at=at),
    )  # fmt: skip


def _categories(definition: Definition, entries: Sequence[ScoreEntry], at: datetime) -> Iterator[CategoryScore]:
    for name, own in categories(definition, entries, at=at).items():
        digit = digit_of(definition.engagement_digits, own)
        yield CategoryScore(name=name, means=definition.scoring.categories[name].means, engagement=own, digit=digit)


def _faded(entries: Sequence[ScoreEntry], half_life: timedelta, at: datetime) -> float:
    """What was there a week ago, and of what came since as it came, less what all of it counts for now."""
    before = balance(entries, half_life, at=at - WEEK)
    came = math.fsum(entry.points for entry in entries if at - WEEK < entry.at <= at)
    return max(0.0, before + came - balance(entries, half_life, at=at))


def _to_letter(definition: Definition, figures: Score, lead: Lead, account: Account | None) -> Iterator[Missing]:
    """The next letter: which criteria nobody told us, and which we know not to be met."""
    fitting = fit(definition, lead, account=account)
    unknown = [line for line in fitting.lines if line.value is None and line.most > line.points]
    ask = " and ".join(line.name for line in unknown)
    if fitting.grade is not None:
        if figures.letter != "A":
            words = f"Ask for their {ask}." if unknown else "All is known, and it is not who we look for."
            yield Missing(to="a better letter", words=words)
        return
    better = [(least, letter) for letter, least in definition.fit.letters.items() if least > figures.fit]
    if not better:
        return
    least, letter = min(better)
    words = f"{least - figures.fit} points of fit"
    reach = figures.fit + sum(line.most for line in unknown)
    if unknown and reach >= least:
        words += f": ask for their {ask}"
    elif unknown:
        words += f"; even the best {ask} brings them to {reach}"
    else:
        words += "; all is known, and it is not who we look for"
    yield Missing(to=f"letter {letter}", points=least - figures.fit, words=f"{words}.")


def _to_digit(definition: Definition, figures: Score, entries: Sequence[ScoreEntry], at: datetime) -> Iterator[Missing]:
    better = [(least, digit) for digit, least in definition.engagement_digits.items() if digit < figures.digit]
    if not better:
        return
    least, digit = min(better)
    # Below zero nothing shows, but it is what the next points are added to.
    lacking = least - balance(entries, definition.half_life, at=at)
    words = f"{lacking:.1f} points"
    if way := _way(definition, lacking, entries, at):
        words += f", such as {_listed(way)}"
    yield Missing(to=f"digit {digit}", points=lacking, words=f"{words}.")


def _way(definition: Definition, lacking: float, entries: Sequence[ScoreEntry], at: datetime) -> tuple[str, ...]:
    """The cheapest next things that would do, if few do: what they never did before what they did, caps obeyed."""
    ledger, kinds, done = list(entries), list[str](), {entry.kind for entry in entries}
    while lacking > 0 and len(kinds) < _MOST_WAYS:
        worth = {
            kind: earn(definition, kind, at=at, verdict=Verdict.HUMAN, entries=ledger)
            for kind, rule in definition.events.items()
            if rule.response and not rule.asks and rule.points > 0
        }
        enough = [kind for kind, points in worth.items() if points >= lacking]
        kind = (
            min(enough, key=lambda one: (one in done, worth[one]))
            if enough
            else max(worth, key=lambda one: worth[one], default="")
        )
        if not kind or worth[kind] <= 0:
            return ()
        ledger.append(ScoreEntry.built(event_no=0, kind=kind, points=worth[kind], at=at))
        kinds.append(kind)
        lacking -= worth[kind]
    return tuple(definition.events[kind].means for kind in kinds) if lacking <= 0 else ()


def _listed(means: Sequence[str]) -> str:
    lower = [f"“{one}”" for one in means]
    return lower[0] if len(lower) == 1 else f"{', '.join(lower[:-1])} and {lower[-1]}"


def _to_gate(definition: Definition, gate: GateDecision) -> Iterator[Missing]:
    if not gate.passed:
        yield Missing(to=definition.named(Part.READY), words=" ".join(gate.why))
