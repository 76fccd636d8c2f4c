"""Does an event let a lead into a journey, end its run, or wake it?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from leadloom.domain.facts import Facts
from leadloom.domain.journeys.conditions import holds, in_words, looked_at, words
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import GOAL
from leadloom.domain.journeys.waits import ANY_EVENT
from leadloom.domain.lead import Event, EventDraft, Verdict
from leadloom.domain.model import Json, Value


class Enters(Value):
    """The lead comes in."""

    key: str
    """The name of this run among the lead's runs of this journey: the same key never runs twice."""
    why: str
    values: dict[str, Json]


class StaysOut(Value):
    """The lead doesn't come in, and the first thing that stands against it."""

    code: Literal["other_event", "not_human", "in_already", "was_in", "condition"]
    why: str
    values: dict[str, Json] = Field(default_factory=dict)


def enters(journey: Journey, event: Event, facts: Facts, *, open_run: bool, was_in: bool) -> Enters | StaysOut:
    """Whether the event lets the lead in.

    Args:
        journey: The journey in force.
        event: Already numbered.
        facts: With this event among `events` and `entered_at` = the instant the lead would enter.
        open_run: The lead is in this journey now.
        was_in: The lead has been in it, and that run ended.
    """
    if event.kind not in journey.enter.events:
        return StaysOut(code="other_event", why=f"{in_words(event.kind)} lets nobody in")
    if event.verdict is not Verdict.HUMAN:
        return StaysOut(code="not_human", why="no person did it", values={"verdict": event.verdict.value})
    if open_run:
        return StaysOut(code="in_already", why="the lead is in this journey already")
    if was_in and journey.enter.again == "never":
        return StaysOut(code="was_in", why="the lead was in this journey before, and it is for once only")
    when = journey.enter.when
    values = looked_at(when, facts, facts.entered_at) if when else {}
    if when is not None and not holds(when, facts, facts.entered_at):
        return StaysOut(code="condition", why=f"this isn't so: {words(when)}", values=values)
    return Enters(key=_key(journey, event), why=in_words(event.kind), values={"event no": event.no, **values})


def ends(journey: Journey, event: EventDraft) -> str | None:
    """The outcome with which the event ends an open run at once, also inside a wait; None when it goes on.

    Ask it for runs that were open before the event only: what lets a lead in must not throw it out again.
    """
    if event.verdict is not Verdict.HUMAN:
        return None
    if event.kind in journey.goal:
        return GOAL
    return next((rule.outcome for rule in journey.exit if event.kind in rule.events), None)


def hears(listens: Iterable[str], events: Iterable[EventDraft]) -> bool:
    """Whether one of the events must wake a run that listens to these kinds."""
    kinds = set(listens)
    return any(event.verdict is Verdict.HUMAN and (event.kind in kinds or ANY_EVENT in kinds) for event in events)


def _key(journey: Journey, event: Event) -> str:
    return "once" if journey.enter.again == "never" else f"event/{event.no}"
