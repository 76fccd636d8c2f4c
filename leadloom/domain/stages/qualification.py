"""Is a lead ready for sales, and why or why not? World.md's MQL gate, as the definition in force has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from leadloom.domain.definitions.definition import Definition, MqlGate, ScoredGate
from leadloom.domain.facts import Score
from leadloom.domain.intake.identity import is_work_mail
from leadloom.domain.journeys.spans import write_span
from leadloom.domain.lead import Account, Event, Lead, Verdict
from leadloom.domain.model import Json, Value
from leadloom.domain.stages.scoring import country_of, fit


class GateDecision(Value):
    """The answer of the gate with what made it (law 8)."""

    passed: bool
    rule: Literal["asks", "scored"] | None = None
    """Which rule passed."""
    hand_off: str | None = None
    """The kind of hand-off a passed gate opens."""
    missing: tuple[str, ...] = ()
    """Needed fields nobody told us; they stop rule (b), and are only flagged by rule (a)."""
    why: tuple[str, ...]
    """In words: what passed it, or what is not there yet."""
    values: dict[str, Json] = Field(default_factory=dict)


def mql(
    definition: Definition,
    lead: Lead,
    *,
    account: Account | None,
    score: Score,
    responses: Sequence[Event],
    asked: bool,
    at: datetime,
) -> GateDecision:
    """Decide the MQL gate: (a) asked to talk, at once whatever the score; (b) fits, engages and is complete.

    `responses` may hold older events, events of machines and events that are no response; they don't count.
    """
    gate = definition.mql
    band, kinds = _nearest(definition, score, responses, at)
    missing = _missing(gate, definition, lead, account)
    values: dict[str, Json] = {
        "definition_version": definition.version,
        "fit": score.fit,
        "letter": score.letter,
        "engagement": round(score.engagement, 4),
        "digit": score.digit,
        "kinds": list(kinds),
        "missing": list(missing),
        "asked": asked,
    }
    if excluded := gate.excluded.get(str(lead.attributes.get("kind"))):
        return GateDecision(passed=False, missing=missing, why=(f"Not for sales: {excluded}.",), values=values)
    if asked:
        why = (*_asked_words(definition, responses), *_score_words(definition, lead, account, score), *_flag(missing))
        return GateDecision(passed=True, rule="asks", hand_off=gate.asks, missing=missing, why=why, values=values)
    if lacks := (*_lacks(band, score, kinds), *_flag(missing)):
        return GateDecision(passed=False, missing=missing, why=lacks, values=values)
    means = ", ".join(definition.events[kind].means.lower() for kind in kinds)
    answered = f"{len(kinds)} kinds of response in {write_span(band.within)}: {means}"
    why = (*_score_words(definition, lead, account, score), answered)
    return GateDecision(passed=True, rule="scored", hand_off=band.hand_off, why=why, values=values)


def is_shut(definition: Definition, score: Score) -> bool:
    """Whether rule (b) lets nobody of this score through, whatever else is known: `mql` would only say so in words."""
    return not any(score.letter in band.letters and score.digit in band.digits for band in definition.mql.bands())


def _nearest(
    definition: Definition, score: Score, events: Sequence[Event], at: datetime
) -> tuple[ScoredGate, tuple[str, ...]]:
    """The first band that holds, or the one that lacks least, with the kinds of response it counts."""
    first = definition.mql.scored
    if not definition.mql.further:  # each event asks: most definitions have one band
        return first, _kinds_of_response(definition, events, since=at - first.within, at=at)
    bands = [
        (band, _kinds_of_response(definition, events, since=at - band.within, at=at)) for band in definition.mql.bands()
    ]
    return min(bands, key=lambda one: len(_lacks(one[0], score, one[1])))


def _kinds_of_response(
    definition: Definition, events: Sequence[Event], *, since: datetime, at: datetime
) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                event.kind
                for event in events
                if event.verdict is Verdict.HUMAN
                and since < event.at <= at
                and event.kind in definition.events
                and definition.events[event.kind].response
            }
        )
    )


def _missing(gate: MqlGate, definition: Definition, lead: Lead, account: Account | None) -> tuple[str, ...]:
    known = {
        "work_mail": is_work_mail(definition, lead.email),
        "company": bool(lead.company or account),
        "country": bool(country_of(lead, account)),
        "role": bool(lead.role or lead.title),
    }
    return tuple(need for need in gate.needs if not known[need])


def _asked_words(definition: Definition, responses: Sequence[Event]) -> tuple[str, ...]:
    asked = [
        event.kind for event in responses if event.kind in definition.events and definition.events[event.kind].asks
    ]
    return (definition.events[asked[-1]].means,) if asked else ("Asked to talk",)


def _score_words(definition: Definition, lead: Lead, account: Account | None, score: Score) -> tuple[str, ...]:
    earned = [line for line in fit(definition, lead, account=account).why if not line.endswith("+0")]
    return (
        f"Fit {score.letter} ({score.fit} of 100{': ' if earned else ''}{', '.join(earned)})",
        f"Engagement {score.digit} ({score.engagement:.1f})",
    )


def _lacks(scored: ScoredGate, score: Score, kinds: Sequence[str]) -> tuple[str, ...]:
    lacks: list[str] = []
    if score.letter not in scored.letters:
        lacks.append(f"Fit is {score.letter} ({score.fit}); it takes {' or '.join(scored.letters)}.")
    if score.digit not in scored.digits:
        digits = " or ".join(str(digit) for digit in scored.digits)
        lacks.append(f"Engagement is {score.digit} ({score.engagement:.1f}); it takes {digits}.")
    if len(kinds) < scored.kinds_of_response:
        span = write_span(scored.within)
        counted = f"{len(kinds)} {'kind' if len(kinds) == 1 else 'kinds'}"
        lacks.append(f"{counted} of response in {span}; it takes {scored.kinds_of_response}.")
    return tuple(lacks)


def _flag(missing: Sequence[str]) -> tuple[str, ...]:
    return (f"Not known yet: {', '.join(name.replace('_', ' ') for name in missing)}.",) if missing else ()
