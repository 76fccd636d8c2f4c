"""`do: set`: note a fact about the lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.conditions import in_words, value_of
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Acts
from leadloom.domain.model import Json

_NOT_OURS = frozenset({"lead_id", "account_id", "owner_id", "created_at", "email", "attributes"})
"""What identifies a lead or is somebody else's to say."""


class SetStep(Acts):
    """Note a fact about the lead under a name of its own; what was told there before gives way."""

    do: Literal["set"]
    field: str
    """The field of the lead or, when it has none of that name, the attribute."""
    value: Json
    """What it is from now on; `null` takes it away."""

    def said(self) -> str:
        """`Note that plan is annual`."""
        known = "not known" if self.value is None else f"{self.value}"
        return f"Note that {in_words(self.field)} is {known}"

    def move(self, scene: Scene) -> moves.Do:
        """Note it; remembers what was known before."""
        effect = moves.SetField(field=self.field, value=self.value)
        return moves.Do(effect=effect, then=scene.next(), why={"before": value_of(self.field, scene.facts)})

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """Fields a journey has no say in."""
        del checked
        if self.field in _NOT_OURS:
            words = f"A journey doesn't say who a lead is: {self.field} can't be set. Name another field."
            yield Fault(path=("field",), words=words)
