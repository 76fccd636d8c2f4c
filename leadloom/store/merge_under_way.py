"""Which two leads are becoming one, and which numbers do their events get? What every part of a merge works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadloom.domain.model import LeadId
from leadloom.domain.people.merging import Side, places_among
from leadloom.store.published import Book
from leadloom.store.tx import Tx


@dataclass
class Merging:
    """One merge under way; both leads are held."""

    tx: Tx
    book: Book
    at: datetime
    merge_id: UUID
    survivor: Side
    loser: Side

    @property
    def mine(self) -> LeadId:
        """The survivor."""
        return self.survivor.lead.lead_id

    @property
    def theirs(self) -> LeadId:
        """The loser."""
        return self.loser.lead.lead_id

    @property
    def both(self) -> list[LeadId]:
        """Survivor, loser."""
        return [self.mine, self.theirs]


@dataclass(frozen=True)
class Numbers:
    """The new numbers of both leads' events 1, 2, 3 …, and when each happened."""

    mine: tuple[int, ...]
    theirs: tuple[int, ...]
    at_of: Mapping[int, datetime]
    """By the new number."""

    @property
    def last(self) -> int:
        """Of all events together."""
        return len(self.mine) + len(self.theirs)


async def numbered(this: Merging) -> Numbers:
    """By their instants, each lead's own order kept; changes nothing yet."""
    instants: dict[LeadId, list[datetime]] = {this.mine: [], this.theirs: []}
    for row in await this.tx.all("instants_of_events", lead_ids=this.both):
        instants[row["lead_id"]].append(row["at"])
    theirs = places_among(instants[this.mine], instants[this.theirs])
    taken = set(theirs)
    mine = tuple(no for no in range(1, len(instants[this.mine]) + len(theirs) + 1) if no not in taken)
    at_of = dict(zip((*mine, *theirs), (*instants[this.mine], *instants[this.theirs]), strict=True))
    return Numbers(mine, theirs, at_of)


def said_by(merge_id: UUID) -> str:
    """Who carried a no over from one lead to the other."""
    return f"merge {merge_id}"
