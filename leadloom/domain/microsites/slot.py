"""What stands in a place of a microsite that isn't the same for everybody? By where a known reader stands with us."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pydantic import Field

from leadloom.domain.definitions.draft_faults import Fault, unknown
from leadloom.domain.model import Value

PLACES = ("front", "piece-end")
"""Where a slot may stand: on the first page, and behind each article."""


class Shown(Value):
    """What a slot says."""

    title: str
    says: str
    button: str
    to: str
    """Where the button leads: a page of ours, /f/… or /m/…, or an address with https."""


class Case(Value):
    """Something for some readers. All that is named must hold; of a list one is enough."""

    stages: tuple[str, ...] = ()
    """Stages of the definition they stand in, in any track."""
    journeys: tuple[str, ...] = ()
    """Journeys they are in now."""
    shows: Shown


class Slot(Value):
    """A place: the first case that holds for a known reader, and the default for everybody else."""

    cases: tuple[Case, ...] = Field(min_length=1)
    default: Shown | None = None
    """None: nothing is there."""


class Stands(Value):
    """Where a reader stands with us."""

    stages: frozenset[str]
    journeys: frozenset[str]


def shown(slot: Slot, stands: Stands | None) -> Shown | None:
    """What the slot says to this reader; None of `stands` is somebody we don't know."""
    if stands is not None:
        for case in slot.cases:
            in_stage = not case.stages or not stands.stages.isdisjoint(case.stages)
            in_journey = not case.journeys or not stands.journeys.isdisjoint(case.journeys)
            if in_stage and in_journey:
                return case.shows
    return slot.default


def faults_of_slots(slots: Mapping[str, Slot]) -> Iterator[Fault]:
    """What of them would never be shown, or leads nowhere."""
    for name, slot in slots.items():
        yield from unknown(("slots", name), name, PLACES, "place for a slot")
        for index, case in enumerate(slot.cases):
            if not case.stages and not case.journeys:
                words = "It would be for every known reader, whatever they do: name stages or journeys."
                yield Fault(path=("slots", name, "cases", index), words=words)
            yield from _faults_of(case.shows, ("slots", name, "cases", index, "shows"))
        if slot.default is not None:
            yield from _faults_of(slot.default, ("slots", name, "default"))


def strangers_in(slots: Mapping[str, Slot], *, stages: Collection[str], journeys: Collection[str]) -> Iterator[Fault]:
    """Stages and journeys that a case names and nobody has: it would never be shown."""
    for name, slot in slots.items():
        for index, case in enumerate(slot.cases):
            path = ("slots", name, "cases", index)
            for place, stage in enumerate(case.stages):
                yield from unknown((*path, "stages", place), stage, stages, "stage")
            for place, journey in enumerate(case.journeys):
                yield from unknown((*path, "journeys", place), journey, journeys, "journey")


def _faults_of(one: Shown, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if not one.to.startswith(("/f/", "/m/", "https://")):
        yield Fault(path=(*path, "to"), words=f"`{one.to}` leads nowhere safe: write /f/…, /m/… or https://….")
