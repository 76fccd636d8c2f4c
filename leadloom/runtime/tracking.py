"""How do tracking calls come in? Whoever stands at the door at once shares a transaction, answered after it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadloom.domain.errors import BadInput, Full
from leadloom.domain.intake.meanings import Meanings
from leadloom.domain.intake.tracked import LARGEST, Drop, Dropped, Heard, Reason, Sender, Tracked, drop, drop_of, read
from leadloom.domain.intake.visits import agent_class, machine_named
from leadloom.domain.model import Json
from leadloom.runtime.entrance import Arrival, Entrance, Room
from leadloom.runtime.keyring import Keyring
from leadloom.runtime.wiring import House, wall_now
from leadloom.store import dropped, published, tracking
from leadloom.store.dropped import DroppedEvent
from leadloom.store.intake_keys import IntakeKey
from leadloom.store.published import Book
from leadloom.store.tx import Tx

MOST = 1000
"""Calls of one transaction."""


@dataclass(frozen=True)
class _Batch:
    calls: Sequence[Tracked]
    drops: Sequence[Drop]
    at: datetime
    key_id: UUID


class Tracking:
    """The door of one process for tracking calls."""

    def __init__(self, house: House) -> None:
        """One for each process: batches of two would not share their commits."""
        self._house = house
        self.keyring = Keyring(house.db)
        # One group at a time: an event and the call that says whose it is often come in at the same moment, and two
        # transactions would not see one another. While Postgres works, the next calls are read.
        room = Room(most=MOST, few=MOST, at_once=1, by_keys=False, waiting=house.settings.tracking_waiting)
        self._entrance = Entrance[_Batch, None](house.db, self._serve, room)
        self._meanings: tuple[int, Meanings] | None = None

    async def take(
        self, items: Sequence[Json], sender: Sender, *, sent_at: Json = None, too_large: Collection[int] = ()
    ) -> None:
        """Take calls of one request; when it returns, they are in Postgres. `too_large` are the places of such items.

        Raises Full while too much stands at the door, Transient when Postgres is away.
        """
        heard = Heard(self._house.now(), wall_now())
        calls, drops = list[Tracked](), list[Drop]()
        for place, item in enumerate(items):
            try:
                if place in too_large:
                    raise Dropped(Reason.TOO_LARGE, f"It is larger than {LARGEST // 1024} KB.")
                calls.append(read(item, sender=sender, heard=heard, sent_at=sent_at))
            except Dropped as why:
                drops.append(drop_of(item, why, sender=sender, heard=heard))
        if calls or drops:
            batch = _Batch(calls, drops, heard.at, sender.key_id)
            try:
                await self._entrance.take(batch, weight=len(calls) + len(drops))
            except BadInput:
                await self._one_by_one(batch)

    async def _one_by_one(self, batch: _Batch) -> None:
        """Take what one call kept from being taken: that one is dropped, whatever it was that nobody foresaw."""
        await self._entrance.take(_Batch((), batch.drops, batch.at, batch.key_id), weight=len(batch.drops))
        for call in batch.calls:
            try:
                await self._entrance.take(_Batch((call,), (), batch.at, batch.key_id))
            except BadInput as error:
                dropped_call = drop(call, Dropped(Reason.UNREADABLE, f"{error.field}: {error.remedy}"))
                await self._entrance.take(_Batch((), (dropped_call,), batch.at, batch.key_id))

    async def _serve(self, tx: Tx, group: Sequence[Arrival[_Batch, None]]) -> list[tuple[Arrival[_Batch, None], None]]:
        book = await published.book(tx)
        at = max(arrival.what.at for arrival in group)
        calls = [call for arrival in group for call in arrival.what.calls]
        drops = [drop for arrival in group for drop in arrival.what.drops]
        await self._take(tx, calls, drops, book=book, at=at)
        await self.keyring.note_use(tx, {arrival.what.key_id for arrival in group}, at=at)
        return [(arrival, None) for arrival in group]

    async def _take(
        self, tx: Tx, calls: Sequence[Tracked], drops: Sequence[Drop], *, book: Book, at: datetime
    ) -> tuple[Drop, ...]:
        """What was dropped of it."""
        left = await tracking.take(tx, calls, book=book, meanings=self._meant(book), at=at)
        every = (*drops, *left)
        if every:
            if not await dropped.has_room(tx, {drop.key_id for drop in every}):
                raise Full("The list of dropped events of this key is full: somebody must look at it.")
            await dropped.keep(tx, every, heard_at=at)
        return every

    def _meant(self, book: Book) -> Meanings:
        if self._meanings is None or self._meanings[0] != book.definition_version:
            self._meanings = (book.definition_version, Meanings.of(book.definition))
        return self._meanings[1]

    async def retry(self, events: Sequence[DroppedEvent], keys: Sequence[IntakeKey]) -> tuple[int, int]:
        """Take dropped events again, in one transaction: how many are taken, and how many stay on the list.

        They happened when they happened. Safe to repeat, also beside another who does it: by their rows.
        """
        by_id = {key.key_id: key for key in keys}
        async with self._house.db.transaction() as tx:
            held = await dropped.hold(tx, [event.dropped_id for event in events])
            there = set(held.values())
            calls, drops = list[Tracked](), list[Drop]()
            for event in (each for each in events if each.dropped_id in there):
                sender, heard = sender_of(by_id[event.key_id]), Heard(event.at, wall_now())
                try:
                    calls.append(read(event.raw, sender=sender, heard=heard)._replace(at=event.at, key=event.key))
                except Dropped as why:
                    drops.append(drop_of(event.raw, why, sender=sender, heard=heard)._replace(key=event.key))
            left = await self._take(tx, calls, drops, book=await published.book(tx), at=self._house.now())
            stay = {held[drop.key_id, drop.key] for drop in left}
            await dropped.taken(tx, sorted(there - stay))
        return len(there) - len(stay), len(stay)


def sender_of(key: IntakeKey, user_agent: str = "") -> Sender:
    """What the holder of a key may say. Of a public key's caller the user agent says whether it is a machine."""
    machine = machine_named(agent_class(user_agent)) if key.public and user_agent else ""
    kinds = None if key.kinds is None else frozenset(key.kinds)
    return Sender(key.key_id, key.public, key.source, kinds, machine)
