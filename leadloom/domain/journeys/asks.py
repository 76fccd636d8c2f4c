"""What does a journey ask about a lead? Whoever reads facts for it leaves the rest unread."""

from __future__ import annotations

from datetime import timedelta

from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import asks_company, everything_in
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_paths import asked_in_runs, conditions_of
from leadloom.domain.journeys.steps.start import StartStep
from leadloom.domain.journeys.steps.stop import StopStep
from leadloom.domain.journeys.steps.stream import StreamStep
from leadloom.domain.journeys.steps.tag import TagStep
from leadloom.domain.journeys.steps.task import TaskStep
from leadloom.domain.journeys.steps.wait import Wait
from leadloom.domain.model import Value


class Asks(Value):
    """Which facts a journey's moves hang on, besides those every journey needs."""

    look_back: timedelta
    """How far before now some condition looks; conditions without a span look since entry."""
    engagement: bool
    company_stand: bool
    """How the lead's company stands as a whole."""
    reason: bool
    """Of the lead's last rejection."""
    tags: bool
    journeys: bool
    """Which other journeys the lead is in or was in."""
    tasks: bool
    streams: bool
    """What the lead has seen and read."""
    calendar: bool
    """When the lead's owner works."""
    company: frozenset[str]
    """Kinds of events of the lead's colleagues."""
    group: bool
    """Whether another journey of its exclusive group has the lead."""


def asks_of(journey: Journey) -> Asks:
    """What the journey asks; the same whenever asked."""
    conditions = [inner for _, condition in asked_in_runs(journey) for inner in everything_in(condition)]
    kinds = {type(step) for step in journey.steps}
    return Asks(
        look_back=max((one.within for one in conditions if one.within is not None), default=timedelta()),
        engagement=any(_engagement(one) for one in conditions),
        company_stand=any(asks_company(one) for one in conditions),
        reason=any(one.recycled_for is not None for one in conditions),
        tags=TagStep in kinds or any(one.tag is not None for one in conditions),
        journeys=bool(kinds & {StartStep, StopStep})
        or any(one.in_journey is not None or one.was_in is not None for one in conditions),
        tasks=TaskStep in kinds,
        streams=StreamStep in kinds,
        calendar=any(isinstance(step, Wait) and step.working_days is not None for step in journey.steps),
        company=journey.heard_of_company,
        group=journey.exclusive is not None,
    )


def asks_of_companies(journey: Journey) -> bool:
    """Whether the journey asks anywhere, at its door or in its runs, how the lead's company stands."""
    return any(asks_company(one) for _, condition in conditions_of(journey) for one in everything_in(condition))


def asks_at_door(journey: Journey) -> bool:
    """Whether its door asks it: what comes to hold by itself is asked of all leads at once, and not at the door."""
    return journey.enter.when is not None and any(asks_company(one) for one in everything_in(journey.enter.when))


def _engagement(condition: Condition) -> bool:
    return condition.engagement is not None or condition.category is not None
