"""How does the rehearsal of an audience read on a terminal?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from rich.console import RenderableType

from leadloom.cli._data import table
from leadloom.domain.campaigns.membership import WORDS, LeftOut
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.rehearsal.rehearsed import CapConflict, DayOfMail, DeadWay, JourneyCount, Rehearsed, StepCount

_MOST_DAYS = 31
"""More days than that are told week by week."""
_MOST_EXAMPLES = 5


def draw_rehearsed(shown: Rehearsed, journeys: Sequence[str]) -> Iterator[RenderableType]:
    """All of it; the steps of the journeys that were named."""
    days = (shown.ends_at - shown.begins_at) / timedelta(days=1)
    yield (
        f"{shown.leads:,} leads, {days:g} days from {shown.begins_at:%a %Y-%m-%d %H:%M} UTC: {shown.mails:,} mails. "
        f"Answers: {shown.answers}; seed {shown.seed}."
    )
    yield ""
    yield table(
        "journey", "came in", "left out", "ended", "still open", "mails", "never went",
        rows=(_journey_row(one) for one in shown.journeys), empty="Nobody came in.",
    )  # fmt: skip
    yield from _days(shown.days)
    for one in shown.journeys:
        if one.journey in journeys and one.entered:
            yield ""
            yield _steps(one)
    yield from _conflicts(shown)
    yield from _dead(shown.dead)
    yield from _load(shown)
    yield ""
    yield "Not played: " + " ".join(shown.left_aside)


def _journey_row(one: JourneyCount) -> tuple[object, ...]:
    left_out = ", ".join(f"{count:,} {WORDS[LeftOut(code)]}" for code, count in one.left_out.items())
    ended = ", ".join(f"{count:,} {outcome}" for outcome, count in one.outcomes.items())
    lost = ", ".join(f"{count:,} {status}" for status, count in one.lost.items())
    return (one.journey, f"{one.entered:,}", left_out, ended, f"{one.never_ended:,}", f"{one.mails:,}", lost)


def _days(days: Sequence[DayOfMail]) -> Iterator[RenderableType]:
    if not days:
        return
    yield ""
    names = sorted({name for day in days for name in day.by_journey})
    several = names if len(names) > 1 else []
    if len(days) <= _MOST_DAYS:
        rows = (
            (f"{one.day:%a %Y-%m-%d}", f"{one.mails:,}", *(f"{one.by_journey.get(name, 0):,}" for name in several))
            for one in days
        )
        yield table("day (UTC)", "mails", *several, rows=rows)
        return
    weeks = ((monday, list(each)) for monday, each in groupby(days, key=_monday))
    yield table(
        "week from", "mails", "busiest day", "mails then", *several,
        rows=(_week(monday, each, several) for monday, each in weeks),
    )  # fmt: skip


def _monday(one: DayOfMail) -> date:
    return one.day - timedelta(days=one.day.weekday())


def _week(monday: date, days: Sequence[DayOfMail], names: Sequence[str]) -> tuple[object, ...]:
    busiest = max(days, key=lambda one: one.mails)
    counts = (f"{sum(one.by_journey.get(name, 0) for one in days):,}" for name in names)
    total = sum(one.mails for one in days)
    return (f"{monday}", f"{total:,}", f"{busiest.day:%a %d %b}", f"{busiest.mails:,}", *counts)


def _steps(one: JourneyCount) -> RenderableType:
    return table(
        "step", "does", "came", "stand here", "went on",
        rows=((step.step, step.said, f"{step.arrived:,}", step.waiting or "", _ways(step)) for step in one.steps),
        title=f"{one.journey}: where runs went",
    )  # fmt: skip


def _ways(step: StepCount) -> str:
    return "; ".join(f"{f'{way.when} ' if way.when else ''}→ {way.to} {way.runs:,}" for way in step.ways)


def _conflicts(shown: Rehearsed) -> Iterator[RenderableType]:
    yield ""
    yield table(
        "wanted a slot", "had it", "mails", "went later", "expired", "longest wait",
        rows=(_conflict_row(one) for one in shown.conflicts), title="Cap conflicts",
        empty="Cap conflicts: none. No mail had to wait for another.",
    )  # fmt: skip
    for one in shown.moved[:_MOST_EXAMPLES]:
        fate = f"went {one.got_at:%a %d %b %H:%M}" if one.got_at else "expired"
        yield (
            f"  such as lead {one.lead_id}: {one.journey}/{one.step} wanted {one.wanted_at:%a %d %b %H:%M}, {fate}: "
            f"{one.cap} (before it: {', '.join(one.won) or 'others of the company'})"
        )


def _conflict_row(one: CapConflict) -> tuple[object, ...]:
    wait = span_words(timedelta(hours=round(one.longest_wait / timedelta(hours=1)))) if one.longest_wait else ""
    return (one.wanted, one.won, f"{one.mails:,}", f"{one.mails - one.expired:,}", f"{one.expired:,}", wait)


def _dead(dead: Sequence[DeadWay]) -> Iterator[RenderableType]:
    if dead:
        yield ""
        yield table(
            "journey", "step", "nobody went",
            rows=((one.journey, one.step, f"{one.when} → {one.to}" if one.when else "here") for one in dead),
            title="Dead branches",
        )  # fmt: skip


def _load(shown: Rehearsed) -> Iterator[RenderableType]:
    if shown.load:
        yield ""
        yield table(
            "owner", "hand-offs", "tasks", "busiest day", "on that day",
            rows=((one.owner, one.hand_offs, one.tasks, one.busiest_day, one.on_that_day) for one in shown.load),
            title="Load on owners (the definition names no capacity to compare with)",
        )  # fmt: skip
