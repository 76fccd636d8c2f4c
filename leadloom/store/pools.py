"""How do the members of a pool stand, and who waits for one of them to have room?

A pool's turns are locked from the question until the offer is committed: shares stay exact however many leads come at
once and whatever dies in between. Leads and accounts are locked before pools, never after.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.handoffs.pool_members import day_of, members_of
from leadloom.domain.handoffs.sharing import MemberNow, Shared, Turn, credited_back
from leadloom.domain.wake import hand_off_looks
from leadloom.store.tx import Record, Tx


async def members(
    tx: Tx, pool: str, *, definition: Definition, absent: Collection[str], at: datetime
) -> tuple[MemberNow, ...]:
    """How each member stands, in the definition's order; their turns are held until the transaction ends."""
    turns = await _held(tx, pool, [member.owner for member in members_of(definition, pool)])
    return await _standing(tx, turns, definition=definition, absent=absent, at=at)


async def seen(
    tx: Tx, *, definition: Definition, absent: Collection[str], at: datetime
) -> dict[str, tuple[MemberNow, ...]]:
    """The members of all pools as `members` answers them, without holding anything: to look, never to deal."""
    rows = {(row["pool"], row["owner"]): row for row in await tx.all("all_turns")}
    found: dict[str, tuple[MemberNow, ...]] = {}
    for pool in definition.routing.pools:
        handles = [member.owner for member in members_of(definition, pool)]
        turns = {handle: _turn(rows.get((pool, handle))) for handle in handles}
        found[pool] = await _standing(tx, turns, definition=definition, absent=absent, at=at)
    return found


async def _standing(
    tx: Tx, turns: Mapping[str, Turn], *, definition: Definition, absent: Collection[str], at: datetime
) -> tuple[MemberNow, ...]:
    days = {handle: day_of(definition, handle, at) for handle in turns}
    rows = await tx.all("work_of_members", owners=list(days), since=[begin for begin, _ in days.values()])
    work = {row["handle"]: row for row in rows}
    return tuple(
        MemberNow(
            owner=handle,
            absent=handle in absent,
            today=work[handle]["today"],
            open=work[handle]["open"],
            turn=turn,
            tomorrow=days[handle][1],
        )
        for handle, turn in turns.items()
    )


async def write(tx: Tx, shared: Shared) -> None:
    """Keep the turns of a lead that was dealt. Not twice safe by itself: it belongs in the offer's transaction."""
    await _write(tx, shared.pool, shared.turns)


async def given_back(
    tx: Tx, pool: str | None, owner: str | None, *, reason: str | None, definition: Definition
) -> None:
    """An owner has given a lead back: they have room again, and are owed another when the reason says that the lead did
    not count. `reason` is None when it wasn't theirs by turn. For the transaction that rejects it, which happens once.
    """
    shared_by = definition.routing.pools.get(pool or "")
    if pool and owner and shared_by is not None and reason in shared_by.credit_back:
        await owed(tx, pool, owner, definition=definition)
    await look_for_room(tx, owner, definition=definition)


async def owed(tx: Tx, pool: str, owner: str, *, definition: Definition) -> None:
    """A lead an owner had by their turn did not count: they are owed another. For a transaction that happens once."""
    if (shared_by := definition.routing.pools.get(pool)) is not None:
        turns = await _held(tx, pool, [member.owner for member in members_of(definition, pool)])
        await _write(tx, pool, credited_back(shared_by, owner, turns))


async def look_for_room(tx: Tx, owner: str | None, *, definition: Definition) -> None:
    """An owner has one lead less in hand: let whoever waits longest for room in their pools look again."""
    pools = [
        name for name in definition.routing.pools if owner in {each.owner for each in members_of(definition, name)}
    ]
    for row in await tx.all("waits_for_room", pools=pools) if pools else ():
        tx.look_again(hand_off_looks(row["hand_off_id"]))


async def _held(tx: Tx, pool: str, handles: list[str]) -> dict[str, Turn]:
    await tx.run("found_turns", pool=pool, owners=sorted(handles))
    held = {row["owner"]: row for row in await tx.all("lock_turns", pool=pool)}
    return {handle: _turn(held[handle]) for handle in handles}


def _turn(row: Record | None) -> Turn:
    return Turn() if row is None else Turn(given=row["given"], due=row["due"])


async def _write(tx: Tx, pool: str, turns: Mapping[str, Turn]) -> None:
    owners = list(turns)
    given, due = [turns[owner].given for owner in owners], [turns[owner].due for owner in owners]
    await tx.run("write_turns", pool=pool, owners=owners, given=given, due=due)
