"""Which ways lead through a journey: what follows each step, what nobody reaches, what goes round for ever?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.journey import Journey, Step
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.model import Value

Here = TypeVar("Here")

Graph = Mapping[str, tuple[str, ...]]
"""Step id → the ids that may follow; `end` and ids of no step may be among them."""


def next_steps(journey: Journey, step: Step) -> tuple[str, ...]:
    """The ids a run may stand at after the step, without doubles."""
    return tuple(dict.fromkeys(way.to for way in step.ways(journey.after(step.id))))


def reached(journey: Journey) -> frozenset[str]:
    """The ids a run can come to, from the first step on."""
    graph = {step.id: next_steps(journey, step) for step in journey.steps}
    return frozenset(_walk([step.id for step in journey.steps[:1]], lambda step_id: graph.get(step_id, ())))


def followers(journey: Journey, step_id: str) -> frozenset[str]:
    """The step itself and all a run can come to from there; an id of no step leads nowhere."""
    graph = {step.id: next_steps(journey, step) for step in journey.steps}
    return frozenset(_walk([step_id], lambda here: graph.get(here, ())))


def endless_loop(journey: Journey) -> str | None:
    """A step of a loop that no `visits` ends; None when each loop has one."""

    def onward(step: Step) -> tuple[str, ...]:
        return tuple(way.to for way in step.ways(journey.after(step.id)) if way.times is None)

    return _in_a_loop({step.id: onward(step) for step in journey.steps})


def loop_without_wait(journey: Journey) -> str | None:
    """A step of a loop that goes round in one instant, in which nothing can have changed; None when there is none."""
    return _in_a_loop({step.id: () if step.takes_time else next_steps(journey, step) for step in journey.steps})


def conditions_of(journey: Journey) -> Iterator[tuple[Path, Condition]]:
    """All conditions the journey asks, with their place in its file; nested ones within theirs."""
    for name, condition in (("when", journey.enter.when), ("holds", journey.enter.holds)):
        if condition is not None:
            yield ("enter", name), condition
    if journey.enter.every is not None:
        yield ("enter", "every", "whom"), journey.enter.every.whom
    yield from asked_in_runs(journey)


def asked_in_runs(journey: Journey) -> Iterator[tuple[Path, Condition]]:
    """The conditions that a run of it may ask, from its first look to its last."""
    if journey.goal_when is not None:
        yield ("goal_when",), journey.goal_when
    for index, rule in enumerate(journey.exit):
        if rule.when is not None:
            yield ("exit", index, "when"), rule.when
    for index, step in enumerate(journey.steps):
        yield from ((("steps", index, *path), condition) for path, condition in step.conditions())


class Place(Value):
    """A step, and whether the lead may get marketing mail when a run comes to it."""

    step: str
    may_market: bool


def mailable(journey: Journey, *, basis_possible: bool) -> frozenset[str]:
    """The ids a run can come to while a basis suffices for marketing mail.

    A branch that asks for the basis tells the two apart; during a wait it may be given or end.
    """
    steps = {step.id: step for step in journey.steps}

    def onward(place: Place) -> Iterator[Place]:
        step = steps.get(place.step)
        if step is None:
            return
        ways = step.open_ways(journey.after(step.id), may_market=place.may_market)
        afterwards = {place.may_market}
        if basis_possible and step.lets_time_pass:
            afterwards = {True, False}
        yield from (Place(step=way, may_market=may) for way in ways for may in sorted(afterwards))

    starts = [Place(step=step.id, may_market=may) for step in journey.steps[:1] for may in (False, basis_possible)]
    return frozenset(place.step for place in _walk(starts, onward) if place.may_market)


def _walk(starts: Iterable[Here], onward: Callable[[Here], Iterable[Here]]) -> set[Here]:
    """All that can be reached, the starts among them."""
    seen: set[Here] = set()
    ahead = list(starts)
    while ahead:
        here = ahead.pop()
        if here not in seen:
            seen.add(here)
            ahead.extend(onward(here))
    return seen


def _in_a_loop(graph: Graph) -> str | None:
    """The first step, in reading order, that can come back to itself."""
    for step_id, ways in graph.items():
        if step_id != END and step_id in _walk(ways, lambda here: graph.get(here, ())):
            return step_id
    return None
