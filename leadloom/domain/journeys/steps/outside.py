"""What do steps have in common that an activity of their own does, outside the transaction?"""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterator

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Acts, Way
from leadloom.domain.model import Json

_GO = "go:"
_KNOWN = ("block", "skip", "exit")


class Outside(Acts, ABC):
    """An effect outside: safe to repeat by its key (enrolment, step, visit), tried three times."""

    on_failure: str = "block"
    """When it failed for good: `block` holds the run for a person, `skip` goes on, `exit` ends the run with the outcome
    `failed at <step>`, `go:<step>` goes to that step."""

    @property
    def lets_time_pass(self) -> bool:
        """An activity takes a while."""
        return True

    def ways(self, following: str) -> tuple[Way, ...]:
        """On when it is done, and where a failure leads."""
        done = Way("", following)
        return (done, Way("if it fails", self.rescue)) if self.rescue else (done,)

    @property
    def rescue(self) -> str | None:
        """The step a failure leads to."""
        return self.on_failure.removeprefix(_GO) if self.on_failure.startswith(_GO) else None

    def called(self, scene: Scene, activity: str) -> moves.Call:
        """Let the activity happen."""
        return moves.Call(activity=activity, step=self.id, visit=scene.visit, then=self.passed_by(scene))

    def failed(self, scene: Scene, error: str) -> moves.Do | moves.Finish | None:
        """What `on_failure` says; None is `block`."""
        why: dict[str, Json] = {"error": error, "on failure": self.on_failure}
        if self.on_failure == "exit":
            return moves.Finish(outcome=f"failed at {self.id}", why=why)
        if self.on_failure == "skip":
            return scene.skip("failed, so the run goes on without", self.passed_by(scene), why, ended="failed")
        if self.rescue is not None:
            return scene.skip(f"failed, so on to {self.rescue}", scene.arrive(self.rescue), why, ended="failed")
        return None

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """A word for failures that nobody knows; unknown steps are found with all ways."""
        del checked
        if self.on_failure not in _KNOWN and not self.rescue:
            yield Fault(path=("on_failure",), words="Write `block`, `skip`, `exit`, or `go:` and the id of a step.")
