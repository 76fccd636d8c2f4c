"""`do: go`: go to another step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import END, AStep, Way
from leadloom.domain.model import Json


class Go(AStep):
    """Go to another step, at most `visits` times (a loop without a limit is refused)."""

    do: Literal["go"]
    to: str
    """The step, or `end`."""
    visits: int | None = None
    """How often at most; must be said when the way leads back."""

    def said(self) -> str:
        """`Go on with audit, at most 2 times`."""
        most = f", at most {self.visits} times" if self.visits is not None else ""
        return f"Go to the end{most}" if self.to == END else f"Go on with {self.to}{most}"

    def ways(self, following: str) -> tuple[Way, ...]:
        """There; and on, once it has gone there as often as it may."""
        there = Way("", self.to, times=self.visits)
        return (there,) if self.visits is None else (there, Way("", following))

    def move(self, scene: Scene) -> moves.Do:
        """There, if it may still be gone."""
        why: dict[str, Json] = {"visit": scene.visit, "visits allowed": self.visits}
        if self.visits is not None and scene.visit > self.visits:
            return scene.skip(f"went back to {self.to} {self.visits} times already", scene.next(), why)
        return scene.skip(f"on to {self.to}", scene.arrive(self.to), why)

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """A limit of nothing."""
        del checked
        if self.visits is not None and self.visits < 1:
            yield Fault(path=("id",), words="`visits` is at least 1.")
