"""What lies on the desks of the team, what was lost where, and what came back? Reads for whoever leads sales."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.handoffs.hand_off import HandOffState
from leadloom.domain.handoffs.pool_members import day_of
from leadloom.domain.model import HandOffId, Instant, Value
from leadloom.domain.reports.given_back import DecidedLead
from leadloom.domain.reports.two_clocks import Told
from leadloom.store.rows import PersonRow
from leadloom.store.tx import Record, Tx

SHOWN = 200
"""Rows of a list at most; its total says how many there are."""


class OpenWork(Value):
    """Sums of what waits for somebody."""

    offered: int
    overdue: int
    in_pools: int
    """Of the offered: to be taken by whoever is first."""
    waiting_for_room: int
    untried: int
    """Accepted, and nobody tried to reach them yet."""
    untried_overdue: int


class Desk(Value):
    """What somebody has."""

    handle: str
    offered: int
    accepted: int
    """In conversation."""
    untried: int
    today: int
    """Offers since the beginning of their day."""

    @property
    def in_hand(self) -> int:
        """What counts for their capacity."""
        return self.offered + self.accepted


class OfferRow(PersonRow):
    """An open offer."""

    hand_off_id: HandOffId
    kind: str
    assignment_no: int
    owner: str | None
    pool: str | None
    accept_by: Instant | None
    room_by: Instant | None
    why: tuple[str, ...]
    is_worked: bool
    """Whoever has it has tried to reach the lead: it is not pulled."""

    @property
    def due_at(self) -> Instant | None:
        """The clock that runs."""
        return self.accept_by or self.room_by


class HeldRow(PersonRow):
    """A lead in the hands of somebody who is away, or has left."""

    hand_off_id: HandOffId
    state: str
    owner: str


async def open_work(tx: Tx, *, at: datetime) -> OpenWork:
    """The sums, in one look at open rows."""
    return OpenWork.model_validate(dict(await tx.one("team_open", at=at)))


async def desks(tx: Tx, handles: Sequence[str], *, definition: Definition, at: datetime) -> dict[str, Desk]:
    """By handle; whom the store doesn't know is missing."""
    since = [day_of(definition, handle, at)[0] for handle in handles]
    rows = await tx.all("team_desks", owners=list(handles), since=since)
    return {row["handle"]: Desk.model_validate(dict(row)) for row in rows}


async def offers(
    tx: Tx, *, owner: str | None = None, ids: Sequence[HandOffId] | None = None
) -> tuple[tuple[OfferRow, ...], int]:
    """Open offers, most urgent first, at most SHOWN; and how many there are."""
    rows = await tx.all("team_offers", owner=owner, ids=None if ids is None else list(ids), page_limit=SHOWN)
    return tuple(OfferRow.model_validate(_without_total(row)) for row in rows), rows[0]["total"] if rows else 0


async def states(tx: Tx, ids: Sequence[HandOffId]) -> dict[HandOffId, HandOffState]:
    """Where these open offers stand, for whoever asks what their clocks will do."""
    rows = await tx.all("team_states", ids=list(ids))
    return {
        row["hand_off_id"]: HandOffState.model_validate(
            {name: value for name, value in row.items() if name != "hand_off_id"}
        )
        for row in rows
    }


async def held_by_absent(tx: Tx, definition: Definition, *, at: datetime) -> tuple[tuple[HeldRow, ...], int]:
    """Leads whose owner is away or left, at most SHOWN; and how many there are."""
    known = [entry.handle for entry in definition.owners]
    rows = await tx.all("held_by_absent", known=known, at=at, page_limit=SHOWN)
    return tuple(HeldRow.model_validate(_without_total(row)) for row in rows), rows[0]["total"] if rows else 0


async def told(tx: Tx, *, as_of: Instant, since: Instant | None) -> dict[HandOffId, Told]:
    """When each hand-off began, and when its first notice went; not those that ended before `since`."""
    rows = await tx.all("team_told", as_of=as_of, since=since)
    return {row["hand_off_id"]: Told.model_validate(dict(row)) for row in rows}


async def decided(tx: Tx, *, as_of: Instant, since: Instant | None) -> tuple[DecidedLead, ...]:
    """What was decided by `as_of` and not before `since`, oldest first."""
    rows = await tx.all("team_decided", as_of=as_of, since=since)
    return tuple(DecidedLead.model_validate(dict(row)) for row in rows)


def _without_total(row: Record) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "total"}
