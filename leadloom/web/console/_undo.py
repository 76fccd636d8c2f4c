"""What did the seat just do that can be taken back, in words, and how much of its time is over?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leadloom.domain.definitions.regions import reason_label
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.model import HandOffId
from leadloom.store.inbox import InboxRow
from leadloom.store.published import Book


@dataclass(frozen=True)
class Bar:
    """One act that can be taken back."""

    hand_off_id: HandOffId
    words: str
    act: str
    """What its button does."""
    label: str
    spent: int
    """Whole seconds of its time that are over, 0 to 9."""


def bars_of(rows: Sequence[InboxRow], book: Book, by: str, at: datetime) -> list[Bar]:
    """Answers of theirs that aren't final yet, in the order of the rows."""
    found: list[Bar] = []
    for row in rows:
        answer = row.answer
        if answer is not None and answer.decision.by == by and answer.final_at > at:
            spent = int((at - answer.at).total_seconds())
            words = _said(row, answer.decision, book)
            found.append(Bar(row.hand_off_id, words, "undo", "Undo", min(9, max(0, spent))))
    return found


def hidden_bar(row: InboxRow, until: str) -> Bar:
    """For a card that was hidden a moment ago."""
    return Bar(
        row.hand_off_id, f"{person(row)} is hidden until {until}. The clock goes on.", "wake", "Show it again", 0
    )


def person(row: InboxRow) -> str:
    """Their name, as far as known."""
    return " ".join(part for part in (row.first_name, row.last_name) if part) or "The lead"


def _said(row: InboxRow, decision: Decision, book: Book) -> str:
    if decision.kind == "accept":
        return f"You accepted {person(row)}."
    reason = reason_label(book.definition, decision.reason, row.country) if decision.reason else "later"
    return f"You gave {person(row)} back: {reason}."
