"""`do: stage`: move the lead to a stage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.move_reasons import may_lead_back, reason_codes
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.steps.checked import Checked, unknown
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Acts


class StageStep(Acts):
    """Move the lead to a stage of the journey's track.

    Where the definition lets no lead go there from its stage, nothing happens, and the run says so.
    """

    do: Literal["stage"]
    to: str
    """The stage. Gates and stages with a promise are passed by evidence and by sales, never by a journey."""
    why: str
    """Why, in words the lead's page shows."""
    reason: str | None = None
    """A code of `move_reasons` or `reject_reasons`; needed where leads may be further along than the stage."""

    def said(self) -> str:
        """`Move the lead to inquiry: came back after a year`."""
        return f"Move the lead to {self.to}: {self.why}"

    def move(self, scene: Scene) -> moves.Do:
        """Move it."""
        effect = moves.MoveStage(to=self.to, why=self.why, reason=self.reason)
        return moves.Do(effect=effect, then=scene.next(), why={"stage": scene.facts.stage})

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """Stages that aren't there, or aren't a journey's to give."""
        kinds = {stage.name: stage.kind for stage in checked.definition.stages}
        yield from unknown(("to",), [self.to], kinds, "stage")
        if kinds.get(self.to, "inventory") != "inventory":
            words = f"{self.to} is reached by evidence or by sales. Record an event or raise a hand-off instead."
            yield Fault(path=("to",), words=words)
        codes = reason_codes(checked.definition)
        yield from unknown(("reason",), [self.reason] if self.reason else [], codes, "reason code")
        if self.reason is None and self.to in kinds and may_lead_back(checked.definition, self.to):
            offer = f"one of {', '.join(codes)}, or a new one in `move_reasons` of the definition"
            words = f"Moving leads to {self.to} may lead them back, and that needs a code: add `reason:`, {offer}."
            yield Fault(path=("reason",), words=words)
