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
"""Tells Temporal. Raises when it could not tell all of them, `Untold` when it told some; being told twice is harmless
(law 5), and costs."""


class Untold(Exception):
    """Some of the rows were not heard of: the others need no telling again."""

    def __init__(self, told: Sequence[OutboxRow], first: Exception) -> None:
        super().__init__(f"{type(first).__name__}: {first}")
        self.told = tuple(told)


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
    return [OutboxRow.built(outbox_id=row["outbox_id"], wake=wake) for row, wake in zip(ids, wakes, strict=True)]


async def mark_relayed(tx: Tx, rows: Sequence[OutboxRow]) -> None:
    """Remember that Temporal has heard these."""
    await tx.run("mark_relayed", outbox_ids=[row.outbox_id for row in rows])


async def sweep(tx: Tx, relay: Relay, *, wall_age: timedelta, limit: int = 500) -> Swept:
    """Relay what a crashed or cut-off relay left behind for longer than `wall_age` (wall time, like the column).

    Two sweeps at once share the rows without meeting (SKIP LOCKED). A row that fails alone keeps its error and sinks
    behind the others, so that it can't hold them up.
    """
    rows = [_row(record) for record in await tx.all("unrelayed", wall_age=wall_age, page_limit=limit)]
    told, why = await _tell(relay, rows) if rows else ([], None)
    if why is not None and not isinstance(why, Untold):
        # It says nothing of each: one row that no relay can take must not hold up the others.
        alone = [await _tell(relay, [row]) for row in rows]
        told = [row for heard, _ in alone for row in heard]
    await mark_relayed(tx, told)
    heard = {row.outbox_id for row in told}
    failed = [{"outbox_id": row.outbox_id, "error": _words(why)} for row in rows if row.outbox_id not in heard]
    await tx.many("relay_failed", failed)
    return Swept(relayed=len(told), failed=len(failed))


async def relay_now(relay: Relay, rows: list[OutboxRow]) -> list[OutboxRow]:
    """Relay at commit; those heard. The sweep tells the others: the facts are committed, so the caller succeeded."""
    return (await _tell(relay, rows))[0]


async def _tell(relay: Relay, rows: list[OutboxRow]) -> tuple[list[OutboxRow], Exception | None]:
    """Which rows were heard, and what went wrong: a relay may fail in any way, the others are tried again."""
    try:
        await relay(rows)
    except Exception as error:
        told = list(error.told) if isinstance(error, Untold) else []
        extra = {"rows": len(rows), "told": len(told), "first": rows[0].outbox_id}
        log.warning("outbox not relayed", extra=extra, exc_info=error)
        return told, error
    return rows, None


def _words(error: Exception | None) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _row(record: Record) -> OutboxRow:
    wake = LookAgain(workflow=record["workflow"], workflow_id=record["workflow_id"], input=record["input"])
    return OutboxRow(outbox_id=record["outbox_id"], wake=wake)
