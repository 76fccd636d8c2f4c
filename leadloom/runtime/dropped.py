"""How are dropped events taken again, or let go? A page at a time, each noted once with who did it."""

from __future__ import annotations

from leadloom.domain.intake.doors.posted import REASONS
from leadloom.domain.model import Json, Value
from leadloom.runtime import lead_forms
from leadloom.runtime.tracking import Tracking
from leadloom.runtime.wiring import House
from leadloom.store import audit, dropped, intake_keys
from leadloom.store.audit import Note
from leadloom.store.dropped import DroppedEvent

_AT_A_TIME = 500


class Retried(Value):
    """What became of dropped events that were taken again."""

    taken: int = 0
    dropped_again: int = 0


async def retry(house: House, *, name: str | None = None, reason: str | None = None, by: str) -> Retried:
    """Take all of a name or a reason again; each is taken, or back on the list. Safe to repeat and to break off."""
    tracking = Tracking(house)
    async with house.db.read() as tx:
        keys = await intake_keys.every(tx)
    taken = again = 0
    last: DroppedEvent | None = None
    while True:
        async with house.db.read() as tx:
            events = await dropped.listed(tx, name=name, reason=reason, after=last, retryable=True, limit=_AT_A_TIME)
        if not events:
            break
        last = events[-1]
        forms = [event for event in events if event.reason in REASONS]
        for done, left in (
            await tracking.retry([event for event in events if event.reason not in REASONS], keys),
            await lead_forms.retry(house, forms),
        ):
            taken, again = taken + done, again + left
    await _note(house, by, "took dropped events again", name, reason, why="", events=taken)
    return Retried(taken=taken, dropped_again=again)


async def let_go(house: House, *, name: str | None, reason: str | None, by: str, why: str) -> int:
    """Delete them; how many."""
    async with house.db.transaction() as tx:
        gone = await dropped.let_go(tx, name=name, reason=reason)
    await _note(house, by, "let dropped events go", name, reason, why=why, events=gone)
    return gone


async def _note(
    house: House, by: str, action: str, name: str | None, reason: str | None, *, why: str, events: int
) -> None:
    subject = f"dropped events {name or ''}".strip()
    after: Json = {"events": events, "reason": reason}
    note = Note(at=house.now(), actor=by, action=action, subject=subject, after=after, why=why)
    async with house.db.transaction() as tx:
        await audit.note(tx, note)
