"""Who changed what by hand, and why? A note beside each act of a person who governs; leads have events instead."""

from __future__ import annotations

from collections.abc import Sequence

from leadloom.domain.model import Instant, Json, Value
from leadloom.store.tx import Tx


class Note(Value):
    """One act."""

    at: Instant
    actor: str
    """An owner's handle, or `system`."""
    action: str
    """A verb in the past: `published`, `lifted a suppression`."""
    subject: str
    """What it was done to: `definition kelvance v3`. Ids and names of things, never an address."""
    before: Json = None
    after: Json = None
    why: str = ""


async def note(tx: Tx, what: Note) -> None:
    """Keep the note in the transaction of the act."""
    await tx.run("note_act", **what.model_dump())


async def note_once(tx: Tx, what: Sequence[Note]) -> None:
    """Keep the notes that weren't kept before: what is found again each time one looks needs to be told once."""
    rows = [note.model_dump(mode="json") for note in what]
    if rows:
        await tx.run("note_acts_once", rows=rows)


async def notes(tx: Tx, subject: str) -> tuple[Note, ...]:
    """All notes about a subject, oldest first."""
    return tuple(Note.model_validate(dict(row)) for row in await tx.all("acts_about", subject=subject))


class NoteFilter(Value):
    """Which notes."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    """Part of it."""


class Told(Value):
    """One page of notes, newest first."""

    notes: tuple[Note, ...]
    total: int
    """What the filters leave, from this page on."""
    next: int | None
    """Where the next page begins."""


async def told(tx: Tx, which: NoteFilter, *, before_id: int | None = None, limit: int = 50) -> Told:
    """Who did what, newest first, older than `before_id`."""
    rows = await tx.all("list_audit", **which.model_dump(), before_id=before_id, page_limit=limit + 1)
    shown = rows[:limit]
    return Told(
        notes=tuple(Note.model_validate({name: row[name] for name in Note.model_fields}) for row in shown),
        total=rows[0]["total"] if rows else 0,
        next=shown[-1]["audit_id"] if len(rows) > limit else None,
    )
