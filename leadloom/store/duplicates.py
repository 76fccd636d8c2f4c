"""Who may be one person? Suggestions somebody decides, and pairs that somebody said are two."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.store import audit, merges
from leadloom.store.tx import Tx


class Suggested(Value):
    """Two leads that are likely one person."""

    lead_id: LeadId
    other_id: LeadId
    names: str
    """Of both, for whoever looks."""
    bits: float
    """How likely above even; +10 is a thousand to one."""
    reasons: tuple[str, ...]
    found_at: Instant


async def suggested(tx: Tx, *, limit: int = 100) -> tuple[Suggested, ...]:
    """Open suggestions, the likeliest first."""
    rows = await tx.all("open_duplicates", page_limit=limit)
    return tuple(Suggested.model_validate(dict(row)) for row in rows)


class QueueFilter(Value):
    """Which pairs of the queue."""

    show: Literal["open", "later", "apart"] = "open"
    """`later`: put off and still open; `apart`: somebody said that they are two."""
    source: str | None = None
    """Of either."""
    least: float | None = None
    """Bits, that much or more."""
    below: float | None = None
    found_since: Instant | None = None
    found_before: Instant | None = None


class QueuePlace(Value):
    """Behind which pair a page begins."""

    after_bits: float
    after_lead: UUID
    after_other: UUID


class QueueRow(Value):
    """A pair of the queue."""

    lead_id: LeadId
    other_id: LeadId
    bits: float
    reasons: tuple[str, ...]
    found_at: Instant
    state: Literal["open", "apart"]
    put_off_until: Instant | None
    put_off_by: str | None
    decided_at: Instant | None
    decided_by: str | None
    why: str
    name: str
    other_name: str
    email: str | None
    other_email: str | None
    company: str | None
    other_company: str | None
    source: str | None
    other_source: str | None


class QueuePage(Value):
    """One page of the queue."""

    rows: tuple[QueueRow, ...]
    total: int
    next: QueuePlace | None


class QueueCounts(Value):
    """How many there are of each kind."""

    open: int
    later: int
    apart: int
    merged: int
    faults: int


class Suggestion(Value):
    """What is known of a pair; `bits` is None when a person kept them apart without being asked."""

    lead_id: LeadId
    other_id: LeadId
    bits: float | None
    reasons: tuple[str, ...]
    found_at: Instant
    state: Literal["open", "apart"]
    put_off_until: Instant | None
    put_off_by: str | None
    decided_at: Instant | None
    decided_by: str | None
    why: str


class Possible(Value):
    """Who may be the same person as a lead."""

    lead_id: LeadId
    name: str
    email: str | None
    company: str | None
    bits: float
    reasons: tuple[str, ...]
    put_off_until: Instant | None


async def queue(
    tx: Tx, which: QueueFilter, *, at: datetime, after: QueuePlace | None = None, limit: int = 25
) -> QueuePage:
    """A page of pairs, the likeliest first; as of `at`, because what was put off comes back."""
    place = after.model_dump() if after else dict.fromkeys(QueuePlace.model_fields)
    rows = await tx.all("queue_of_duplicates", **which.model_dump(), **place, at=at, page_limit=limit + 1)
    shown = tuple(QueueRow.model_validate({name: row[name] for name in QueueRow.model_fields}) for row in rows[:limit])
    total = rows[0]["total"] if rows else 0
    if len(rows) <= limit:
        return QueuePage(rows=shown, total=total, next=None)
    last = shown[-1]
    behind = QueuePlace(after_bits=last.bits, after_lead=last.lead_id, after_other=last.other_id)
    return QueuePage(rows=shown, total=total, next=behind)


async def counts(tx: Tx, *, at: datetime) -> QueueCounts:
    """How many pairs wait, were put off, kept apart and merged, and how many leads couldn't be looked at."""
    return QueueCounts.model_validate(dict(await tx.one("counts_of_duplicates", at=at)))


async def of_pair(tx: Tx, one: LeadId, other: LeadId) -> Suggestion | None:
    """What is known of a pair; None when nobody and nothing ever named them together."""
    row = await tx.maybe("suggestion_of_pair", one=one, other=other)
    return None if row is None else Suggestion.model_validate(dict(row))


async def of_lead(tx: Tx, lead_id: LeadId) -> tuple[Possible, ...]:
    """Who may be the same person, the likeliest first; those that were put off, too."""
    return tuple(Possible.model_validate(dict(row)) for row in await tx.all("suggestions_of_lead", lead_id=lead_id))


async def both(tx: Tx, one: LeadId, other: LeadId) -> tuple[LeadId, LeadId]:
    """Who the two are today. Raises NotFound for whoever isn't there."""
    now = await merges.now_all(tx, [one, other])
    pair = (now.get(one, one), now.get(other, other))
    there = {row["lead_id"] for row in await tx.all("leads_to_compare", lead_ids=list(pair))}
    for lead_id in pair:
        if lead_id not in there:
            raise NotFound("lead", lead_id)
    return pair


async def put_off(tx: Tx, one: LeadId, other: LeadId, *, until: datetime, by: str) -> None:
    """Later: the pair stands aside until then, still open. Raises NotFound when no suggestion waits."""
    if not await tx.run("put_off", one=one, other=other, until=until, by=by):
        raise NotFound("open suggestion of", f"{one} and {other}")


async def ask_again(tx: Tx, one: LeadId, other: LeadId, *, by: str, at: datetime) -> None:
    """They may be one person after all: the sweep looks at both anew. Twice is once."""
    if await tx.run("ask_again", one=one, other=other):
        await tx.run("note_to_match", lead_ids=[one, other])
        note = audit.Note(at=at, actor=by, action="keeps two leads apart no more", subject=f"lead {one}",
                          after={"other": str(other)})  # fmt: skip
        await audit.note(tx, note)


async def keep_apart(tx: Tx, one: LeadId, other: LeadId, *, why: str, by: str, at: datetime) -> None:
    """Two people: never suggested again, and merged by no rule. Twice is once. Raises BadInput for one lead."""
    if one == other:
        raise BadInput("other", str(other), "These are one lead already. Name two.")
    if not why.strip():
        raise BadInput("why", why, "Say why they are two people: it is kept.")
    await tx.run("keep_apart", one=one, other=other, at=at, by=by, why=why)
    after: dict[str, object] = {"other": str(other)}
    note = {
        "at": at,
        "actor": by,
        "action": "kept two leads apart",
        "subject": f"lead {one}",
        "after": after,
        "why": why,
    }
    await audit.note(tx, audit.Note.model_validate(note))
