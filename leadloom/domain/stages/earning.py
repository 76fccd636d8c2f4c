"""How many points does an event earn, after every cap? Caps make the ledger's rows smaller; reading caps nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.score_rules import EventRule, Times
from leadloom.domain.lead import Verdict
from leadloom.domain.stages.scoring import SCORE_RESET, balance
from leadloom.domain.standing import ScoreEntry


def earn(definition: Definition, kind: str, *, at: datetime, verdict: Verdict, entries: Sequence[ScoreEntry]) -> float:
    """Points an event of this kind earns at `at`, given the ledger so far, in the order of its events.

    First whether it earns at all: a person did it, and the rule's `times` aren't used up. Then as much as every cap
    leaves room for: the kind's day, the kind, the group's day, the group, the whole score. Points below 0 know no cap.
    """
    rule = definition.events[kind]
    if verdict is not Verdict.HUMAN or not rule.points:
        return 0.0
    if rule.times is not None and _used_up(rule.times, kind, rule.points, entries, at):
        return 0.0
    if rule.points < 0 or not entries:
        return rule.points  # the check of the definition sees to it that one event is below every cap
    return max(0.0, min((rule.points, *_rooms(definition, kind, rule, entries, at))))


def _used_up(times: Times, kind: str, points: float, entries: Sequence[ScoreEntry], at: datetime) -> bool:
    """A row that took points back gives its turn back, too. A reset doesn't: once is once."""
    since = None if times.within is None else at - times.within
    signs = [
        entry.points * points > 0 for entry in entries if entry.kind == kind and (since is None or entry.at > since)
    ]
    return 2 * sum(signs) - len(signs) >= times.count


def _rooms(
    definition: Definition, kind: str, rule: EventRule, entries: Sequence[ScoreEntry], at: datetime
) -> Iterator[float]:
    """What each cap that counts for this kind still leaves."""
    scoring, half_life = definition.scoring, definition.half_life
    groups = [group for group in scoring.groups.values() if kind in group.kinds]
    if rule.per_day is None and rule.cap is None and scoring.cap is None and not groups:
        return
    # What was heard of late fills a cap from when it happened: both are in the ledger now.
    entries = [entry if entry.known_at is None else entry.but(known_at=None) for entry in entries]
    counted = since_reset(entries)
    limits = [((kind,), rule.per_day, rule.cap), *((group.kinds, group.per_day, group.cap) for group in groups)]
    for kinds, per_day, cap in limits:
        own = [entry for entry in counted if entry.kind in kinds]
        if per_day is not None:
            day = at.astimezone(UTC).date()
            yield per_day - sum(entry.points for entry in own if entry.at.astimezone(UTC).date() == day)
        if cap is not None:
            yield _room(cap, own, half_life, at)
    if scoring.cap is not None:
        yield _room(scoring.cap, entries, half_life, at)


def _room(cap: float, entries: Sequence[ScoreEntry], half_life: timedelta, at: datetime) -> float:
    """So many points of `at` may come on top without the sum ever passing the cap, later than `at` neither.

    Later rows are there when an event is heard late. Between two rows a sum only falls, so it is highest at a row.
    """
    instants = [at, *(entry.at for entry in entries if entry.at > at)]
    return min(
        (cap - balance(entries, half_life, at=instant)) * 2.0 ** ((instant - at) / half_life) for instant in instants
    )


def since_reset(entries: Sequence[ScoreEntry]) -> Sequence[ScoreEntry]:
    """The rows after the last reset: older ones count for nothing any more, so they fill no cap."""
    for place in range(len(entries) - 1, -1, -1):
        if entries[place].kind == SCORE_RESET:
            return entries[place + 1 :]
    return entries
