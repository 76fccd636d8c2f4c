"""Has a rep tried to reach the lead, and how often in vain? Each try is an event."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from leadloom.domain.lead import EventDraft
from leadloom.domain.model import HandOffId, Json, Value
from leadloom.store import answering, events, hand_offs
from leadloom.store.published import Book
from leadloom.store.tx import Tx


class Attempt(Value):
    """A rep tried to reach the lead."""

    by: str
    via: Literal["phone", "mail", "meeting", "link", "reply", "card", "page", "cli", "api"]
    key: str | None = None
    """The sender's own name for it: the same attempt told twice is one."""
    reached: bool = False


async def attempt(tx: Tx, hand_off_id: HandOffId, made: Attempt, *, book: Book, at: datetime) -> None:
    """A rep tried to reach the lead: each try is an event, the first stops the clock of the first try."""
    now = await answering.settle(tx, hand_off_id, made.by, book=book, at=at)
    await tx.run("first_try", hand_off_id=hand_off_id, at=at)
    data: dict[str, Json] = {"hand_off_id": str(hand_off_id), "via": made.via, "reached": made.reached}
    draft = EventDraft(kind="attempt_made", at=at, key=made.key, actor=made.by, data=data)
    await events.record(tx, now.lead_id, [draft], book=book, at=at)
    in_vain: int = await tx.value("tries_in_vain", lead_id=now.lead_id, since=now.opened_at)
    if in_vain >= book.definition.charter.sales.tries:
        used_up = EventDraft(kind="tries_used_up", at=at, key=f"hand-off:{hand_off_id}:tries", actor="system")
        await events.record(tx, now.lead_id, [used_up], book=book, at=at)
    hand_offs.looks_again(tx, hand_off_id)
