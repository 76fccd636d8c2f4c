"""What did clients send that couldn't be taken, why, and may it be taken now?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from leadloom.domain.intake.tracked import Drop
from leadloom.domain.model import Instant, Json, Value
from leadloom.store.tx import Tx

MOST_OF_A_KEY = 100_000
"""Rows one key may have here. Then its clients are told to come later, instead of losing what they send."""
_FIRST = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


class DroppedEvent(Value):
    """One that waits."""

    dropped_id: UUID
    key_id: UUID
    key_name: str
    key: str
    type: str
    name: str
    reason: str
    why: str
    """In words, without the values of anybody."""
    raw: Json
    at: Instant
    heard_at: Instant
    tries: int


class DroppedSort(Value):
    """All that waits for the same thing to be done."""

    key_name: str
    type: str
    name: str
    reason: str
    why: str
    events: int
    first_at: Instant
    last_at: Instant


async def has_room(tx: Tx, key_ids: Collection[UUID]) -> bool:
    """Whether these keys may put more here."""
    for key_id in sorted(key_ids):
        if not await tx.value("room_for_dropped", key_id=key_id, most=MOST_OF_A_KEY):
            return False
    return True


async def keep(tx: Tx, drops: Sequence[Drop], *, heard_at: datetime) -> None:
    """Put them on the list. The same again adds a try."""
    if drops:
        await tx.run("keep_dropped", rows=[{**drop._asdict(), "heard_at": heard_at} for drop in drops])


async def waiting(tx: Tx) -> int:
    """How many wait in all."""
    return int(await tx.value("dropped_waiting"))


async def sorts(tx: Tx, *, limit: int = 200) -> tuple[DroppedSort, ...]:
    """What waits, by key, name and reason; what came last is first."""
    return tuple(DroppedSort.model_validate(dict(row)) for row in await tx.all("dropped_sorts", page_limit=limit))


async def listed(
    tx: Tx,
    *,
    name: str | None = None,
    reason: str | None = None,
    after: DroppedEvent | None = None,
    retryable: bool = False,
    limit: int = 100,
) -> tuple[DroppedEvent, ...]:
    """One by one, oldest first; the next page is `after` the last of this one. `retryable` leaves out what was cut."""
    at, last = (after.heard_at, after.dropped_id) if after else _FIRST
    where = {"name": name, "reason": reason, "retryable": retryable}
    rows = await tx.all("dropped_events", **where, after_at=at, after_id=last, page_limit=limit)
    return tuple(DroppedEvent.model_validate(dict(row)) for row in rows)


async def get(tx: Tx, dropped_id: UUID) -> DroppedEvent | None:
    """One of them; None when it waits no more."""
    row = await tx.maybe("dropped_event", dropped_id=dropped_id)
    return None if row is None else DroppedEvent.model_validate(dict(row))


async def mend(tx: Tx, dropped_id: UUID, email: str) -> None:
    """Write the address somebody gave into a kept form."""
    await tx.run("mend_dropped_form", dropped_id=dropped_id, email=email)


async def hold(tx: Tx, ids: Sequence[UUID]) -> dict[tuple[UUID, str], UUID]:
    """Hold those that are still there until the transaction ends: by key, as `Drop` names them."""
    rows = await tx.all("hold_dropped", ids=list(ids))
    return {(row["key_id"], row["key"]): row["dropped_id"] for row in rows}


async def taken(tx: Tx, ids: Sequence[UUID]) -> None:
    """They were taken: off the list with them."""
    if ids:
        await tx.run("dropped_is_taken", ids=list(ids))


async def let_go(tx: Tx, *, name: str | None = None, reason: str | None = None) -> int:
    """Delete them; how many."""
    return await tx.run("let_go_dropped", name=name, reason=reason)


async def forget(tx: Tx, *, after: timedelta, at: datetime) -> int:
    """Delete what has waited for longer than `after`."""
    return await tx.run("forget_old_dropped", before=at - after)
