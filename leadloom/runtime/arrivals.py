"""Who comes in through our doors? Whoever stands there at the same moment becomes leads in one transaction (§4.1)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.capture import Door, read_form, read_json
from leadloom.domain.intake.companies import touched_by
from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.model import Json
from leadloom.runtime.entrance import Arrival, Entrance
from leadloom.store import leads, published
from leadloom.store.db import Db
from leadloom.store.leads import Captured
from leadloom.store.tx import Tx


class Arrivals:
    """The doors of one process: forms, and calls of the API."""

    def __init__(self, db: Db) -> None:
        """One for each process: arrivals of two would not share their commits."""
        self._forms, self._calls = _Door(db, actor="lead"), _Door(db, actor="system")

    async def form(self, fields: Mapping[str, str], door: Door, *, at: datetime) -> Captured:
        """Capture who posted a form. Safe to repeat when the door has a key. Raises BadInput."""
        return await self._forms.take(
            lambda definition: read_form(fields, definition=definition, door=door), at, touches=touched_by(fields)
        )

    async def call(self, body: Json, door: Door, *, at: datetime) -> Captured:
        """Capture whom a call of the API tells of. Safe to repeat when the door has a key. Raises BadInput."""
        return await self._calls.take(
            lambda definition: keyed(read_json(body, definition=definition, door=door), door),
            at,
            touches=touched_by(body) if isinstance(body, dict) else (),
        )

    async def read(self, read: Callable[[Definition], LeadDraft], *, at: datetime) -> Captured:
        """Capture whom another maker's form tells of, read by whoever knows its shape. Raises BadInput."""
        return await self._forms.take(read, at)


@dataclass(frozen=True)
class _Told:
    read: Callable[[Definition], LeadDraft]
    at: datetime


class _Door:
    """One actor's: who comes through it is captured under that name."""

    def __init__(self, db: Db, *, actor: str) -> None:
        self._entrance, self._actor = Entrance[_Told, Captured](db, self._capture), actor

    async def take(
        self, read: Callable[[Definition], LeadDraft], at: datetime, *, touches: Collection[str] = ()
    ) -> Captured:
        """What became of one arrival. Raises what stood against this one alone: BadInput, Transient."""
        return await self._entrance.take(_Told(read, at), touches=touches)

    async def _capture(
        self, tx: Tx, group: Sequence[Arrival[_Told, Captured]]
    ) -> list[tuple[Arrival[_Told, Captured], Captured]]:
        book = await published.book(tx)
        readable: list[tuple[Arrival[_Told, Captured], LeadDraft]] = []
        for arrival in group:
            try:
                readable.append((arrival, arrival.what.read(book.definition)))
            except BadInput as error:
                arrival.refuse(error)
        if not readable:
            return []
        at = max(arrival.what.at for arrival, _ in readable)
        drafts = [draft for _, draft in readable]
        captured = await leads.capture_all(tx, drafts, book=book, at=at, actor=self._actor)
        return [(arrival, one) for (arrival, _), one in zip(readable, captured, strict=True)]


def keyed(draft: LeadDraft, door: Door) -> LeadDraft:
    """Events the sender gave no key of their own get one of the call's and their place in it."""
    if door.key is None:
        return draft
    events = tuple(_with_key(event, f"{door.key}:{place}") for place, event in enumerate(draft.events))
    return draft.model_copy(update={"events": events})


def _with_key(event: EventDraft, key: str) -> EventDraft:
    return event if event.key is not None else event.model_copy(update={"key": key})
