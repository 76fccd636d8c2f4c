"""How many of the leads that entered one stage reached the next?

Two bases that are never mixed (leads.md §1.5). Cohort: of the leads that entered the first stage in a month, the share
that ever reached a stage, or reached it within a limit. Period: entries to one stage against entries to the stage
before it in the same month, whoever they were. Open leads stay in the denominator.

A cohort of imported history that began before the first recorded entry to the last stage is left-truncated: who reached
that stage before anybody recorded it is missing, so its low rate is no news about its leads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import Instant, Value
from leadloom.domain.reports.figures import Frame, Proportion, Share, days, frame, month_after, month_of, months_between
from leadloom.domain.reports.groups import By, Only, grouped
from leadloom.domain.reports.way import StageEntry, Way, elapsed, forward_stages


class FunnelQuestion(Value):
    """What somebody wants to know."""

    as_of: Instant
    track: str = "new-business"
    start: str | None = None
    """A stage; None is the first answer."""
    end: str | None = None
    """A stage; None is the won deal."""
    months: tuple[str, ...] = ()
    """Cohorts to look at, such as `2024-01`; none means all."""
    within: Span | None = None
    """A stage counts only when it was reached this long after `start`; None: ever, by `as_of`."""
    by: By | None = None
    only: tuple[Only, ...] = ()
    """Leads that all of these take; none means all."""


class Step(Value):
    """From one stage to the next: of those who reached the first, those who reached the second."""

    from_stage: str
    to_stage: str
    share: Proportion


class Cohort(Value):
    """Leads followed from their first entry to the funnel's first stage."""

    key: str | None
    """What its leads have in common; None for all leads, and for those of whom nobody told it."""
    name: str
    leads: int
    steps: tuple[Step, ...]
    reached: tuple[Step, ...]
    """Of all its leads, those who ever reached each stage."""
    overall: Proportion
    left_truncated: bool
    """Has leads that began before anybody recorded the last stage: its rates are too low to be compared."""


class Ratio(Value):
    """Entries to one stage against entries to another; no part of it, so it can be above 100 %."""

    from_stage: str
    to_stage: str
    share: Share


class Period(Value):
    """What entered in one month, repeated visits included."""

    month: str
    steps: tuple[Ratio, ...]


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
    only: tuple[Only, ...]
    cohort_basis: str
    cohort: Cohort
    not_entered: int
    """Leads of the track that have reached none of the stages yet: in no figure."""
    months: tuple[Cohort, ...]
    by: By | None
    groups: tuple[Cohort, ...]
    """Largest first; empty when not asked for."""
    too_young: tuple[str, ...]
    """Months left out because their leads have not had `within` yet."""
    recorded_from: Instant | None
    """The first entry to the last stage that another system's history tells; None without such history."""
    period_basis: str
    periods: tuple[Period, ...]
    recycle_basis: str
    recycle: RecycleRate


class Follow(NamedTuple):
    """How leads are followed: through which stages, how long, and from when the last one was recorded."""

    stages: tuple[str, ...]
    within: Span | None
    recorded_from: Instant | None


class Member(NamedTuple):
    """A lead in the funnel."""

    entry: StageEntry
    """By which it came in."""
    month: str
    """Its cohort."""
    way: Way


def funnel(definition: Definition, ways: Sequence[Way], question: FunnelQuestion) -> FunnelReport:
    """Answer `question` from the ways of all leads of its track. Raises BadInput for stages the definition lacks."""
    stages = forward_stages(definition, start=question.start, end=question.end)
    follow = Follow(stages, question.within, recorded_from(ways, stages[-1]))
    asked = [way for way in ways if all(only.takes(definition, way) for only in question.only)]
    entered = _entered(asked, stages)
    members, too_young = _members(entered, question)
    months = grouped(definition, members, "month", told=lambda member: (member.month,))
    return FunnelReport(
        frame=frame(definition, question.as_of, track=question.track),
        stages=stages,
        within_days=None if question.within is None else days(question.within),
        only=question.only,
        cohort_basis=_cohort_basis(question, stages[0]),
        cohort=_cohort(None, "all", members, follow),
        not_entered=len(asked) - len(entered),
        months=tuple(_cohort(group.key, group.name, group.members, follow) for group in months),
        by=question.by,
        groups=_groups(definition, members, question.by, follow),
        too_young=too_young,
        recorded_from=follow.recorded_from,
        period_basis="period: entries to a stage ÷ entries to the stage before in the same month, repeated visits too",
        periods=_periods(asked, stages, question),
        recycle_basis=_recycle_basis(definition),
        recycle=recycle_rate(definition, (member.way for member in members)),
    )


def entry_to_funnel(way: Way, stages: Sequence[str]) -> StageEntry | None:
    """When a lead came into the funnel: its first entry to the first stage or, if it skipped that, to a later one."""
    return next((entry for entry in way.entries if entry.stage in stages), None)


def recorded_from(ways: Iterable[Way], end: str) -> Instant | None:
    """The first entry to `end` in imported history; one whose time nobody told is none."""
    ends = (way.first(end) for way in ways if way.history)
    return min((entry.at for entry in ends if entry is not None and not entry.placed), default=None)


def told_of(way: Way, entry: StageEntry, by: By) -> tuple[str | None, ...]:
    """What puts a lead that came in by `entry` into groups."""
    match by:
        case "month":
            return (month_of(entry.at),)
        case "definition":
            return (f"v{entry.definition_version}",)
        case _:
            return way.told(by)


def recycle_rate(definition: Definition, ways: Iterable[Way]) -> RecycleRate:
    """The recycle rate of these leads, per visit and per lead."""
    visits, leads = [0, 0], [0, 0]
    for way in ways:
        outcomes = _visits_recycled(definition, way)
        visits[0] += sum(outcomes)
        visits[1] += len(outcomes)
        leads[0] += any(outcomes)
        leads[1] += bool(outcomes)
    return RecycleRate(per_visit=Share(part=visits[0], whole=visits[1]), per_lead=Share(part=leads[0], whole=leads[1]))


def _recycle_basis(definition: Definition) -> str:
    ready, returned, deal = (definition.named(part) for part in (Part.READY, Part.RETURNED, Part.DEAL))
    return f"of visits (of leads) to {ready}, those that went to {returned} before {deal}"


def _visits_recycled(definition: Definition, way: Way) -> list[bool]:
    """For each visit to the qualified stage: did it end in recycling before a deal opened?"""
    ready, returned, deal = (definition.named(part) for part in (Part.READY, Part.RETURNED, Part.DEAL))
    outcomes: list[bool] = []
    pending = False
    for entry in way.entries:
        if entry.stage == ready:
            outcomes.append(False)
            pending = True
        elif entry.stage == returned and pending:
            outcomes[-1] = True
            pending = False
        elif entry.stage == deal:
            pending = False
    return outcomes


def _groups(definition: Definition, members: Sequence[Member], by: By | None, follow: Follow) -> tuple[Cohort, ...]:
    if by is None:
        return ()
    groups = grouped(definition, members, by, told=lambda member: told_of(member.way, member.entry, by))
    return tuple(_cohort(group.key, group.name, group.members, follow) for group in groups)


def _cohort(key: str | None, name: str, members: Sequence[Member], follow: Follow) -> Cohort:
    stages = follow.stages
    furthest = Counter(_furthest(member, follow) for member in members)
    counts = [sum(furthest[later] for later in range(place, len(stages))) for place in range(len(stages))]
    named = list(zip(stages, counts, strict=True))
    return Cohort(
        key=key,
        name=name,
        leads=len(members),
        steps=tuple(
            Step(from_stage=one, to_stage=two, share=Proportion(part=to, whole=of))
            for (one, of), (two, to) in pairwise(named)
        ),
        reached=tuple(
            Step(from_stage=stages[0], to_stage=stage, share=Proportion(part=count, whole=len(members)))
            for stage, count in named
        ),
        overall=Proportion(part=counts[-1], whole=len(members)),
        left_truncated=_is_left_truncated(members, follow.recorded_from),
    )


def _furthest(member: Member, follow: Follow) -> int:
    """The place of the furthest stage it reached: whoever was in a stage has passed those before it."""
    return max(
        (
            follow.stages.index(entry.stage)
            for entry in member.way.entries
            if entry.stage in follow.stages and (follow.within is None or elapsed(member.entry, entry) <= follow.within)
        ),
        default=0,
    )


def _is_left_truncated(members: Sequence[Member], first: Instant | None) -> bool:
    """Whether one of these leads has a history whose month began before the last stage was recorded."""
    months = {member.month for member in members if member.way.history}
    return first is not None and any(_begin(month) < first for month in months)


def _entered(ways: Iterable[Way], stages: Sequence[str]) -> list[Member]:
    found = ((entry_to_funnel(way, stages), way) for way in ways)
    return [Member(entry, month_of(entry.at), way) for entry, way in found if entry is not None]


def _members(entered: Sequence[Member], question: FunnelQuestion) -> tuple[list[Member], tuple[str, ...]]:
    """The leads asked for, and the months that are too young to be judged."""
    asked = [member for member in entered if not question.months or member.month in question.months]
    young = tuple(sorted({month for member in asked if not _is_mature(month := member.month, question)}))
    return [member for member in asked if member.month not in young], young


def _periods(ways: Sequence[Way], stages: Sequence[str], question: FunnelQuestion) -> tuple[Period, ...]:
    entries = Counter((month_of(e.at), e.stage) for way in ways for e in way.entries if e.stage in stages)
    known = sorted({month for month, _ in entries})
    months = months_between(known[0], known[-1]) if known else ()
    return tuple(
        Period(
            month=month,
            steps=tuple(
                Ratio(from_stage=a, to_stage=b, share=Share(part=entries[month, b], whole=entries[month, a]))
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
    return _begin(month_after(month)) + question.within <= question.as_of


def _begin(month: str) -> datetime:
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)


def _cohort_basis(question: FunnelQuestion, start: str) -> str:
    came = f" in {', '.join(question.months)}" if question.months else ""
    limit = "ever" if question.within is None else f"within {days(question.within):g} days"
    return (
        f"cohort: leads that entered {start} or, past it, a later stage{came}, and those of them that {limit}"
        " reached a stage or a later one by the as-of date; open leads counted"
    )
