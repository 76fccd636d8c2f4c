"""How would a marketer say how often a lead comes into a journey, what ends a run, and what the journey promises?"""

from __future__ import annotations

from collections.abc import Iterator

from leadloom.domain.journeys.conditions import either, in_words, span_words, words
from leadloom.domain.journeys.journey import Exit, Journey
from leadloom.domain.journeys.moves import GOAL

_AGAIN = {"never": "once per lead", "after exit": "again after it ended", "concurrent": "again at any time"}
_BUSY = {"replace": "it takes the lead from the others", "refuse": "it takes nobody from the others"}


def how_often(journey: Journey) -> tuple[str, ...]:
    """How often the same lead comes in, and beside what: `again after it ended, and 30 days later at the earliest`."""
    return tuple(_how_often(journey))


def _how_often(journey: Journey) -> Iterator[str]:
    enter, exclusive = journey.enter, journey.exclusive
    rest = f", and {span_words(enter.rest)} later at the earliest" if enter.rest is not None else ""
    yield f"{_AGAIN[enter.again]}{rest}"
    if enter.key is not None:
        yield f"for each {in_words(enter.key)} anew"
    if enter.at_most is not None:
        within = "" if enter.at_most.within is None else f" in {span_words(enter.at_most.within)}"
        yield f"at most {_times(enter.at_most.count)}{within}"
    if exclusive is not None:
        turn = "" if exclusive.at_most is None else f" for up to {span_words(exclusive.at_most)}"
        busy = _BUSY.get(exclusive.when_busy, f"it waits its turn{turn}")
        yield f"one journey of the group {exclusive.group} at a time: {busy}"
    if not enter.by_hand:
        yield "nobody by hand"


def ways_out(journey: Journey) -> tuple[tuple[str, str], ...]:
    """What ends a run at once, and what the run is then remembered by; what the journey is for comes first."""
    goals = [in_words(kind) for kind in journey.goal]
    goals += [] if journey.goal_when is None else [words(journey.goal_when)]
    exits = [(_end_words(rule), rule.outcome) for rule in journey.exit]
    return (*((said, GOAL) for said in goals), *exits)


def _end_words(rule: Exit) -> str:
    """`replied`, `replied, anybody at the company`, or what comes to hold."""
    if rule.when is not None:
        return words(rule.when)
    return either(in_words(kind) for kind in rule.events) + (", anybody at the company" if rule.of == "company" else "")


def promised(journey: Journey) -> tuple[str, ...]:
    """What is so whatever happens; nothing when the journey promises nothing."""
    return tuple(_promised(journey))


def _promised(journey: Journey) -> Iterator[str]:
    promises = journey.promises
    if promises is None:
        return
    if promises.never_after:
        yield f"no mail after {either(promises.never_after)}"
    if promises.at_most is not None:
        count = promises.at_most.count
        yield f"at most {count} mail{'' if count == 1 else 's'} in {span_words(promises.at_most.within)}"
    if promises.ends_within is not None:
        yield f"ends within {span_words(promises.ends_within)}"
    if promises.never_without_basis:
        yield "no marketing mail without a permission"


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"
