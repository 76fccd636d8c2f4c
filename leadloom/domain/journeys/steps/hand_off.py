"""`do: hand_off`: offer the lead to an owner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.steps.checked import Checked, unknown
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Acts


class HandOffStep(Acts):
    """Offer the lead to an owner; the journey goes on."""

    do: Literal["hand_off"]
    kind: str
    """A key of the definition's hand-off kinds."""

    def said(self) -> str:
        """`Offer the lead to an owner (hand-raise)`."""
        return f"Offer the lead to an owner ({self.kind})"

    def move(self, scene: Scene) -> moves.Do:
        """Raise it."""
        effect = moves.RaiseHandOff(kind=self.kind)
        return moves.Do(effect=effect, then=scene.next(), why={"stage": scene.facts.stage})

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """A kind the definition doesn't have."""
        yield from unknown(("kind",), [self.kind], checked.definition.hand_offs, "hand-off kind")
