"""Has a lead come back so often that somebody must decide what is to become of them?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.handoffs.hand_off import name_of
from leadloom.domain.handoffs.routing import Asked, Routed
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.model import Instant, Value
from leadloom.domain.stages.stage_walk import OpenHandOff

_ASKED_TO_TALK = ("gate:asks", "support_raised", "appeal_upheld")
"""Asked for by a person: nobody who wants to be called waits for a committee."""


class GivenBack(Value):
    """A time a lead was given back to come again."""

    at: Instant
    by: str | None
    """Handle of who did."""


def looped(definition: Definition, order: OpenHandOff, before: Sequence[GivenBack], at: datetime) -> Routed | None:
    """To the lead-management owner, with the reason, when the lead was given back too often; None: the rules decide."""
    recycling = definition.contract.recycling
    lately = [one for one in before if at - recycling.within <= one.at <= at]
    if len(lately) < recycling.loops or order.asked_by in _ASKED_TO_TALK:
        return None
    why = (
        f"it came back {len(lately)} times in {span_words(recycling.within)}:"
        f" {name_of(definition, definition.owner)} decides what is to become of it"
    )
    asked = Asked(rule="comes back too often", matched=True, why=why)
    return Routed(owner=definition.owner, pool=None, asked=(asked,), at=at)


def passed_over(definition: Definition, before: Sequence[GivenBack]) -> frozenset[str]:
    """Who gave the lead back last, where the definition doesn't let the rules offer it to them again."""
    if definition.contract.recycling.same_owner or not before:
        return frozenset()
    last = max(before, key=lambda one: one.at)
    return frozenset([last.by]) if last.by else frozenset()
