"""What does the definition say about points beside what an event is worth: how often, how many, for which product?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from pydantic import Field

from leadloom.domain.definitions.draft_faults import Fault, unknown
from leadloom.domain.journeys.spans import Span
from leadloom.domain.lead import Side
from leadloom.domain.model import Value

_NOTHING = timedelta(0)


class Times(Value):
    """How often events of a kind earn points; further ones are recorded and earn nothing."""

    count: int
    within: Span | None = None
    """In every sliding span of this length; left out: ever. `{count: 1}` is once only."""


class EventRule(Value):
    """What an event of one kind is worth, and whose it is."""

    means: str
    points: float = 0
    per_day: float | None = None
    """Most points of this kind within one UTC day."""
    cap: float | None = None
    """Most points of this kind that count at any one time, after decay."""
    times: Times | None = None
    """Left out: each one earns."""
    expires: Span | None = None
    """After so long nothing is left of its points, however much decay would have left."""
    category: str | None = None
    """A key of `scoring.categories` its points count for besides, unless the event names another."""
    response: bool = False
    credit: Side | None = None
    asks: bool = False


class ScoreGroup(Value):
    """Kinds of events that share a cap."""

    means: str
    kinds: tuple[str, ...]
    per_day: float | None = None
    """Most points of them together within one UTC day."""
    cap: float | None = None
    """Most points of them together that count at any one time, after decay."""


class Category(Value):
    """A product or line whose interest is also told by itself."""

    means: str


class Scoring(Value):
    """Caps above single kinds, and the categories of points."""

    cap: float | None = None
    """Engagement never goes above it; None: no limit."""
    groups: dict[str, ScoreGroup] = Field(default_factory=dict)
    categories: dict[str, Category] = Field(default_factory=dict)


def check(scoring: Scoring, events: Mapping[str, EventRule]) -> Iterator[Fault]:
    """What keeps points from being given as written."""
    for kind, rule in events.items():
        yield from _rule(kind, rule, scoring)
    yield from _limit(("scoring", "cap"), scoring.cap, 0)
    for name, group in scoring.groups.items():
        path = ("scoring", "groups", name)
        for place, kind in enumerate(group.kinds):
            yield from unknown((*path, "kinds", place), kind, events, "event")
        if group.per_day is None and group.cap is None:
            yield Fault(path=path, words=f"`{name}` limits nothing: write `per_day` or `cap`, or take it out.")
        dearest = max((events[kind].points for kind in group.kinds if kind in events), default=0)
        yield from _limit((*path, "per_day"), group.per_day, dearest)
        yield from _limit((*path, "cap"), group.cap, dearest)


def _rule(kind: str, rule: EventRule, scoring: Scoring) -> Iterator[Fault]:
    path = ("events", kind)
    yield from _limit((*path, "per_day"), rule.per_day, rule.points)
    yield from _limit((*path, "cap"), rule.cap, rule.points)
    if rule.times is not None and rule.times.count < 1:
        yield Fault(path=(*path, "times", "count"), words="Write 1 or more; an event that never earns has 0 points.")
    if rule.times is not None and rule.times.within is not None and rule.times.within <= _NOTHING:
        yield Fault(path=(*path, "times", "within"), words="It must be longer than nothing; left out it means ever.")
    if rule.expires is not None and rule.expires <= _NOTHING:
        yield Fault(path=(*path, "expires"), words="It must be longer than nothing; left out points only decay.")
    if rule.expires is not None and rule.points < 0:
        # A score would rise by itself, and the moment a lead cools could not be foreseen.
        yield Fault(path=(*path, "expires"), words="Points below 0 can't expire; they halve like all others.")
    if rule.category is not None:
        yield from unknown((*path, "category"), rule.category, scoring.categories, "category")


def _limit(path: tuple[str, ...], limit: float | None, dearest: float) -> Iterator[Fault]:
    if limit is not None and limit < max(dearest, 0):
        words = f"One event earns {dearest:g}, above {limit:g}: raise `{path[-1]}`."
        yield Fault(path=path, words=words)
    elif limit is not None and limit <= 0:
        yield Fault(path=path, words="Write a number above 0, or leave it out.")
