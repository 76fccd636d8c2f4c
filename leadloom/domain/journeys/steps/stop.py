"""`do: stop`: end another journey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import END, Acts


class StopStep(Acts):
    """End the lead's open runs of another journey; none open is nothing."""

    do: Literal["stop"]
    journey: str
    """The other journey."""
    outcome: str | None = None
    """What its runs are remembered by; left out, `stopped by` and this journey's name."""

    def said(self) -> str:
        """`End the journey webinar-audit-season`."""
        return f"End the journey {self.journey}"

    def move(self, scene: Scene) -> moves.Do:
        """End them."""
        effect = moves.StopRun(journey=self.journey, outcome=self.outcome or f"stopped by {scene.journey.name}")
        return moves.Do(effect=effect, then=scene.next(), why={"in journeys": list(scene.facts.in_journeys)})

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """A journey that would stop itself."""
        if self.journey == checked.journey.name:
            yield Fault(path=("journey",), words=f"A run ends itself by `go` to `{END}`. Name another journey.")
