"""`do: call`: let an outside effect happen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, ValidationError

from leadloom.domain.definitions.draft_faults import Fault, faults_of
from leadloom.domain.facts import Progress
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.outside import Outside
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Way
from leadloom.domain.model import Json


class Call(Outside):
    """Let an outside effect happen: a custom step in Python, safe to repeat, tried three times."""

    do: Literal["call"]
    activity: str
    """Name of the custom step: of a function in `activities/` (see the how-to of adding a step)."""
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

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """A custom step nobody wrote, or one that is told what its schema refuses."""
        yield from super().faults(checked)
        schema = checked.custom_steps.get(self.activity)
        if schema is None:
            known = ", ".join(sorted(checked.custom_steps))
            there_is = f"There is: {known}." if known else "There is none yet."
            words = f"There is no custom step {self.activity}. {there_is} Correct the name, or write it in activities/."
            yield Fault(path=("activity",), words=words)
            return
        try:
            schema.model_validate(self.with_)
        except ValidationError as error:
            for fault in faults_of(error):
                yield Fault(path=("with", *fault.path), words=fault.words)
