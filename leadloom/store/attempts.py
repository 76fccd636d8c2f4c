"""Has a rep tried to reach the lead, and how often in vain? Each try is an event."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import HandOffId, Instant, Json, Value
from leadloom.store import answering, events, hand_offs
from leadloom.store.published import Book
from leadloom.store.tx import Tx

_LONGEST = 100
Evidence = Literal["call-log", "mail", "reply", "crm", "self-said"]


class Made(Value):
    """A try, as it was kept."""

    at: Instant
    by: str
    via: str
    evidence: str
    reference: str | None
    reached: bool
    counts: bool
    """By the definition in force when it was noted."""


class Attempt(Value):
    """A rep tried to reach the lead."""

    by: str
    via: Literal["phone", "mail", "meeting", "link", "reply", "card", "page", "cli", "api"]
    evidence: Evidence = "self-said"
    """What shows it; the definition says which kinds count."""
    reference: str | None = None
    """Where it is found: the id of the call, mail or activity in the system that has it. Never a name or address."""
    key: str | None = None
    """The sender's own name for it: the same attempt told twice is one."""
    reached: bool = False


async def attempt(tx: Tx, hand_off_id: HandOffId, made: Attempt, *, book: Book, at: datetime) -> None:
    """A rep tried to reach the lead: each try is an event; the first that counts stops the clock of the first try.

    A reply of the lead shows that they were reached. Raises Conflict when it was given back, BadInput for a
    reference too long, NotFound.
    """
    if len(made.reference or "") > _LONGEST:
        raise BadInput(
            "reference", (made.reference or "")[:40], f"Name where it is found, in at most {_LONGEST} characters."
        )
    now = await answering.settle(tx, hand_off_id, made.by, book=book, at=at)
    if now.state not in ("offered", "accepted") or now.reason is not None:
        raise Conflict("It was given back: nobody works this lead now, so there is no try to note.")
    counts = book.definition.contract.evidence[made.evidence].counts
    if counts:
        await tx.run("first_try", hand_off_id=hand_off_id, at=at)
    data: dict[str, Json] = {
        "hand_off_id": str(hand_off_id), "via": made.via, "reached": made.reached or made.evidence == "reply",
        "evidence": made.evidence, "counts": counts, **({"reference": made.reference} if made.reference else {}),
    }  # fmt: skip
    draft = EventDraft(kind="attempt_made", at=at, key=made.key, actor=made.by, data=data)
    await events.record(tx, now.lead_id, [draft], book=book, at=at)
    in_vain: int = await tx.value("tries_in_vain", lead_id=now.lead_id, since=now.opened_at)
    if in_vain >= book.definition.charter.sales.tries:
        used_up = EventDraft(kind="tries_used_up", at=at, key=f"hand-off:{hand_off_id}:tries", actor="system")
        await events.record(tx, now.lead_id, [used_up], book=book, at=at)
    hand_offs.looks_again(tx, hand_off_id)


async def of_hand_off(tx: Tx, hand_off_id: HandOffId) -> tuple[Made, ...]:
    """The tries of a hand-off with what shows them, oldest first."""
    rows = await tx.all("tries_of_hand_off", hand_off_id=str(hand_off_id))
    return tuple(Made.model_validate(dict(row)) for row in rows)
