"""`do: score`: add to the lead's engagement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Acts


class ScoreStep(Acts):
    """Add points to the lead's engagement (or take some): an entry of the score like any other, decaying like it."""

    do: Literal["score"]
    points: float
    """Below 0 takes some."""
    why: str
    """Why, in words the lead's page shows."""

    def said(self) -> str:
        """`Give 10 points: told us their budget`."""
        return f"Give {self.points:g} points: {self.why}"

    def move(self, scene: Scene) -> moves.Do:
        """Give them."""
        effect = moves.GivePoints(points=self.points, why=self.why)
        return moves.Do(effect=effect, then=scene.next(), why={"engagement": scene.facts.score.engagement})

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """Points that are none, or for nothing."""
        del checked
        if not self.points:
            yield Fault(path=("points",), words="No points change nothing. Give some or take the step out.")
        if not self.why.strip():
            yield Fault(path=("why",), words="Nobody can see why. Say it in a few words.")
