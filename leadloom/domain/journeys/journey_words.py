"""How would a marketer say what a step does?"""

from __future__ import annotations

from leadloom.domain.journeys.journey import Step


def step_words(step: Step) -> str:
    """One sentence, without its end: `Send the mail nine-minutes, unless article read since entry`."""
    return step.said()


def ways(step: Step, following: str = "") -> tuple[tuple[str, str], ...]:
    """(when, step id or `end`) for each way on from a step that has several; a plain step has none to tell.

    `following` stands for the next step in reading order.
    """
    return tuple((way.when, way.to) for way in step.ways(following) if way.when and way.to)
