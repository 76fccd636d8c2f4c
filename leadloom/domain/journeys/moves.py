"""What may a run do next? The closed list of moves and of effects; `next_move` chooses, the store applies."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from leadloom.domain.facts import Progress
from leadloom.domain.model import Instant, Json, Value

FINISHED = "finished"
"""The outcome of a run that reached the end of its journey."""

GOAL = "goal"
"""The outcome of a run whose journey got what it is for."""

NO_TURN = "no turn"
"""The outcome of a run whose exclusive group stayed taken for as long as it may wait."""


class PlanMail(Value):
    """Ask for a slot for this mail. Its key is (enrolment, step, visit)."""

    step: str
    visit: int
    mail: str
    mail_class: str
    sender: str
    """Handle, or `owner` for the lead's own."""
    to: str | None = None
    """Handle of an owner to notify, or `owner`; None is the lead."""
    worth: timedelta


class RaiseHandOff(Value):
    """Offer the lead to an owner."""

    kind: str


class RecordEvent(Value):
    """Record that something happened to the lead."""

    kind: str


class SetField(Value):
    """Note a fact about the lead under its own name."""

    field: str
    value: Json


class PutTag(Value):
    """Put a tag on the lead, or take it off."""

    tag: str
    remove: bool = False


class GivePoints(Value):
    """Add to the lead's engagement, or take from it."""

    points: float
    why: str


class MoveStage(Value):
    """Move the lead to a stage of the journey's track, as far as the definition lets it go there."""

    to: str
    why: str
    reason: str | None = None
    """A code of the definition; None where the move leads back from nowhere."""


class OpenTask(Value):
    """Give an owner something to do about the lead. Its key is (enrolment, step, visit)."""

    step: str
    visit: int
    to: str
    """Handle, or `owner` for the lead's own."""
    words: str
    due: timedelta
    """From now on."""
    outcomes: tuple[str, ...]
    """What the owner may answer; at least one."""


class CloseTask(Value):
    """Its time is over: take the task back, if it is still open."""

    step: str
    visit: int


class StartRun(Value):
    """Let the lead into another journey. The run's key is `run/<enrolment id>/<key>`: the same one never runs twice."""

    journey: str
    key: str


class StopRun(Value):
    """End the lead's open runs of another journey."""

    journey: str
    outcome: str


StepEnd = Literal["passed", "skipped", "expired", "failed"]
"""How a visit to a step ends: done (a way chosen, a wait over, an effect asked for), needless, too late, or in vain."""


class Skip(Value):
    """Nothing is done outside: the run goes on, and why."""

    why: str
    ended: StepEnd = "passed"


Effect = (
    PlanMail
    | RaiseHandOff
    | RecordEvent
    | SetField
    | PutTag
    | GivePoints
    | MoveStage
    | OpenTask
    | CloseTask
    | StartRun
    | StopRun
    | Skip
)


class Do(Value):
    """Apply the effect and store `then`, in one transaction; then ask again."""

    effect: Effect
    then: Progress
    why: dict[str, Json]
    """The values that made this move (law 8)."""


class Wait(Value):
    """Nothing to do before `until`, unless one of the events in `listens` happens."""

    until: Instant
    waiting_for: str
    """In words a marketer reads, such as `day 8, or calculator finished`. Names nobody: Temporal may see it."""
    listens: tuple[str, ...]
    """Event kinds that must wake the run (see entry.hears)."""
    progress: Progress


class Call(Value):
    """Let a regular activity of that name happen, then store `then` and ask again."""

    activity: str
    step: str
    visit: int
    then: Progress


class Finish(Value):
    """The run is over."""

    outcome: str
    why: dict[str, Json]


Move = Do | Wait | Call | Finish


def how_ended(effect: Effect) -> StepEnd:
    """How a visit to a step ends whose effect this was, once the run goes on."""
    match effect:
        case Skip(ended=ended):
            return ended
        case CloseTask():
            return "expired"
        case _:
            return "passed"
