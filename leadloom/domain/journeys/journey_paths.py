"""Which ways lead through a journey: what follows each step, what nobody reaches, what goes round for ever?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar, assert_never

from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.journeys.journey import (
    END,
    Branch,
    Call,
    Condition,
    Go,
    HandOffStep,
    Journey,
    Record,
    Send,
    Step,
    Wait,
    WaitFor,
)
from leadloom.domain.model import Value

Here = TypeVar("Here")

Graph = Mapping[str, tuple[str, ...]]
"""Step id → the ids that may follow; `end` and ids of no step may be among them."""


def next_steps(journey: Journey, step: Step) -> tuple[str, ...]:
    """The ids a run may stand at after the step, without doubles."""
    match step:
        case WaitFor():
            ways = (step.then, step.otherwise)
        case Branch():
            ways = (*(case.go for case in step.cases), step.otherwise)
        case Go(visits=None):
            ways = (step.to,)
        case Go():
            ways = (step.to, journey.after(step.id))
        case Call():
            ways = (step.then or journey.after(step.id),)
        case Send() | Wait() | HandOffStep() | Record():
            ways = (journey.after(step.id),)
        case _:
            assert_never(step)
    return tuple(dict.fromkeys(ways))


def reached(journey: Journey) -> frozenset[str]:
    """The ids a run can come to, from the first step on."""
    graph = {step.id: next_steps(journey, step) for step in journey.steps}
    return frozenset(_walk([step.id for step in journey.steps[:1]], lambda step_id: graph.get(step_id, ())))


def endless_loop(journey: Journey) -> str | None:
    """A step of a loop that no `visits` ends; None when each loop has one."""

    def onward(step: Step) -> tuple[str, ...]:
        if isinstance(step, Go) and step.visits is not None:
            return (journey.after(step.id),)
        return next_steps(journey, step)

    return _in_a_loop({step.id: onward(step) for step in journey.steps})


def loop_without_wait(journey: Journey) -> str | None:
    """A step of a loop that goes round in one instant, in which nothing can have changed; None when there is none."""
    return _in_a_loop(
        {step.id: () if isinstance(step, Wait | WaitFor) else next_steps(journey, step) for step in journey.steps}
    )


def conditions_of(journey: Journey) -> Iterator[tuple[Path, Condition]]:
    """All conditions the journey asks, with their place in its file; nested ones within theirs."""
    if journey.enter.when is not None:
        yield ("enter", "when"), journey.enter.when
    for index, step in enumerate(journey.steps):
        if isinstance(step, Send) and step.unless is not None:
            yield ("steps", index, "unless"), step.unless
        if isinstance(step, Branch):
            yield from ((("steps", index, "cases", arm, "when"), case.when) for arm, case in enumerate(step.cases))


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
        ways = _arms(step, may_market=place.may_market) if isinstance(step, Branch) else next_steps(journey, step)
        afterwards = {place.may_market}
        if basis_possible and isinstance(step, Wait | WaitFor | Call):
            afterwards = {True, False}
        yield from (Place(step=way, may_market=may) for way in ways for may in sorted(afterwards))

    starts = [Place(step=step.id, may_market=may) for step in journey.steps[:1] for may in (False, basis_possible)]
    return frozenset(place.step for place in _walk(starts, onward) if place.may_market)


def _arms(branch: Branch, *, may_market: bool) -> tuple[str, ...]:
    """Where a branch can go when all we know of the lead is whether it may get marketing mail."""
    ways: list[str] = []
    for case in branch.cases:
        held = _known(case.when, may_market=may_market)
        if held is not False:
            ways.append(case.go)
        if held is True:
            return tuple(ways)
    return (*ways, branch.otherwise)


def _known(condition: Condition, *, may_market: bool) -> bool | None:
    """Whether the condition holds, as far as the permission alone decides it; None when it doesn't."""
    asked = condition.model_dump(exclude_none=True).keys() - {"basis", "not_", "any", "within", "is_", "one_of"}
    parts: list[bool | None] = [None] if asked else []
    if condition.basis is not None:
        parts.append(may_market)
    if condition.any is not None:
        inner = [_known(one, may_market=may_market) for one in condition.any]
        parts.append(True if True in inner else None if None in inner else False)
    if condition.not_ is not None:
        denied = _known(condition.not_, may_market=may_market)
        parts.append(None if denied is None else not denied)
    if False in parts:
        return False
    return None if None in parts else True


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
