"""What work is open, and whose? Offers that wait for an answer, accepted leads that wait for a first try."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from leadloom.domain.handoffs.answers import Answer
from leadloom.domain.model import HandOffId, Instant, LeadId, Value
from leadloom.store.tx import Tx


class InboxRow(Value):
    """Open work, with everything an inbox shows about it."""

    hand_off_id: HandOffId
    kind: str
    state: Literal["offered", "accepted"]
    assignment_no: int
    level: int
    pool: str | None
    owner: str | None
    why: tuple[str, ...]
    opened_at: Instant
    offered_at: Instant | None
    accept_by: Instant | None
    room_by: Instant | None
    first_try_by: Instant | None
    waiting_for: str | None
    waits_until: Instant | None
    blocked_at: Instant | None
    lead_id: LeadId
    first_name: str | None
    last_name: str | None
    company: str | None
    country: str | None
    role: str | None
    members: int
    """Colleagues who came along."""
    answer: Answer | None
    """What was answered and can still be taken back."""
    snoozed_until: Instant | None

    @property
    def stands(self) -> Literal["answered", "ready", "offered", "accepted"]:
        """`ready` waits for somebody of its pool to have room; `answered` may still be taken back."""
        if self.answer is not None:
            return "answered"
        return "ready" if self.room_by is not None else self.state

    def is_hidden(self, at: datetime) -> bool:
        """Whether its owner wants to see it later."""
        return self.snoozed_until is not None and at < self.snoozed_until

    @property
    def due_at(self) -> Instant | None:
        """The clock that runs."""
        return self.first_try_by if self.state == "accepted" else self.accept_by or self.room_by


async def list_open(tx: Tx, owner: str | None = None) -> tuple[InboxRow, ...]:
    """Open offers, then accepted leads nobody has tried to reach, most urgent first; of one owner, or all.

    Hidden cards are among them.
    """
    return tuple(InboxRow.model_validate(dict(row)) for row in await tx.all("inbox", owner=owner))
