"""Do journeys that name one another fit together? What no journey can be asked alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.journeys.conditions import everything_in
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_paths import conditions_of
from leadloom.domain.journeys.steps.checked import unknown
from leadloom.domain.journeys.steps.start import StartStep
from leadloom.domain.journeys.steps.stop import StopStep


def faults_between(journeys: Sequence[Journey], code: Iterable[str]) -> list[str]:
    """What is wrong between them, each as `welcome.yaml: steps.3.journey: words`; empty when nothing is.

    Args:
        journeys: All journeys as data that shall be in force together.
        code: Names of the journeys as code.
    """
    names = sorted([*(journey.name for journey in journeys), *code])
    startable = [journey.name for journey in journeys]
    found: list[str] = []
    for journey in journeys:
        for path, named, known in _named(journey, names, startable):
            found += [
                f"{journey.name}.yaml: {'.'.join(map(str, fault.path))}: {fault.words}"
                for fault in unknown(path, named, known, "journey")
            ]
    return [*found, *_circles(journeys)]


def _named(
    journey: Journey, names: list[str], startable: list[str]
) -> Iterator[tuple[Path, tuple[str, ...], list[str]]]:
    """The place of each journey that it names, and what could stand there."""
    for index, step in enumerate(journey.steps):
        if isinstance(step, StartStep | StopStep):
            yield ("steps", index, "journey"), (step.journey,), startable if isinstance(step, StartStep) else names
    for path, condition in conditions_of(journey):
        for one in everything_in(condition):
            yield path, (*(one.in_journey or ()), *(one.was_in or ())), names


def _circles(journeys: Sequence[Journey]) -> Iterator[str]:
    """Journeys that begin one another without end."""
    begins = {
        journey.name: {step.journey for step in journey.steps if isinstance(step, StartStep)} for journey in journeys
    }
    for name, started in begins.items():
        seen, ahead = set[str](), list(started)
        while ahead:
            one = ahead.pop()
            if one not in seen:
                seen.add(one)
                ahead.extend(begins.get(one, ()))
        if name in seen and name not in started:
            words = "The journeys it begins come back to it, for ever. Take one of the `start` steps out."
            yield f"{name}.yaml: steps: {words}"
