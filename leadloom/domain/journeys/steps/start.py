"""`do: start`: begin another journey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.facts import BegunRun, Progress
from leadloom.domain.journeys import moves, pauses
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.journeys.day_range import Days
from leadloom.domain.journeys.spans import Span
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Acts, Way
from leadloom.domain.model import Json

ENDED = "journey_ended"
"""The event that tells of the end of a run that another one waits for."""


class StartStep(Acts):
    """Let the lead into another journey; with `wait`, stay here until that run has ended.

    Where that journey lets the lead not in (in it already, or once only), this one says so and goes on as `otherwise`.
    """

    do: Literal["start"]
    journey: str
    """The other journey."""
    key: str | None = None
    """A name for the run, if coming here again shall not begin another one."""
    wait: Span | None = None
    """Stay until that run has ended, at most so long."""
    otherwise: str | None = None
    """With `wait`: where to go when it didn't begin, or hasn't ended by then; left out, on like the rest."""

    def said(self) -> str:
        """`Begin the journey onboarding, and wait for its end, at most 30 days`."""
        waits_ = f", and wait for its end, at most {span_words(self.wait)}" if self.wait is not None else ""
        return f"Begin the journey {self.journey}{waits_}"

    def ways(self, following: str) -> tuple[Way, ...]:
        """On at once, or when that run has ended, or when it hasn't."""
        if self.wait is None:
            return (Way("", following),)
        # Not `late`: a journey that lets the lead not in is waited for by nobody.
        return Way("when it has ended", following), Way("otherwise", self.otherwise or following)

    def days_over(self, here: Days, dated: Mapping[str, float]) -> Days | None:
        """Until the end of its patience."""
        del dated
        return None if self.wait is None else here.later(self.wait)

    def passed_by(self, scene: Scene) -> Progress:
        """As if it had not begun."""
        return scene.next() if self.otherwise is None else scene.arrive(self.otherwise)

    def move(self, scene: Scene) -> moves.Do | moves.Wait:
        """Begin it, then look how it fares."""
        key = self.key or f"{self.id}/{scene.visit}"
        if not scene.run.begun:
            then = scene.next() if self.wait is None else scene.here()
            effect = moves.StartRun(journey=self.journey, key=key)
            return moves.Do(effect=effect, then=then, why={"in journeys": list(scene.facts.in_journeys)})
        run = next((one for one in scene.facts.runs_begun if self._is(one, key)), None)
        if run is None:
            return scene.skip(f"{self.journey} did not begin", self.passed_by(scene), {"key": key}, ended="failed")
        values: dict[str, Json] = {"key": key, "status": run.status, "outcome": run.outcome}
        if run.status != "active":
            then = scene.arrive(scene.journey.after(self.id), due_at=scene.at)
            return scene.skip(f"{self.journey} has ended: {run.outcome or run.status}", then, values)
        until = pauses.ends(scene.run.arrived_at, self.wait or timedelta(), scene.facts.pauses)
        if scene.at < until:
            waiting_for = f"the journey {self.journey} to end"
            return moves.Wait(until=until, waiting_for=waiting_for, listens=(ENDED,), progress=scene.run)
        target = self.otherwise or scene.journey.after(self.id)
        why = f"{self.journey} has not ended within {span_words(self.wait or timedelta())}"
        return scene.skip(why, scene.arrive(target, due_at=until), values | {"until": until.isoformat()})

    @property
    def lets_time_pass(self) -> bool:
        """While that run lasts."""
        return self.wait is not None

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """A journey within itself, and a way that is never taken."""
        if self.journey == checked.journey.name:
            yield Fault(path=("journey",), words="A journey can't begin itself. Go back by a `go` step with `visits`.")
        if self.otherwise is not None and self.wait is None:
            yield Fault(
                path=("otherwise",), words="`otherwise` goes with `wait`. Say how long to wait, or take it out."
            )

    def _is(self, run: BegunRun, key: str) -> bool:
        return run.journey == self.journey and (run.key == key or run.key.endswith(f"/{key}"))
