"""How many of the leads that entered one stage reached the next?

Two bases that are never mixed (leads.md §1.5). Cohort: of the leads that entered the first stage in a month, the share
that ever reached a stage, or reached it within a limit. Period: entries to one stage against entries to the stage
before it in the same month, whoever they were. Open leads stay in the denominator.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal

from leadloom.domain.definition import Definition
from leadloom.domain.figures import Frame, Share, days, frame, month_after, month_of, months_between
from leadloom.domain.journey import Span
from leadloom.domain.model import Instant, Value
from leadloom.domain.way import DEAL, QUALIFIED, RECYCLED, WON, StageEntry, Way, forward_stages

NOT_TOLD = "not told"
"""The row of leads without a source: blank is a row of its own, never an `unknown`."""


class FunnelQuestion(Value):
    """What somebody wants to know."""

    as_of: Instant
    track: str = "new-business"
    start: str = "inquiry"
    end: str = WON
    months: tuple[str, ...] = ()
    """Cohorts to look at, such as `2024-01`; none means all."""
    within: Span | None = None
    """A stage counts only when it was reached this long after `start`; None: ever, by `as_of`."""
    by: Literal["source"] | None = None


class Step(Value):
    """From one stage to the next: of those who reached the first, those who reached the second."""

    from_stage: str
    to_stage: str
    share: Share


class Cohort(Value):
    """Leads followed from their first entry to the funnel's first stage."""

    name: str
    leads: int
    steps: tuple[Step, ...]
    reached: tuple[Step, ...]
    """Of all its leads, those who ever reached each stage."""
    overall: Share


class Period(Value):
    """What entered in one month, repeated visits included."""

    month: str
    steps: tuple[Step, ...]


class RecycleRate(Value):
    """How often a qualified lead went back to marketing before a deal opened."""

    per_visit: Share
    """Of entries to the qualified stage."""
    per_lead: Share
    """Of leads that were ever qualified."""


class FunnelReport(Value):
    """The funnel, with what each part of it is based on."""

    frame: Frame
    stages: tuple[str, ...]
    within_days: float | None
    cohort_basis: str
    cohort: Cohort
    months: tuple[Cohort, ...]
    groups: tuple[Cohort, ...]
    """By source, largest first; empty when not asked for."""
    too_young: tuple[str, ...]
    """Months left out because their leads have not had `within` yet."""
    period_basis: str
    periods: tuple[Period, ...]
    recycle_basis: str
    recycle: RecycleRate


def funnel(definition: Definition, ways: Sequence[Way], question: FunnelQuestion) -> FunnelReport:
    """Answer `question` from the ways of all leads of its track. Raises BadInput for stages the definition lacks."""
    stages = forward_stages(definition, start=question.start, end=question.end)
    members, too_young = _members(ways, stages, question)
    followed = [way for _, way in members]
    sources = ((_source(definition, way), way) for way in followed)
    by_source = [_cohort(name, group, stages, question.within) for name, group in _grouped(sources)]
    return FunnelReport(
        frame=frame(definition, question.as_of, track=question.track),
        stages=stages,
        within_days=None if question.within is None else days(question.within),
        cohort_basis=_cohort_basis(question),
        cohort=_cohort("all", followed, stages, question.within),
        months=tuple(_cohort(name, group, stages, question.within) for name, group in _grouped(members)),
        groups=tuple(sorted(by_source, key=lambda row: -row.leads)) if question.by == "source" else (),
        too_young=too_young,
        period_basis="period: entries to a stage ÷ entries to the stage before in the same month, repeated visits too",
        periods=_periods(ways, stages, question),
        recycle_basis=f"of visits (of leads) to {QUALIFIED}, those that went to {RECYCLED} before {DEAL}",
        recycle=recycle_rate(followed),
    )


def entry_to_funnel(way: Way, stages: Sequence[str]) -> StageEntry | None:
    """When a lead came into the funnel: its first entry to the first stage or, if it skipped that, to a later one."""
    return next((entry for entry in way.entries if entry.stage in stages), None)


def recycle_rate(ways: Iterable[Way]) -> RecycleRate:
    """The recycle rate of these leads, per visit and per lead."""
    visits, leads = [0, 0], [0, 0]
    for way in ways:
        outcomes = _visits_recycled(way)
        visits[0] += sum(outcomes)
        visits[1] += len(outcomes)
        leads[0] += any(outcomes)
        leads[1] += bool(outcomes)
    return RecycleRate(per_visit=Share(part=visits[0], whole=visits[1]), per_lead=Share(part=leads[0], whole=leads[1]))


def _visits_recycled(way: Way) -> list[bool]:
    """For each visit to the qualified stage: did it end in recycling before a deal opened?"""
    outcomes: list[bool] = []
    pending = False
    for entry in way.entries:
        if entry.stage == QUALIFIED:
            outcomes.append(False)
            pending = True
        elif entry.stage == RECYCLED and pending:
            outcomes[-1] = True
            pending = False
        elif entry.stage == DEAL:
            pending = False
    return outcomes


def _cohort(name: str, ways: Sequence[Way], stages: Sequence[str], within: timedelta | None) -> Cohort:
    furthest = Counter(_furthest(way, stages, within) for way in ways)
    counts = [sum(furthest[later] for later in range(place, len(stages))) for place in range(len(stages))]
    named = list(zip(stages, counts, strict=True))
    return Cohort(
        name=name,
        leads=len(ways),
        steps=tuple(
            Step(from_stage=one, to_stage=two, share=Share(part=to, whole=of))
            for (one, of), (two, to) in pairwise(named)
        ),
        reached=tuple(
            Step(from_stage=stages[0], to_stage=stage, share=Share(part=count, whole=len(ways)))
            for stage, count in named
        ),
        overall=Share(part=counts[-1], whole=len(ways)),
    )


def _furthest(way: Way, stages: Sequence[str], within: timedelta | None) -> int:
    """The place of the furthest stage it reached: whoever was in a stage has passed those before it."""
    entry = entry_to_funnel(way, stages)
    limit = None if within is None or entry is None else entry.at + within
    return max(
        (stages.index(e.stage) for e in way.entries if e.stage in stages and (limit is None or e.at <= limit)),
        default=0,
    )


def _members(
    ways: Iterable[Way], stages: Sequence[str], question: FunnelQuestion
) -> tuple[list[tuple[str, Way]], tuple[str, ...]]:
    """The leads asked for, each with its cohort's month, and the months that are too young to be judged."""
    entered = [(month_of(entry.at), way) for way in ways if (entry := entry_to_funnel(way, stages)) is not None]
    asked = [(month, way) for month, way in entered if not question.months or month in question.months]
    young = sorted({month for month, _ in asked if not _is_mature(month, question)})
    return [(month, way) for month, way in asked if month not in young], tuple(young)


def _source(definition: Definition, way: Way) -> str:
    """The label of its source; one that is no longer in the definition keeps its key."""
    if way.source is None:
        return NOT_TOLD
    source = definition.sources.get(way.source)
    return way.source if source is None else source.label


def _grouped(members: Iterable[tuple[str, Way]]) -> list[tuple[str, list[Way]]]:
    groups: dict[str, list[Way]] = {}
    for name, way in members:
        groups.setdefault(name, []).append(way)
    return sorted(groups.items())


def _periods(ways: Sequence[Way], stages: Sequence[str], question: FunnelQuestion) -> tuple[Period, ...]:
    entries = Counter((month_of(e.at), e.stage) for way in ways for e in way.entries if e.stage in stages)
    known = sorted({month for month, _ in entries})
    months = months_between(known[0], known[-1]) if known else ()
    return tuple(
        Period(
            month=month,
            steps=tuple(
                Step(from_stage=a, to_stage=b, share=Share(part=entries[month, b], whole=entries[month, a]))
                for a, b in pairwise(stages)
            ),
        )
        for month in months
        if not question.months or month in question.months
    )


def _is_mature(month: str, question: FunnelQuestion) -> bool:
    """A month may be judged by `within` only when its last lead has had that long."""
    if question.within is None:
        return True
    year, number = (int(part) for part in month_after(month).split("-"))
    return datetime(year, number, 1, tzinfo=UTC) + question.within <= question.as_of


def _cohort_basis(question: FunnelQuestion) -> str:
    came = f" in {', '.join(question.months)}" if question.months else ""
    limit = "ever" if question.within is None else f"within {days(question.within):g} days"
    return (
        f"cohort: leads that first entered {question.start}{came}, and those of them that {limit} reached a stage or a"
        " later one by the as-of date; open leads counted"
    )
