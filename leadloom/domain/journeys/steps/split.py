"""`do: split`: choose the way by lot, the same for a lead whenever it is drawn."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import AStep, Way
from leadloom.domain.model import LeadId, Value

_ALL = 2**52
"""Fractions are made of 52 bits, which a double holds exactly: whoever draws again draws the same arm."""
_WHOLE = 100.0


class Arm(Value):
    """One way of a split."""

    name: str
    """What reports call it."""
    share: float
    """Percent of the leads; all shares make 100."""
    go: str
    """The step to go to."""


class Split(AStep):
    """Send shares of the leads different ways.

    A lead stays in its arm: on re-entry, and wherever the same experiment is split.
    """

    do: Literal["split"]
    experiment: str | None = None
    """What the lot is drawn for; splits of one name draw the same. Left out: this journey's step alone."""
    arms: tuple[Arm, ...]
    """At least two; the order is part of the draw, so add new ones at the end."""

    def said(self) -> str:
        """`Split: a 50 %, b 50 %`."""
        return f"Split: {', '.join(f'{arm.name} {arm.share:g} %' for arm in self.arms)}"

    def ways(self, following: str) -> tuple[Way, ...]:
        """One for each arm."""
        del following
        return tuple(Way(f"{arm.share:g} %: {arm.name}", arm.go) for arm in self.arms)

    def move(self, scene: Scene) -> moves.Do:
        """The lead's arm."""
        experiment = self.experiment or f"{scene.journey.name}/{self.id}"
        drawn = fraction(scene.facts.lead.lead_id, experiment)
        arm = arm_at(self.arms, drawn)
        why = {"experiment": experiment, "arm": arm.name, "drawn": round(drawn * _WHOLE, 4), "share": arm.share}
        return scene.skip(f"drew {arm.name} of {experiment}", scene.arrive(arm.go), {**why})

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """Shares that make no whole, and arms nobody could tell apart."""
        del checked
        if len(self.arms) < 2:
            yield Fault(path=("arms",), words="A split has at least two arms. Add one, or go on without it.")
        if any(arm.share <= 0 for arm in self.arms):
            yield Fault(path=("arms",), words="An arm without a share gets nobody. Give it one or take it out.")
        if abs((whole := sum(arm.share for arm in self.arms)) - _WHOLE) > 1e-6:
            yield Fault(path=("arms",), words=f"The shares make {whole:g}, not 100. Change them until they do.")
        for name, number in Counter(arm.name for arm in self.arms).items():
            if number > 1:
                yield Fault(path=("arms",), words=f"Two arms are called {name}. Give each its own name.")


def fraction(lead_id: LeadId, experiment: str) -> float:
    """A number in [0, 1) that belongs to this lead in this experiment."""
    digest = hashlib.sha256(f"{lead_id}/{experiment}".encode()).hexdigest()
    return int(digest[:13], 16) / _ALL


def arm_at(arms: tuple[Arm, ...], drawn: float) -> Arm:
    """The arm that a fraction falls into; the last one takes what rounding leaves."""
    reached = 0.0
    for arm in arms:
        reached += arm.share / _WHOLE
        if drawn < reached:
            return arm
    return arms[-1]
