"""`do: tag`: put a tag on the lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Acts


class TagStep(Acts):
    """Put a tag on the lead, or take one off."""

    do: Literal["tag"]
    tag: str | None = None
    """The tag to put on; twice is once."""
    remove: str | None = None
    """The tag to take off."""

    def said(self) -> str:
        """`Tag the lead: vip`."""
        return f"Take off the tag {self.remove}" if self.tag is None else f"Tag the lead: {self.tag}"

    def move(self, scene: Scene) -> moves.Do:
        """Put it on, or take it off."""
        effect = moves.PutTag(tag=self.tag or self.remove or "", remove=self.tag is None)
        return moves.Do(effect=effect, then=scene.next(), why={"tags": list(scene.facts.tags)})

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """Not exactly one of the two."""
        del checked
        if bool(self.tag) == bool(self.remove):
            yield Fault(path=("id",), words="Say either `tag` or `remove`.")
