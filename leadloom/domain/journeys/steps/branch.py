"""`do: branch`: choose the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import holds, looked_at, words
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import AStep, Way
from leadloom.domain.model import Json, Value


class Case(Value):
    """One arm of a branch."""

    when: Condition
    """What must hold …"""
    go: str
    """… to go to this step."""


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
            held = _known_by_permission(case.when, may_market=may_market)
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


def _known_by_permission(condition: Condition, *, may_market: bool) -> bool | None:
    """Whether the condition holds, as far as the permission alone decides it; None when it doesn't."""
    parts: list[bool | None] = [None] if _asks_more(condition) else []
    if condition.basis is not None:
        parts.append(may_market)
    parts.extend(_known_by_permission(one, may_market=may_market) for one in condition.all or ())
    if condition.any is not None:
        inner = [_known_by_permission(one, may_market=may_market) for one in condition.any]
        parts.append(True if True in inner else None if None in inner else False)
    if condition.not_ is not None:
        denied = _known_by_permission(condition.not_, may_market=may_market)
        parts.append(None if denied is None else not denied)
    if False in parts:
        return False
    return None if None in parts else True


def _asks_more(condition: Condition) -> bool:
    """Whether it asks for anything that hangs on more than the permission."""
    standing = (condition.stage, condition.fit, condition.engagement, condition.recycled_for)
    company = (condition.category, condition.company, condition.covers, condition.covers_at_least)
    journeys = (condition.tag, condition.in_journey, condition.was_in, condition.arm)
    return any(asked is not None for asked in (condition.event, condition.field, *standing, *company, *journeys))
