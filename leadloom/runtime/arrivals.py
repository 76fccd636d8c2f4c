"""Who comes in through our own doors? A posted form or a call of the API becomes a lead, in one transaction (§4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadloom.domain.capture import Door, read_form, read_json
from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.model import Json
from leadloom.runtime.responses import Reach
from leadloom.store import leads, published
from leadloom.store.leads import Captured


async def take_form(reach: Reach, fields: Mapping[str, str], door: Door, *, at: datetime) -> Captured:
    """Capture who posted a form. Safe to repeat when the door has a key. Raises BadInput."""
    async with reach.db.transaction() as tx:
        book = await published.book(tx)
        draft = read_form(fields, definition=book.definition, door=door)
        return await leads.capture(tx, draft, book=book, at=at, actor="lead")


async def take_json(reach: Reach, body: Json, door: Door, *, at: datetime) -> Captured:
    """Capture whom a call of the API tells of. Safe to repeat when the door has a key. Raises BadInput."""
    async with reach.db.transaction() as tx:
        book = await published.book(tx)
        draft = read_json(body, definition=book.definition, door=door)
        return await leads.capture(tx, _keyed(draft, door), book=book, at=at, actor="system")


def _keyed(draft: LeadDraft, door: Door) -> LeadDraft:
    """Events the sender gave no key of their own get one of the call's and their place in it."""
    if door.key is None:
        return draft
    events = tuple(_with_key(event, f"{door.key}:{place}") for place, event in enumerate(draft.events))
    return draft.model_copy(update={"events": events})


def _with_key(event: EventDraft, key: str) -> EventDraft:
    return event if event.key is not None else event.model_copy(update={"key": key})
