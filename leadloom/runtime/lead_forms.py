"""What becomes of a form of another maker? A lead; or it is kept on the list of dropped events, to be mended there."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadloom.domain.errors import BadInput, Full, NotFound, Transient
from leadloom.domain.intake.doors.posted import REASONS, Posted
from leadloom.domain.intake.identity import normal_email
from leadloom.domain.intake.tracked import Drop, Sender
from leadloom.runtime.arrivals import Arrivals
from leadloom.runtime.tracking import sender_of
from leadloom.runtime.wiring import House
from leadloom.store import audit, dropped, intake_keys, leads, published
from leadloom.store.audit import Note
from leadloom.store.dropped import DroppedEvent
from leadloom.store.tx import Tx

log = logging.getLogger(__name__)


async def take(house: House, arrivals: Arrivals, posted: Posted, sender: Sender) -> None:
    """Make the lead it tells of. What can't be taken is kept before this raises. Twice is once, by its key.

    Raises BadInput when nobody can be known by it; Transient and Full when it could not be kept either: its sender is
    told to come back.
    """
    at = house.now()
    try:
        filled = posted.filled()
        if not filled.is_test:
            await arrivals.read(lambda definition: posted.draft(filled, sender, definition, at), at=at)
    except Transient:
        raise
    except Exception as error:
        await _keep(house, posted.drop(error, sender, at), at)
        raise


async def retry(house: House, events: Sequence[DroppedEvent]) -> tuple[int, int]:
    """Take kept ones again: how many are leads now, and how many stay. Safe to repeat, also beside another."""
    async with house.db.read() as tx:
        keys = {key.key_id: key for key in await intake_keys.every(tx)}
    done = 0
    for event in events:
        done += await _again(house, event, sender_of(keys[event.key_id]))
    return done, len(events) - done


async def mend(house: House, dropped_id: UUID, email: str, *, by: str) -> bool:
    """Write this address in the place of one that is none, and take it; whether it is a lead now.

    Raises NotFound when it waits no more; BadInput for another address that is none, or for what is no form.
    """
    normal = normal_email(email)
    at = house.now()
    async with house.db.transaction() as tx:
        event = await _held(tx, dropped_id)
        await dropped.mend(tx, dropped_id, normal)
        await audit.note(tx, Note(at=at, actor=by, action="mended a form's address", subject=f"dropped {dropped_id}"))
    async with house.db.read() as tx:
        event = await dropped.get(tx, dropped_id)
    return (await retry(house, [event]))[0] == 1 if event else True


async def _held(tx: Tx, dropped_id: UUID) -> DroppedEvent:
    event = await dropped.get(tx, dropped_id)
    if event is None:
        raise NotFound("dropped event", dropped_id)
    if event.reason not in REASONS:
        raise BadInput("event", dropped_id, "Only forms of other makers can be mended: they name a person.")
    return event


async def _again(house: House, event: DroppedEvent, sender: Sender) -> bool:
    """Take one again. What still stands against it is noted with it."""
    posted = Posted.model_validate(event.raw)
    try:
        async with house.db.transaction() as tx:
            if not await dropped.hold(tx, [event.dropped_id]):
                return True  # somebody else took it, or let it go
            book = await published.book(tx)
            draft = posted.draft(posted.filled(), sender, book.definition, event.at)
            await leads.capture(tx, draft, book=book, at=house.now(), actor="lead")
            await dropped.taken(tx, [event.dropped_id])
    except Transient:
        raise
    except Exception as error:
        log.info("a kept form can't be taken yet", extra={"error": type(error).__name__})
        again = posted.drop(error, sender, event.at)._replace(key=event.key)
        async with house.db.transaction() as tx:
            await dropped.keep(tx, [again], heard_at=event.heard_at)
        return False
    return True


async def _keep(house: House, drop: Drop, at: datetime) -> None:
    async with house.db.transaction() as tx:
        if not await dropped.has_room(tx, {drop.key_id}):
            raise Full("The list of dropped events of this key is full: somebody must look at it.")
        await dropped.keep(tx, [drop], heard_at=at)
