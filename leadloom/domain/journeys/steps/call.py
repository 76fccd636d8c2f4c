"""`do: call`: let an outside effect happen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadloom.domain.facts import Progress
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.steps.outside import Outside
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Way
from leadloom.domain.model import Json


class Call(Outside):
    """Let an outside effect happen: a regular activity of that name, safe to repeat, with its own retries."""

    do: Literal["call"]
    activity: str
    """The name it is registered under."""
    with_: dict[str, Json] = Field(default_factory=dict, alias="with")
    """What the activity is told besides which run; its own schema says what it takes."""
    then: str | None = None
    """Where to go afterwards; None is the next step."""

    def said(self) -> str:
        """`Let sync_crm happen outside`."""
        return f"Let {self.activity} happen outside"

    def ways(self, following: str) -> tuple[Way, ...]:
        """Where `then` says."""
        ways = super().ways(following)
        return ways if self.then is None else (Way("then", self.then), *ways[1:])

    def passed_by(self, scene: Scene) -> Progress:
        """Where `then` says, too."""
        return scene.next() if self.then is None else scene.arrive(self.then)

    def move(self, scene: Scene) -> moves.Call:
        """Let the activity happen."""
        return self.called(scene, self.activity)
