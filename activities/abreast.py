"""How many mails are on their way to one host at once? Not more than the definition lets (decision 0039)."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import Generic, Protocol, TypeVar

from leadloom.domain.mails.abreast import Limit
from leadloom.domain.model import MessageId

_Seat = tuple[str, str]
"""A relay, and a host behind it."""


class Limited(Protocol):
    """A mail that may have to wait for others to its host."""

    @property
    def message_id(self) -> MessageId: ...

    @property
    def relay(self) -> str: ...

    @property
    def host(self) -> str: ...

    @property
    def limit(self) -> Limit | None: ...


M = TypeVar("M", bound=Limited)


class Seats:
    """The mails that are under way from this process to hosts with a limit, whichever lane they are of."""

    def __init__(self) -> None:
        self._taken: Counter[_Seat] = Counter()
        self._freed = asyncio.Event()
        """Set, and made anew, whenever a mail has ended."""

    def take(self, seat: _Seat, limit: Limit) -> bool:
        """Whether one more may go there now; then it counts until `give`."""
        if self._taken[seat] >= limit.at_once:
            return False
        self._taken[seat] += 1
        return True

    def give(self, seat: _Seat) -> None:
        """One that was under way there has ended."""
        self._taken[seat] -= 1
        if not self._taken[seat]:
            del self._taken[seat]
        self._freed.set()
        self._freed = asyncio.Event()

    async def freed(self) -> None:
        """Return when a mail has ended somewhere."""
        await self._freed.wait()


class Abreast(Generic[M]):
    """What a drain's mails hold of those seats, and its mails that wait for one."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._held: dict[MessageId, _Seat] = {}
        self._aside: dict[_Seat, deque[M]] = {}

    def admits(self, mail: M) -> bool:
        """Whether the mail may go now; else it is put aside, behind those that wait for the same host."""
        if mail.limit is None:
            return True
        seat = (mail.relay, mail.host)
        if self._seats.take(seat, mail.limit):
            self._held[mail.message_id] = seat
            return True
        self._aside.setdefault(seat, deque()).append(mail)
        return False

    def readmitted(self, relay: str) -> M | None:
        """A mail that waited for its host and may go now, taken."""
        for seat, mails in self._aside.items():
            if seat[0] == relay and (limit := mails[0].limit) is not None and self._seats.take(seat, limit):
                mail = mails.popleft()
                if not mails:
                    del self._aside[seat]
                self._held[mail.message_id] = seat
                return mail
        return None

    def holds_some(self, relay: str) -> bool:
        """Whether mails of the relay wait for their host."""
        return any(seat[0] == relay for seat in self._aside)

    async def freed(self) -> None:
        """Return when there may be room again."""
        await self._seats.freed()

    def ended(self, message_id: MessageId) -> None:
        """The mail isn't under way any more."""
        if (seat := self._held.pop(message_id, None)) is not None:
            self._seats.give(seat)

    def end(self) -> None:
        """None of them is under way any more."""
        for message_id in tuple(self._held):
            self.ended(message_id)
