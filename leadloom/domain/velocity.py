"""How long do leads take from stage to stage, how long have open ones waited, and how fast do qualified leads grow?

Elapsed counts from the first entry, so time spent recycled is in it; active counts the last visit only. What separates
the two is recycling. Leads rejected for a reason that is out of velocity (junk) are left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from leadloom.domain.definition import Definition
from leadloom.domain.figures import (
    Frame,
    Spread,
    days,
    frame,
    month_of,
    months_between,
    quantile,
    spread_of_days,
)
from leadloom.domain.model import Instant, Value
from leadloom.domain.way import DEAL, QUALIFIED, WON, StageEntry, Way, forward_stages


class VelocityQuestion(Value):
    """What somebody wants to know."""

    as_of: Instant
    track: str = "new-business"
    start: str = "inquiry"
    end: str = WON


class StepVelocity(Value):
    """Days from one stage to another, of the leads that entered both."""

    from_stage: str
    to_stage: str
    elapsed: Spread
    """From the first entry to the one to the first entry to the other."""
    active: Spread
    """From the last entry to the one before it."""
    backwards: int
    """Leads whose log has the second stage before the first; left out."""


class StageTime(Value):
    """Days spent in one stage, per visit."""

    stage: str
    left: Spread
    """Visits that have ended."""
    open: int
    open_median_days: float | None
    open_oldest_days: float | None


class Growth(Value):
    """Leads that became qualified for the first time in a month, and the growth against the month before."""

    month: str
    qualified: int
    percent: float | None
    """None when the month is not over, the month before had none, or was counted under another definition."""
    definition_versions: tuple[int, ...]
    is_whole: bool
    """False for the month the as-of date lies in."""


class VelocityReport(Value):
    """Stage velocity and lead growth, on one page and never under one name."""

    frame: Frame
    velocity_basis: str
    steps: tuple[StepVelocity, ...]
    whole: tuple[StepVelocity, ...]
    """From the first stage to an open deal, and to the last stage."""
    stage_basis: str
    stages: tuple[StageTime, ...]
    out_of_velocity: int
    """Leads left out for the reason they were rejected with."""
    growth_basis: str
    growth: tuple[Growth, ...]


def velocity(definition: Definition, ways: Sequence[Way], question: VelocityQuestion) -> VelocityReport:
    """Answer `question` from the ways of all leads of its track. Raises BadInput for stages the definition lacks."""
    stages = forward_stages(definition, start=question.start, end=question.end)
    out = {key for key, reason in definition.reject_reasons.items() if reason.out_of_velocity}
    counted = [way for way in ways if out.isdisjoint(way.reject_reasons)]
    ends = [stage for stage in (DEAL, question.end) if stage in stages[2:]]
    return VelocityReport(
        frame=frame(definition, question.as_of, track=question.track),
        velocity_basis="days between first entries (elapsed) and from the last visit (active); leads that did both",
        steps=tuple(step_velocity(counted, a, b) for a, b in pairwise(stages)),
        whole=tuple(step_velocity(counted, stages[0], end) for end in dict.fromkeys(ends)),
        stage_basis="days per visit; open visits aged to the as-of date",
        stages=tuple(stage_time(counted, stage, question.as_of) for stage in stages[:-1]),
        out_of_velocity=len(ways) - len(counted),
        growth_basis=f"leads that first entered {QUALIFIED} in a month; growth against the month before",
        growth=growth(ways, question.as_of),
    )


def step_velocity(ways: Sequence[Way], start: str, end: str) -> StepVelocity:
    """How long these leads took from `start` to `end`."""
    both = [(way, one, two) for way in ways if (one := way.first(start)) and (two := way.first(end))]
    forward = [(way, one, two) for way, one, two in both if one.at <= two.at]
    return StepVelocity(
        from_stage=start,
        to_stage=end,
        elapsed=spread_of_days([two.at - one.at for _, one, two in forward]),
        active=spread_of_days([two.at - _last_before(way, start, two).at for way, _, two in forward]),
        backwards=len(both) - len(forward),
    )


def stage_time(ways: Sequence[Way], stage: str, as_of: Instant) -> StageTime:
    """How long visits to `stage` lasted, and how old the open ones are."""
    ended: list[timedelta] = []
    open_: list[timedelta] = []
    for way in ways:
        ended += [then.at - entry.at for entry, then in pairwise(way.entries) if entry.stage == stage]
        if way.entries and way.entries[-1].stage == stage:
            open_.append(as_of - way.entries[-1].at)
    ages = sorted(days(age) for age in open_)
    return StageTime(
        stage=stage,
        left=spread_of_days(ended),
        open=len(ages),
        open_median_days=quantile(ages, 0.5),
        open_oldest_days=ages[-1] if ages else None,
    )


def growth(ways: Sequence[Way], as_of: Instant) -> tuple[Growth, ...]:
    """Lead growth (Lemkin's lead velocity rate), month by month without gaps, from the first month with one."""
    firsts = [entry for way in ways if (entry := way.first(QUALIFIED)) is not None]
    if not firsts:
        return ()
    months = months_between(min(month_of(entry.at) for entry in firsts), month_of(as_of))
    by_month: dict[str, list[int]] = {month: [] for month in months}
    for entry in firsts:
        by_month[month_of(entry.at)].append(entry.definition_version)
    rows: list[Growth] = []
    before: Growth | None = None
    for month, found in by_month.items():
        versions = tuple(sorted(set(found)))
        is_whole = month < month_of(as_of)
        before = Growth(
            month=month,
            qualified=len(found),
            percent=_growth_percent(before, len(found), versions) if is_whole else None,
            definition_versions=versions,
            is_whole=is_whole,
        )
        rows.append(before)
    return tuple(rows)


def _growth_percent(before: Growth | None, qualified: int, versions: tuple[int, ...]) -> float | None:
    """None draws a break: two definitions count two different things (leads.md §1.2)."""
    if before is None or not before.qualified:
        return None
    if qualified and versions != before.definition_versions:
        return None
    return 100 * (qualified - before.qualified) / before.qualified


def _last_before(way: Way, stage: str, then: StageEntry) -> StageEntry:
    """The last entry to `stage` not after `then`; the caller knows there is one."""
    return [entry for entry in way.entries_to(stage) if entry.at <= then.at][-1]
