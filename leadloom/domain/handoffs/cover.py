"""What becomes of somebody's open offers while they are away, and from whom may an offer be taken?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.handoffs.hand_off import HandOffState, Offer, calendar_of, next_hand_off_move
from leadloom.domain.model import Instant, Value


class Absence(Value):
    """A time somebody is away."""

    handle: str
    from_at: Instant
    until_at: Instant
    """Not included."""


def goes_to(definition: Definition, state: HandOffState, absent: Collection[str], at: datetime) -> Offer | None:
    """Where an open offer goes at `at`, when its owner is away from then on; None: it stays where it is, because
    somebody is working it. The same question its clock asks, so that a preview says what will happen.
    """
    move = next_hand_off_move(definition, state, calendar_of(definition, state.owner), absent, at)
    return move if isinstance(move, Offer) else None


def is_worked(state: HandOffState) -> bool:
    """Whether whoever is offered it has tried to reach the lead since: such an offer is not pulled."""
    tried, offered = state.first_try_at, state.offered_at
    return tried is not None and offered is not None and tried >= offered
