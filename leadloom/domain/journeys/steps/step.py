"""What must a kind of step know about itself? Whoever walks a journey asks these, and no kind by its name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.facts import Progress
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import roughly, span_words
from leadloom.domain.journeys.day_range import Days
from leadloom.domain.journeys.moves import Do, Finish, Move, Skip
from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import Json, Value

if TYPE_CHECKING:  # a journey is made of steps
    from leadloom.domain.journeys.journey import Journey
    from leadloom.domain.journeys.steps.checked import Checked
    from leadloom.domain.journeys.steps.scene import Scene

END = "end"
"""Where a way goes when the journey is over."""


class Way(NamedTuple):
    """A way on from a step."""

    when: str
    """In words; empty for the plain way on."""
    to: str
    """Step id, or `end`."""
    times: int | None = None
    """How often a run may take it; None is any number."""
    late: bool = False
    """Taken when the step's whole time is over, not before."""


class Letter(NamedTuple):
    """A mail a step may send."""

    mail: str
    mail_class: str
    sender: str
    """Handle, or `owner` for the lead's own."""
    to: str | None
    """Handle of the owner who gets it, or `owner`; None is the lead."""
    worth: timedelta


class AStep(Value, ABC):
    """A step as far as it says nothing else: it goes on at once, asks nothing and mails nobody."""

    id: str

    @abstractmethod
    def said(self) -> str:
        """What it does as a marketer would say it: one sentence without its end."""

    @abstractmethod
    def move(self, scene: Scene) -> Move:
        """The one move a run that stands here makes now. Asked twice with nothing new, it answers the same."""

    def ways(self, following: str) -> tuple[Way, ...]:
        """All ways on; `following` is the next step in reading order, or `end`."""
        return (Way("", following),)

    def open_ways(self, following: str, *, may_market: bool) -> tuple[str, ...]:
        """Where it can go on to when all we know of the lead is whether it may get marketing mail."""
        del may_market  # only a branch looks at it
        return tuple(dict.fromkeys(way.to for way in self.ways(following)))

    def days_over(self, here: Days, dated: Mapping[str, float]) -> Days | None:
        """The days on which its whole time is over when a run comes on these; None when it takes none.

        `dated` says, for a wait that hangs on a date of the lead, on which day of the journey it ends.
        """
        del here, dated  # only waits look at them
        return None

    def conditions(self) -> tuple[tuple[Path, Condition], ...]:
        """What it asks about the lead, with the place within the step."""
        return ()

    def events_named(self) -> tuple[tuple[Path, tuple[str, ...]], ...]:
        """The kinds of event it names, with the place within the step."""
        return ()

    def letters(self, journey: Journey) -> tuple[Letter, ...]:
        """The mails it may send."""
        del journey  # only a step that mails takes class and sender from it
        return ()

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """What keeps a journey with this step from being published, beyond what all steps are asked."""
        del checked
        yield from ()

    @property
    def takes_time(self) -> bool:
        """Whether no run passes it in the instant it came."""
        return False

    @property
    def lets_time_pass(self) -> bool:
        """Whether something may have happened to the lead between a run's coming and its going on."""
        return self.takes_time

    def overdue(self, scene: Scene) -> Do | None:
        """The move of a run that comes too late for this step; None when it doesn't."""
        del scene  # only what acts can expire
        return None

    def failed(self, scene: Scene, error: str) -> Do | Finish | None:
        """The move of a run whose outside effect failed for good; None holds it for a person."""
        del scene, error
        return None


class Acts(AStep, ABC):
    """A step with an effect."""

    expires: Span | None = None
    """Not done any more when a run comes to it so long after it was due: the run goes on without."""

    def overdue(self, scene: Scene) -> Do | None:
        """Skip what nobody wants so late; what was begun in time is brought to its end."""
        if self.expires is None or scene.run.begun or scene.at - scene.run.due <= self.expires:
            return None
        late = scene.at - scene.run.due
        why: dict[str, Json] = {"due at": scene.run.due.isoformat(), "expires after": span_words(self.expires)}
        skip = Skip(why=f"expired: reached {roughly(late)} after it was due", ended="expired")
        return Do(effect=skip, then=self.passed_by(scene), why=why)

    def passed_by(self, scene: Scene) -> Progress:
        """Where a run stands that goes on without having done this."""
        return scene.next()
