"""Who may be one person? Suggestions somebody decides, and pairs that somebody said are two."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.errors import BadInput
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.store import audit
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
