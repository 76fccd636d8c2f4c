"""Who is it now? Leads that were merged, where they went, and how: for whoever still names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from leadloom.domain.errors import NotFound
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.people.merging import United
from leadloom.store.tx import Tx

NO_MORE = ("unsubscribed", "let_go", "complained")
"""A no said while the two were one is both leads': nobody knows which of them said it."""
Rule = Literal["by hand", "one mailbox", "phone and name"]


class Merge(Value):
    """Two leads that became one."""

    merge_id: UUID
    lead_id: LeadId
    """Who the survivor is today."""
    survivor_id: LeadId
    loser_id: LeadId
    at: Instant
    by: str
    why: str
    rule: Rule
    united: dict[str, United]
    undone_at: Instant | None
    undone_by: str | None
    undone_why: str | None


async def now(tx: Tx, lead_id: LeadId) -> LeadId:
    """Who a lead is today: the survivor of one that was merged, else the same. Whether it exists is not asked."""
    return (await now_all(tx, [lead_id])).get(lead_id, lead_id)


async def now_all(tx: Tx, lead_ids: Sequence[LeadId]) -> dict[LeadId, LeadId]:
    """Who merged leads are today; all others are missing. A survivor that was merged itself has taken its own along."""
    return {row["lead_id"]: row["into_id"] for row in await tx.all("who_it_is_now", lead_ids=list(lead_ids))}


async def listed(tx: Tx, *, lead_id: LeadId | None = None, limit: int = 100) -> tuple[Merge, ...]:
    """Merges, the newest first; undone ones, too."""
    rows = await tx.all("merges", lead_id=lead_id, page_limit=limit)
    return tuple(Merge.model_validate(dict(row)) for row in rows)


class MergeRow(Merge):
    """A merge as somebody looks at it: who they were, and whether it can be undone."""

    seq: int
    name: str
    """The survivor's today."""
    was_name: str
    """The loser's, as it was."""
    was_email: str | None
    was_company: str | None
    newer: UUID | None
    """A later merge of the same lead: undone first."""
    forgotten: bool
    """They were erased: nothing is left that could be parted."""

    @property
    def can_be_undone(self) -> bool:
        """Whether an undo would be taken now."""
        return self.undone_at is None and self.newer is None and not self.forgotten

    @property
    def why_not(self) -> str:
        """Why it can't be undone; empty when it can."""
        if self.undone_at is not None:
            return f"undone on {self.undone_at:%Y-%m-%d} by {self.undone_by}"
        if self.forgotten:
            return "they were erased since"
        return "they were merged with somebody else since: that is undone first" if self.newer else ""


class Foreseen(Value):
    """What an undo would do."""

    events_back: int
    """Events that are the other lead's again."""
    events_since: int
    """What happened since the merge; the survivor keeps it."""
    runs_again: int
    talks_again: int
    said_no_since: bool
    """They ended marketing meanwhile: it will hold for both."""


async def page(
    tx: Tx, *, lead_id: LeadId | None = None, standing: bool | None = None, before: int | None = None, limit: int = 25
) -> tuple[MergeRow, ...]:
    """Merges, the newest first; `standing` leaves out those that were undone, `before` is the seq a page ends at."""
    rows = await tx.all(
        "list_merges", merge_id=None, lead_id=lead_id, standing=standing, before_seq=before, page_limit=limit
    )
    return tuple(MergeRow.model_validate(dict(row)) for row in rows)


async def get(tx: Tx, merge_id: UUID) -> MergeRow:
    """One merge. Raises NotFound."""
    every = {"lead_id": None, "standing": None, "before_seq": None, "page_limit": 1}
    row = await tx.maybe("list_merges", merge_id=merge_id, **every)
    if row is None:
        raise NotFound("merge", merge_id)
    return MergeRow.model_validate(dict(row))


async def foreseen(tx: Tx, merge_id: UUID) -> Foreseen:
    """What an undo of it would do now. Raises NotFound."""
    return Foreseen.model_validate(dict(await tx.one("foresee_parting", merge_id=merge_id, kinds=list(NO_MORE))))
