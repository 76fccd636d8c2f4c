"""What may happen to a lead while a run is played? Each at an instant, as a script or a draw says."""

from __future__ import annotations

from pydantic import Field

from leadloom.domain.lead import Verdict
from leadloom.domain.model import Instant, Json, Value


class Happens(Value):
    """An event of the lead's."""

    at: Instant
    kind: str
    data: dict[str, Json] = Field(default_factory=dict)
    verdict: Verdict = Verdict.HUMAN


class Tells(Value):
    """A field of the lead gets a value; None forgets it."""

    at: Instant
    field: str
    value: Json


class Answers(Value):
    """An owner answers the open task of a step."""

    at: Instant
    step: str
    outcome: str


class Ends(Value):
    """A run of another journey ends: one this run began, or the one that held its exclusive group."""

    at: Instant
    journey: str
    outcome: str = "finished"


class Moves(Value):
    """The lead comes to another stage of the journey's track."""

    at: Instant
    stage: str


class Permits(Value):
    """From now on a basis suffices for marketing mail, or none does any more."""

    at: Instant
    may_market: bool


class Leaves(Value):
    """A person takes the lead out of the journey."""

    at: Instant
    outcome: str


Happening = Happens | Tells | Answers | Ends | Moves | Permits | Leaves
