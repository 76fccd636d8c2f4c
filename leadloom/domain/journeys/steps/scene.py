"""What does a step see when a run stands at it, and how does a run go on from there?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from leadloom.domain.facts import Facts, Progress
from leadloom.domain.journeys.moves import Do, Skip, StepEnd
from leadloom.domain.model import Json

if TYPE_CHECKING:  # a journey is made of steps
    from leadloom.domain.journeys.journey import Journey


@dataclass(frozen=True)
class Scene:
    """One look of one run: the version it began with, where it stands, what is known, and now."""

    journey: Journey
    run: Progress
    facts: Facts
    at: datetime

    @property
    def visit(self) -> int:
        """How often the run came to this step, this time included."""
        return self.run.visits.get(self.run.step, 1)

    @property
    def day_0(self) -> datetime:
        """From when the days of the journey count."""
        return self.run.day_0 or self.facts.entered_at

    def arrive(self, target: str, *, due_at: datetime | None = None) -> Progress:
        """The progress of a run that comes to a step now: later events count, earlier ones don't.

        `due_at` is when it should have come; left out, it is as late as it was here.
        """
        last_no = max((event.no for event in self.facts.events), default=0)
        due = min(due_at or self.run.due, self.at)
        return Progress.built(
            step=target,
            arrived_at=self.at,
            arrived_no=max(self.run.arrived_no, last_no),
            visits={**self.run.visits, target: self.run.visits.get(target, 0) + 1},
            due_at=None if due == self.at else due,
            day_0=self.run.day_0,
            passed=self.run.passed,
        )

    def next(self, *, due_at: datetime | None = None) -> Progress:
        """The progress of a run that goes on in reading order."""
        return self.arrive(self.journey.after(self.run.step), due_at=due_at)

    def here(self) -> Progress:
        """The progress of a run that has done its step's effect and stays for what comes of it."""
        return self.run.but(begun=True)

    def skip(self, why: str, then: Progress, values: dict[str, Json], *, ended: StepEnd = "passed") -> Do:
        """Go on without an effect, and say why and how the step ended by it."""
        return Do(effect=Skip(why=why, ended=ended), then=then, why=values)
