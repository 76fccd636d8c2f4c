"""`do: branch`: choose the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import holds, known_by_permission, looked_at, words
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import AStep, Way
from leadloom.domain.model import Json, Value


class Case(Value):
    """One arm of a branch."""

    when: Condition
    go: str
    """The step to go to."""


class Branch(AStep):
    """Go where the first case that holds says."""

    do: Literal["branch"]
    cases: tuple[Case, ...]
    """Asked in this order."""
    otherwise: str
    """The step to go to when none holds."""

    def said(self) -> str:
        """The cases are told by its ways."""
        return "Choose the way"

    def ways(self, following: str) -> tuple[Way, ...]:
        """One for each case, and the rest."""
        del following
        return (*(Way(f"if {words(case.when)}", case.go) for case in self.cases), Way("otherwise", self.otherwise))

    def open_ways(self, following: str, *, may_market: bool) -> tuple[str, ...]:
        """Cases that the permission alone decides are decided."""
        del following
        open_: list[str] = []
        for case in self.cases:
            held = known_by_permission(case.when, may_market=may_market)
            if held is not False:
                open_.append(case.go)
            if held is True:
                return tuple(open_)
        return (*open_, self.otherwise)

    def conditions(self) -> tuple[tuple[Path, Condition], ...]:
        """The cases'."""
        return tuple((("cases", arm, "when"), case.when) for arm, case in enumerate(self.cases))

    def move(self, scene: Scene) -> moves.Do:
        """Where the first case that holds says; keeps what it looked at until then."""
        why: dict[str, Json] = {}
        for case in self.cases:
            why |= looked_at(case.when, scene.facts, scene.at)
            if holds(case.when, scene.facts, scene.at):
                return scene.skip(words(case.when), scene.arrive(case.go), why)
        none_held = "; ".join(words(case.when) for case in self.cases)
        return scene.skip(f"none of: {none_held}", scene.arrive(self.otherwise), why)

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """A branch that has nothing to choose."""
        del checked
        if not self.cases:
            yield Fault(path=("id",), words="A branch without cases goes one way. Give it a case or make it a `go`.")
