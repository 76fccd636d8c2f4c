"""How long do leads take from stage to stage, how long have open ones waited, and how fast do qualified leads grow?

Elapsed counts from the first entry, so time spent recycled is in it; active counts the last visit only. What separates
the two is recycling. Leads rejected for a reason that is out of velocity (junk) are left out and counted. So are pairs
whose second entry lies before the first (quarantined, never clipped in silence), and pairs whose second entry an import
placed without a date: no time was told, so none is made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.reports.figures import (
    Frame,
    Spread,
    days,
    frame,
    month_of,
    months_between,
    quantile,
    spread_of_days,
)
from leadloom.domain.reports.funnel import entry_to_funnel, told_of
from leadloom.domain.reports.groups import By, Only, grouped
from leadloom.domain.reports.survival import BASIS as BY_DAY_BASIS
from leadloom.domain.reports.survival import ByDay, by_day
from leadloom.domain.reports.way import StageEntry, Way, age, elapsed, forward_stages


class VelocityQuestion(Value):
    """What somebody wants to know."""

    as_of: Instant
    track: str = "new-business"
    start: str | None = None
    """A stage; None is the first answer."""
    end: str | None = None
    """A stage; None is the won deal."""
    by: By | None = None
    only: tuple[Only, ...] = ()
    """Leads that all of these take; none means all."""


class StepVelocity(Value):
    """Days from one stage to another, of the leads that entered both."""

    from_stage: str
    to_stage: str
    elapsed: Spread
    """From the first entry to the one to the first entry to the other, quarantined leads left out."""
    with_backwards: Spread
    """The same with the quarantined ones in, their days negative, as their log tells."""
    active: Spread
    """From the last entry to the one before it."""
    backwards: int
    """Quarantined: leads whose log has the second stage before the first."""
    undated: int
    """Leads of which an import said that they stand at the second stage, and nobody since when; left out."""
    by_day: tuple[ByDay, ...]


class StageTime(Value):
    """Days spent in one stage, per visit."""

    stage: str
    left: Spread
    """Visits that have ended, those that end before they begin or without a date left out."""
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


class VelocityGroup(Value):
    """The leads of which the same was told."""

    key: str | None
    """None for those of whom nobody told it."""
    name: str
    leads: int
    whole: tuple[StepVelocity, ...]


class VelocityReport(Value):
    """Stage velocity and lead growth, on one page and never under one name."""

    frame: Frame
    only: tuple[Only, ...]
    velocity_basis: str
    steps: tuple[StepVelocity, ...]
    whole: tuple[StepVelocity, ...]
    """From the first stage to an open deal and to the last stage, and from the qualified stage to the last."""
    by_day_basis: str
    quarantined: tuple[LeadId, ...]
    """Leads with a backwards pair in `steps` or `whole`, for whoever mends their log."""
    by: By | None
    groups: tuple[VelocityGroup, ...]
    """Largest first; empty when not asked for."""
    stage_basis: str
    stages: tuple[StageTime, ...]
    out_of_velocity: int
    """Leads left out for the reason they were rejected with."""
    growth_basis: str
    growth: tuple[Growth, ...]


def velocity(definition: Definition, ways: Sequence[Way], question: VelocityQuestion) -> VelocityReport:
    """Answer `question` from the ways of all leads of its track. Raises BadInput for stages the definition lacks."""
    stages = forward_stages(definition, start=question.start, end=question.end)
    asked = [way for way in ways if all(only.takes(definition, way) for only in question.only)]
    out = {key for key, reason in definition.reject_reasons.items() if reason.out_of_velocity}
    counted = [way for way in asked if out.isdisjoint(way.reject_reasons)]
    spans, as_of = _spans(definition, stages), question.as_of
    return VelocityReport(
        frame=frame(definition, as_of, track=question.track),
        only=question.only,
        velocity_basis="days between first entries (elapsed) and from the last visit (active), of leads that did both;"
        " whole calendar days where only the day is known",
        steps=tuple(step_velocity(counted, a, b, as_of=as_of) for a, b in pairwise(stages)),
        whole=tuple(step_velocity(counted, a, b, as_of=as_of) for a, b in spans),
        by_day_basis=BY_DAY_BASIS,
        quarantined=_quarantined(counted, {*pairwise(stages), *spans}),
        by=question.by,
        groups=_groups(definition, counted, stages, question),
        stage_basis="days per visit; open visits aged to the as-of date",
        stages=tuple(stage_time(counted, stage, as_of) for stage in stages[:-1]),
        out_of_velocity=len(asked) - len(counted),
        growth_basis=f"leads that first entered {definition.named(Part.READY)} in a month;"
        " growth against the month before",
        growth=growth(definition, asked, as_of),
    )


def step_velocity(ways: Sequence[Way], start: str, end: str, *, as_of: Instant) -> StepVelocity:
    """How long these leads took from `start` to `end`."""
    began = [(way, one, way.first(end)) for way in ways if (one := way.first(start))]
    undated = [way for way, _, two in began if two is not None and two.placed]
    dated = [(way, elapsed(one, two), two) for way, one, two in began if two is not None and not two.placed]
    forward = [(way, took, two) for way, took, two in dated if took >= timedelta()]
    return StepVelocity(
        from_stage=start,
        to_stage=end,
        elapsed=spread_of_days([took for _, took, _ in forward]),
        with_backwards=spread_of_days([took for _, took, _ in dated]),
        active=spread_of_days([elapsed(_last_before(way, start, two), two) for way, _, two in forward]),
        backwards=len(dated) - len(forward),
        undated=len(undated),
        by_day=by_day(
            [
                (days(age(one, as_of)), None if two is None else days(elapsed(one, two)))
                for _, one, two in began
                if two is None or not two.placed
            ]
        ),
    )


def stage_time(ways: Sequence[Way], stage: str, as_of: Instant) -> StageTime:
    """How long visits to `stage` lasted, and how old the open ones are."""
    ended: list[timedelta] = []
    open_: list[timedelta] = []
    for way in ways:
        visits = [(one, two) for one, two in pairwise(way.entries) if one.stage == stage and not two.placed]
        ended += [lasted for one, two in visits if (lasted := elapsed(one, two)) >= timedelta()]
        if way.entries and way.entries[-1].stage == stage:
            open_.append(age(way.entries[-1], as_of))
    ages = sorted(days(each) for each in open_)
    return StageTime(
        stage=stage,
        left=spread_of_days(ended),
        open=len(ages),
        open_median_days=quantile(ages, 0.5),
        open_oldest_days=ages[-1] if ages else None,
    )


def growth(definition: Definition, ways: Sequence[Way], as_of: Instant) -> tuple[Growth, ...]:
    """Lead growth (Lemkin's lead velocity rate), month by month without gaps, from the first month with one."""
    ready = definition.named(Part.READY)
    firsts = [entry for way in ways if (entry := way.first(ready)) is not None]
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


def _spans(definition: Definition, stages: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The whole ways worth a line of their own; what is one step is told as a step."""
    start, end = stages[0], stages[-1]
    ready, deal = definition.named(Part.READY), definition.named(Part.DEAL)
    spans = [(start, deal), (start, end), (ready, end)]
    known = [(a, b) for a, b in spans if a in stages and b in stages and stages.index(b) - stages.index(a) > 1]
    return tuple(dict.fromkeys(known))


def _quarantined(ways: Sequence[Way], pairs: Iterable[tuple[str, str]]) -> tuple[LeadId, ...]:
    asked = tuple(pairs)
    return tuple(way.lead_id for way in ways if any(_is_backwards(way, one, two) for one, two in asked))


def _is_backwards(way: Way, start: str, end: str) -> bool:
    one, two = way.first(start), way.first(end)
    return one is not None and two is not None and not two.placed and elapsed(one, two) < timedelta()


def _groups(
    definition: Definition, ways: Sequence[Way], stages: Sequence[str], question: VelocityQuestion
) -> tuple[VelocityGroup, ...]:
    by = question.by
    if by is None:
        return ()
    entered = [(way, entry) for way in ways if (entry := entry_to_funnel(way, stages)) is not None]
    spans = _spans(definition, stages) or ((stages[0], stages[-1]),)
    return tuple(
        VelocityGroup(
            key=group.key,
            name=group.name,
            leads=len(group.members),
            whole=tuple(step_velocity([way for way, _ in group.members], a, b, as_of=question.as_of) for a, b in spans),
        )
        for group in grouped(definition, entered, by, told=lambda member: told_of(*member, by))
    )


def _last_before(way: Way, stage: str, then: StageEntry) -> StageEntry:
    """The last entry to `stage` not after `then`; the caller knows there is one."""
    return [entry for entry in way.entries_to(stage) if elapsed(entry, then) >= timedelta()][-1]
