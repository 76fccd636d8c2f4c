"""What happened to a hand-off, step by step? Offers, notices, tries, answers, undone ones, moved deadlines, appeals."""

from __future__ import annotations

from leadloom.domain.model import HandOffId, Instant, Value
from leadloom.store.tx import Tx


class Step(Value):
    """One thing that happened to it."""

    at: Instant
    who: str
    """Handle, or `system`."""
    what: str
    words: str
    """Why, or how it went."""


async def steps(tx: Tx, hand_off_id: HandOffId) -> tuple[Step, ...]:
    """All of them, oldest first; none for a hand-off that isn't there."""
    return tuple(Step.model_validate(dict(row)) for row in await tx.all("log_of_hand_off", hand_off_id=hand_off_id))
