"""Does something let a lead into a journey, and what is the first thing against it? What ends a run, or wakes it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from leadloom.domain.facts import Facts
from leadloom.domain.journeys.conditions import holds, in_words, looked_at, same, span_words, text_in, words
from leadloom.domain.journeys.journey import Entry, Journey
from leadloom.domain.journeys.moves import GOAL
from leadloom.domain.journeys.recurring import every_words
from leadloom.domain.journeys.turns import next_turn
from leadloom.domain.journeys.waits import ANY_EVENT
from leadloom.domain.lead import Event, EventDraft, Verdict
from leadloom.domain.model import Instant, Json, Value

LONGEST_VALUE = 200
"""Characters of a value that may name a run: more is a text somebody wrote, not the name of a deal or form."""


class Against(StrEnum):
    """Why a lead stays out. A closed list; asked in this order, the first that stands is told.

    Each is a `why_not_codes.Code`, where its words are.
    """

    OTHER_EVENT = "other_event"
    OTHER_DATA = "other_data"
    NOT_HUMAN = "not_human"
    NO_KEY = "no_key"
    HELD_BEFORE = "held_before"
    TOO_LATE = "too_late"
    IN_ALREADY = "in_already"
    WAS_IN = "was_in"
    RESTS = "rests"
    TOO_MANY = "too_many"
    CONDITION = "condition"
    GROUP_BUSY = "group_busy"


class Knock(Value):
    """What may let a lead in at some instant: an event, a stage, a date, a condition, a person or another journey."""

    by: str
    """What the run remembers it by: `guide_requested`, `stage:mql`, `date:renewal_date`, `holds`, `hand:<handle>`."""
    why: str
    """In words."""
    no: int
    """The number of the lead's last event then."""
    occasion: str
    """Tells this time from all others: `event/4`, `date/2026-05-01`."""
    is_name: bool = False
    """The run is called after its occasion also in a journey for once."""
    anew: bool = False
    """Another occasion is another beginning: what was lived through under another name doesn't count (dates)."""
    value: str | None = None
    """Of the event's value that the journey tells runs apart by."""


class RunBefore(Value):
    """A run of the lead in this very journey, open or ended."""

    key: str
    place: str = ""
    entered_at: Instant | None = None
    """None for one that begins at this very moment."""
    ended_at: Instant | None = None
    """None while it is open."""


class Enters(Value):
    """The lead comes in."""

    key: str
    """The name of this run among the lead's runs of this journey: the same key never runs twice."""
    place: str = ""
    """What may be open once at a time: nothing but the journey (empty), a value of its key, or the run itself."""
    why: str
    values: dict[str, Json]


class StaysOut(Value):
    """The lead doesn't come in, and the first thing that stands against it."""

    code: Against
    why: str
    values: dict[str, Json] = Field(default_factory=dict)
    not_before: Instant | None = None
    """The earliest instant at which time alone may change the answer; None when something has to happen."""


def knocks(journey: Journey, event: Event, *, came_to: str | None = None) -> Knock | StaysOut:
    """What the event is at this journey's door.

    Args:
        journey: The journey in force.
        event: Already numbered.
        came_to: The stage of the journey's track that the event has just brought the lead to; None for none.
    """
    enter = journey.enter
    came_by_stage = came_to is not None and came_to in enter.stages
    against = _no_way_in(enter, event)
    if against is not None and not (came_by_stage and event.verdict is Verdict.HUMAN):
        return against
    value = None if enter.key is None else _value(event.data.get(enter.key))
    by, why = (event.kind, in_words(event.kind)) if against is None else (f"stage:{came_to}", f"came to {came_to}")
    return Knock.built(by=by, why=why, no=event.no, occasion=f"event/{event.no}", value=value)


def enters(
    journey: Journey,
    knock: Knock,
    at: datetime,
    facts: Callable[[], Facts],
    *,
    runs: Sequence[RunBefore] = (),
    busy_with: str | None = None,
) -> Enters | StaysOut:
    """Whether what knocks lets the lead in.

    Args:
        journey: The journey in force.
        knock: What `knocks` made of an event, or another way in.
        at: The instant the lead would enter.
        facts: As of then; asked for by a journey that has a condition, for they cost more than the rest.
        runs: All of the lead in this journey.
        busy_with: Another journey of this one's exclusive group that the lead is in now.
    """
    enter = journey.enter
    named = knock.is_name or enter.again != "never"
    value = "" if knock.value is None else f"{enter.key}/{knock.value}"
    key = "/".join(part for part in (value, knock.occasion if named else "") if part) or "once"
    place = key if enter.again == "concurrent" else knock.value or ""
    if (against := _was_there(enter, knock, runs, key=key, place=place, at=at)) is not None:
        return against
    if (against := _has_had_enough(enter, runs, at)) is not None:
        return against
    values: dict[str, Json] = {}
    if enter.when is not None:
        now = facts()
        values = looked_at(enter.when, now, at)
        if not holds(enter.when, now, at):
            why = f"this isn't so: {words(enter.when)}"
            return StaysOut(code=Against.CONDITION, why=why, values=values, not_before=next_turn(enter.when, now, at))
    if busy_with is not None and journey.exclusive is not None and journey.exclusive.when_busy == "refuse":
        why = f"the journey {busy_with} has the lead, and this one takes nobody from there"
        return StaysOut(code=Against.GROUP_BUSY, why=why, values={"busy with": busy_with})
    return Enters.built(key=key, place=place, why=knock.why, values={"event no": knock.no, **values})


def replaced_by(journey: Journey) -> str:
    """The outcome of a run that another journey of its group took the lead from."""
    return f"replaced by {journey.name}"


def is_resting(enter: Entry, ended_at: datetime | None, at: datetime) -> bool:
    """Whether the last run of the lead ended too short a time before `at`."""
    return ended_at is not None and enter.rest is not None and at < ended_at + enter.rest


def _no_way_in(enter: Entry, event: Event) -> StaysOut | None:
    if event.kind not in enter.events:
        return StaysOut(code=Against.OTHER_EVENT, why=f"{in_words(event.kind)} lets nobody in")
    asked = enter.data or {}
    if any(name not in event.data or not same(event.data[name], wanted) for name, wanted in asked.items()):
        carried = {name: event.data.get(name) for name in asked}
        told = " and ".join(f"{in_words(name)} {wanted}" for name, wanted in asked.items())
        why = f"{in_words(event.kind)} lets in only with {told}"
        return StaysOut(code=Against.OTHER_DATA, why=why, values=carried)
    if event.verdict is not Verdict.HUMAN:
        why, values = "no person did it", {"verdict": event.verdict.value}
        return StaysOut(code=Against.NOT_HUMAN, why=why, values={**values})
    if enter.key is not None and _value(event.data.get(enter.key)) is None:
        why = f"{in_words(event.kind)} carries no {in_words(enter.key)} to tell runs apart by"
        return StaysOut(code=Against.NO_KEY, why=why)
    return None


def _value(told: Json) -> str | None:
    text = text_in(told)
    return text if text and len(text) <= LONGEST_VALUE else None


def _was_there(
    enter: Entry, knock: Knock, runs: Sequence[RunBefore], *, key: str, place: str, at: datetime
) -> StaysOut | None:
    """What the lead's own runs of the journey say against another one."""
    same_run = [run for run in runs if run.key == key]
    same_place = [run for run in runs if run.place == place]
    if any(run.ended_at is None for run in (*same_run, *same_place)):
        return StaysOut(code=Against.IN_ALREADY, why="the lead is in this journey already")
    once = enter.again == "never" and not knock.anew
    if same_run or (once and same_place):
        why = "the lead was in this journey before, and it is for once only"
        return StaysOut(code=Against.WAS_IN, why=why)
    ended_at = max((run.ended_at for run in same_place if run.ended_at is not None), default=None)
    if ended_at is not None and enter.rest is not None and is_resting(enter, ended_at, at):
        why = f"its last run ended less than {span_words(enter.rest)} ago"
        values: dict[str, Json] = {"last run ended": ended_at.isoformat()}
        return StaysOut(code=Against.RESTS, why=why, values=values, not_before=ended_at + enter.rest)
    return None


def _has_had_enough(enter: Entry, runs: Sequence[RunBefore], at: datetime) -> StaysOut | None:
    """What the number of the lead's runs says against another one."""
    if enter.at_most is None:
        return None
    began = sorted(at if run.entered_at is None else run.entered_at for run in runs)
    count, within = enter.at_most.count, enter.at_most.within
    if not is_enough(enter, began, at):
        return None
    span = "" if within is None else f" in {span_words(within)}"
    why = f"it has had all of its runs: {count}{span}"
    # When the count-th from the end has left the span, there is room for another.
    not_before = None if within is None else began[-count] + within
    return StaysOut(code=Against.TOO_MANY, why=why, values={"runs": len(began)}, not_before=not_before)


def is_enough(enter: Entry, began: Sequence[datetime], at: datetime) -> bool:
    """Whether runs that began then are as many as the journey allows a lead at `at`."""
    if enter.at_most is None:
        return False
    within = enter.at_most.within
    return sum(within is None or at - within < each for each in began) >= enter.at_most.count


def ways_in(journey: Journey) -> tuple[str, ...]:
    """How leads come into the journey, each way in words: `guide requested with form guide`, `coming to mql`."""
    enter = journey.enter
    carried = " and ".join(f"{in_words(name)} {wanted}" for name, wanted in (enter.data or {}).items())
    found = [f"{in_words(kind)}{f' with {carried}' if carried else ''}" for kind in enter.events]
    found += [f"coming to {stage}" for stage in enter.stages]
    if enter.date is not None:
        span, side = (enter.date.before, "before") if enter.date.before is not None else (enter.date.after, "after")
        found.append(f"{span_words(span)} {side} {in_words(enter.date.field)}" if span else in_words(enter.date.field))
    if enter.every is not None:
        found.append(every_words(enter.every))
    if enter.holds is not None:
        found.append(f"as soon as {words(enter.holds)}")
    return tuple(found) or ("by hand",)


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
