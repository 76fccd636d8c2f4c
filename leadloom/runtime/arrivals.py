"""Who comes in through our doors? Whoever stands there at the same moment becomes leads in one transaction (§4.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Unreachable
from leadloom.domain.intake.capture import Door, read_form, read_json
from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.model import Json
from leadloom.store import leads, published
from leadloom.store.db import Db
from leadloom.store.leads import Captured
from leadloom.store.tx import Tx

_MOST = 100
"""Arrivals of one transaction: enough to share its cost, few enough to answer soon."""
_FEW = 24
"""Arrivals that are never parted: of more, half are left to the next group when it could begin at once. In one group
they would be answered together, come back together, and we would stand idle for as long as Postgres works."""
_AT_ONCE = 2
"""Groups between their first statement and their commit: while Postgres works on one, we decide about the other."""
_GATHER_S = 0.001
"""Wall seconds a group gathers while Postgres has another to work on: it would wait for the processor anyway, and
five posts cost a group's statements as much as twenty."""


class Arrivals:
    """The doors of one process: forms, and calls of the API."""

    def __init__(self, db: Db) -> None:
        """One for each process: arrivals of two would not share their commits."""
        self._forms, self._calls = _Entrance(db, actor="lead"), _Entrance(db, actor="system")

    async def form(self, fields: Mapping[str, str], door: Door, *, at: datetime) -> Captured:
        """Capture who posted a form. Safe to repeat when the door has a key. Raises BadInput."""
        return await self._forms.take(lambda definition: read_form(fields, definition=definition, door=door), at)

    async def call(self, body: Json, door: Door, *, at: datetime) -> Captured:
        """Capture whom a call of the API tells of. Safe to repeat when the door has a key. Raises BadInput."""
        return await self._calls.take(
            lambda definition: _keyed(read_json(body, definition=definition, door=door), door), at
        )


@dataclass(frozen=True)
class _Arrival:
    read: Callable[[Definition], LeadDraft]
    at: datetime
    answer: asyncio.Future[Captured]

    def let_in(self, captured: Captured) -> None:
        # Who hung up meanwhile is a lead all the same.
        if not self.answer.done():
            self.answer.set_result(captured)

    def refuse(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class _Entrance:
    """Group commit: while groups are at their transactions, the next one gathers; nobody waits for a quorum."""

    def __init__(self, db: Db, *, actor: str) -> None:
        self._db, self._actor = db, actor
        self._waiting: list[_Arrival] = []
        self._open = 0
        """Groups that gather, or are at their transaction."""
        self._at_it = 0
        """Those that have gathered."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, read: Callable[[Definition], LeadDraft], at: datetime) -> Captured:
        """What became of one arrival. Raises what stood against this one alone: BadInput, Transient."""
        arrival = _Arrival(read, at, asyncio.get_running_loop().create_future())
        self._waiting.append(arrival)
        self._call_in()
        return await arrival.answer

    def _call_in(self) -> None:
        """Let the next group in, unless enough are at it: a commit calls again."""
        if self._open >= _AT_ONCE or not self._waiting:
            return
        self._open += 1
        # A task of its own: a visitor who hangs up must not take the group along.
        task = asyncio.get_running_loop().create_task(self._serve())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self) -> None:
        # Whoever is read in this very turn of the loop comes along; beside another group also who comes a moment later.
        await asyncio.sleep(_GATHER_S if self._open > 1 else 0)
        group = self._gathered()
        is_in = False

        def committed() -> None:
            """The next group goes while Temporal is told of this one. Called again, it has called the next."""
            nonlocal is_in
            if not is_in:
                is_in = True
                self._open -= 1
                self._at_it -= 1
                self._call_in()

        try:
            await self._let_in(group, committed)
        except BaseException as error:
            for arrival in group:
                arrival.refuse(error)
            raise
        finally:
            committed()

    def _gathered(self) -> Sequence[_Arrival]:
        """Whom the next group takes; nobody when the group before took them along."""
        waiting = self._waiting
        # Beside groups that are at it all: who is left would wait for a commit.
        share = len(waiting) if self._at_it else max(_FEW, -(-len(waiting) // 2))
        most = min(share, _MOST)
        group, self._waiting = waiting[:most], waiting[most:]
        self._at_it += 1
        self._call_in()
        return group

    async def _let_in(self, group: Sequence[_Arrival], committed: Callable[[], None]) -> None:
        """One transaction for all; when it fails, one for each, so that nobody suffers for another."""
        if not group:
            return
        try:
            async with self._db.transaction(committed=committed) as tx:
                captured = await self._capture(tx, group)
        except Unreachable as error:
            for arrival in group:
                arrival.refuse(error)
        except Exception as error:
            if len(group) == 1:
                group[0].refuse(error)
                return
            for arrival in group:
                await self._let_in([arrival], committed)
        else:
            for arrival, one in captured:
                arrival.let_in(one)

    async def _capture(self, tx: Tx, group: Sequence[_Arrival]) -> list[tuple[_Arrival, Captured]]:
        book = await published.book(tx)
        readable: list[tuple[_Arrival, LeadDraft]] = []
        for arrival in group:
            try:
                readable.append((arrival, arrival.read(book.definition)))
            except BadInput as error:
                arrival.refuse(error)
        if not readable:
            return []
        at = max(arrival.at for arrival, _ in readable)
        drafts = [draft for _, draft in readable]
        captured = await leads.capture_all(tx, drafts, book=book, at=at, actor=self._actor)
        return [(arrival, one) for (arrival, _), one in zip(readable, captured, strict=True)]


def _keyed(draft: LeadDraft, door: Door) -> LeadDraft:
    """Events the sender gave no key of their own get one of the call's and their place in it."""
    if door.key is None:
        return draft
    events = tuple(_with_key(event, f"{door.key}:{place}") for place, event in enumerate(draft.events))
    return draft.model_copy(update={"events": events})


def _with_key(event: EventDraft, key: str) -> EventDraft:
    return event if event.key is not None else event.model_copy(update={"key": key})
