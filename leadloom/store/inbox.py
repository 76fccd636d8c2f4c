"""What work is open, and whose? Offers that wait for an answer, accepted leads that wait for a first try."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from leadloom.domain.errors import NotFound
from leadloom.domain.handoffs.answers import Answer
from leadloom.domain.model import HandOffId, Instant, LeadId, Value
from leadloom.store.names import Fragment
from leadloom.store.tx import Record, Tx


class InboxRow(Value):
    """Open work, with everything an inbox shows about it."""

    hand_off_id: HandOffId
    kind: str
    state: Literal["offered", "accepted", "rejected", "recycled"]
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
    decided_at: Instant | None
    tries: int
    """How often somebody tried to reach the lead since it was opened."""
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
    def stands(self) -> Literal["answered", "ready", "offered", "accepted", "rejected", "recycled"]:
        """`ready` waits for somebody of its pool to have room; `answered` may still be taken back."""
        if self.answer is not None:
            return "answered"
        return "ready" if self.room_by is not None else self.state

    def is_hidden(self, at: datetime) -> bool:
        """Whether its owner wants to see it later."""
        return self.snoozed_until is not None and at < self.snoozed_until

    @property
    def began_at(self) -> Instant | None:
        """When the clock that runs began."""
        return self.decided_at if self.state == "accepted" else self.offered_at or self.opened_at

    @property
    def due_at(self) -> Instant | None:
        """The clock that runs."""
        return self.first_try_by if self.state == "accepted" else self.accept_by or self.room_by


_OPEN = "h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL AND h.first_try_at IS NULL)"


async def list_open(tx: Tx, owner: str | None = None) -> tuple[InboxRow, ...]:
    """Open offers, then accepted leads nobody has tried to reach, most urgent first; of one owner, or all.

    Hidden cards are among them, and answers that may still be taken back.
    """
    is_theirs = Fragment(f"({_OPEN}) AND o.handle = {Fragment.place(1)}", (owner,))
    return await _rows(tx, is_theirs if owner else Fragment(_OPEN))


async def just_answered(tx: Tx, by: str, *, at: datetime) -> tuple[InboxRow, ...]:
    """What they answered and can still take back at `at`, the last answer first."""
    is_theirs = f"h.final_at > {Fragment.place(1)} AND h.answer -> 'decision' ->> 'by' = {Fragment.place(2)}"
    rows = await _rows(tx, Fragment(is_theirs, (at, by)))
    return tuple(sorted(rows, key=lambda row: row.answer.at if row.answer else at, reverse=True))


async def row(tx: Tx, hand_off_id: HandOffId) -> InboxRow:
    """One hand-off, open or not, as the inbox shows it. Raises NotFound."""
    found = await _rows(tx, Fragment(f"h.hand_off_id = {Fragment.place(1)}", (hand_off_id,)))
    if not found:
        raise NotFound("hand off", str(hand_off_id))
    return found[0]


async def _rows(tx: Tx, which: Fragment) -> tuple[InboxRow, ...]:
    return tuple(_row(found) for found in await tx.all_where("inbox", which))


def _row(found: Record) -> InboxRow:
    answer = Answer.model_validate(found["answer"]) if found["answer"] else None
    return InboxRow.built(**dict(found) | {"why": tuple(found["why"]), "answer": answer})


async def newest_of(tx: Tx, lead_id: LeadId) -> HandOffId | None:
    """The lead's open hand-off, else the newest that ended; None when there never was one."""
    return await tx.value("newest_hand_off_of", lead_id=lead_id)
