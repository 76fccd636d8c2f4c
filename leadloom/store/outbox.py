"""What must Temporal hear, and has it? Rows written with their facts, relayed at commit, repaired by a sweep."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from leadloom.domain.model import Value
from leadloom.domain.wake import LookAgain
from leadloom.store.tx import Record, Tx

log = logging.getLogger(__name__)


class OutboxRow(Value):
    """One wake-up that is committed and not yet known to be relayed."""

    outbox_id: int
    wake: LookAgain


Relay = Callable[[list[OutboxRow]], Awaitable[None]]
"""Tells Temporal. Raises when it could not tell all of them; being told twice is harmless (law 5)."""


class Swept(Value):
    """What one page of the sweep did."""

    relayed: int
    failed: int


async def write(tx: Tx) -> list[OutboxRow]:
    """Write the wake-ups queued in this transaction; called once, just before its commit."""
    wakes = tx.wakes()
    if not wakes:
        return []
    ids = await tx.all(
        "write_outbox",
        workflows=[wake.workflow for wake in wakes],
        workflow_ids=[wake.workflow_id for wake in wakes],
        inputs=[wake.input for wake in wakes],
    )
    return [OutboxRow(outbox_id=row["outbox_id"], wake=wake) for row, wake in zip(ids, wakes, strict=True)]


async def mark_relayed(tx: Tx, rows: Sequence[OutboxRow]) -> None:
    """Remember that Temporal has heard these."""
    await tx.run("mark_relayed", outbox_ids=[row.outbox_id for row in rows])


async def sweep(tx: Tx, relay: Relay, *, wall_age: timedelta, limit: int = 500) -> Swept:
    """Relay what a crashed or cut-off relay left behind for longer than `wall_age` (wall time, like the column).

    Two sweeps at once share the rows without meeting (SKIP LOCKED). A row that fails alone keeps its error and sinks
    behind the others, so that it can't hold them up.
    """
    rows = [_row(record) for record in await tx.all("unrelayed", wall_age=wall_age, page_limit=limit)]
    if not rows or await _told(relay, rows) is None:
        await mark_relayed(tx, rows)
        return Swept(relayed=len(rows), failed=0)
    outcomes = [(row, await _told(relay, [row])) for row in rows]
    told = [row for row, error in outcomes if error is None]
    await mark_relayed(tx, told)
    failed = [{"outbox_id": row.outbox_id, "error": error} for row, error in outcomes if error is not None]
    await tx.many("relay_failed", failed)
    return Swept(relayed=len(told), failed=len(failed))


async def _told(relay: Relay, rows: list[OutboxRow]) -> str | None:
    """None when all were told, else the error in words: a relay may fail in any way, the rows are tried again."""
    try:
        await relay(rows)
    except Exception as error:
        log.warning("outbox not relayed", extra={"rows": len(rows), "first": rows[0].outbox_id}, exc_info=error)
        return f"{type(error).__name__}: {error}"[:500]
    return None


async def relay_now(relay: Relay, rows: list[OutboxRow]) -> bool:
    """Relay at commit. False leaves the rows to the sweep: the facts are committed, so the caller has succeeded."""
    return await _told(relay, rows) is None


def _row(record: Record) -> OutboxRow:
    wake = LookAgain(workflow=record["workflow"], workflow_id=record["workflow_id"], input=record["input"])
    return OutboxRow(outbox_id=record["outbox_id"], wake=wake)
