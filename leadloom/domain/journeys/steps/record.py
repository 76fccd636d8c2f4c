"""`do: record`: note that something happened."""

from __future__ import annotations

from typing import Literal

from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.conditions import in_words
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Acts


class Record(Acts):
    """Record that something happened (an event of the definition), such as `reference_asked`."""

    do: Literal["record"]
    event: str
    """A kind of event of the definition."""

    def said(self) -> str:
        """`Note that it happened: reference asked`."""
        return f"Note that it happened: {in_words(self.event)}"

    def events_named(self) -> tuple[tuple[Path, tuple[str, ...]], ...]:
        """The one it records."""
        return ((("event",), (self.event,)),)

    def move(self, scene: Scene) -> moves.Do:
        """Record it."""
        return moves.Do(effect=moves.RecordEvent(kind=self.event), then=scene.next(), why={"step": self.id})
