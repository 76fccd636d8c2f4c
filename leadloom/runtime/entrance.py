"""How do many who stand at a door at the same moment share one transaction? Group commit, for any kind of arrival."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from leadloom.domain.errors import Full, Unreachable
from leadloom.store.db import Db
from leadloom.store.tx import Tx

A = TypeVar("A")
"""What arrives."""
R = TypeVar("R")
"""What it is answered."""

GATHER_S = 0.001
"""Wall seconds a group gathers while Postgres has another to work on: it would wait for the processor anyway, and
five posts cost a group's statements as much as twenty."""


@dataclass(frozen=True)
class Room:
    """How an entrance lets groups in."""

    most: int = 100
    """Weight of one transaction: enough to share its cost, small enough to answer soon."""
    few: int = 24
    """Weight that is never parted: of more, half is left to the next group when it could begin at once. In one group
    all would be answered together, come back together, and we would stand idle for as long as Postgres works."""
    at_once: int = 2
    """Groups between their first statement and their commit: while Postgres works on one, we decide about the other."""
    by_keys: bool = True
    """A group is about few enough rows to plan its statements by keys (`Db.transaction`)."""
    waiting: int | None = None
    """Weight that may stand at the door; more is asked to come later. None: whoever comes waits."""


@dataclass(frozen=True)
class Arrival(Generic[A, R]):
    """One who stands at the door."""

    what: A
    weight: int
    answer: asyncio.Future[R]
    touches: Collection[str] = ()
    """What its group locks until it commits; two groups that touch the same would wait for one another in Postgres."""

    def let_in(self, answer: R) -> None:
        """Tell them what became of it. Who hung up meanwhile is in all the same."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def refuse(self, error: BaseException) -> None:
        """Tell them what stood against it."""
        if not self.answer.done():
            self.answer.set_exception(error)


Serve = Callable[[Tx, Sequence[Arrival[A, R]]], Awaitable[Sequence[tuple[Arrival[A, R], R]]]]
"""Takes a group in one transaction; who is refused alone is told so, and is missing in the answer."""


class Entrance(Generic[A, R]):
    """Group commit: while groups are at their transactions, the next one gathers; nobody waits for a quorum."""

    def __init__(self, db: Db, serve: Serve[A, R], room: Room | None = None) -> None:
        self._db, self._serve_group, self._room = db, serve, room or Room()
        self._waiting: list[Arrival[A, R]] = []
        self._weight = 0
        """Of those who wait."""
        self._open = 0
        """Groups that gather, or are at their transaction."""
        self._at_it = 0
        """Those that have gathered."""
        self._touched: set[str] = set()
        """What they lock."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, what: A, *, weight: int = 1, touches: Collection[str] = ()) -> R:
        """What became of one arrival. Raises what stood against this one alone: BadInput, Transient, Full.

        Who `touches` what a group at its transaction does waits for that commit alone, and holds up nobody else.
        """
        if self._room.waiting is not None and self._weight + weight > self._room.waiting and self._weight:
            raise Full("More is told at the moment than we can take: send it again a little later.")
        arrival: Arrival[A, R] = Arrival(what, weight, asyncio.get_running_loop().create_future(), touches)
        self._waiting.append(arrival)
        self._weight += weight
        self._call_in()
        return await arrival.answer

    def _call_in(self) -> None:
        """Let the next group in, unless enough are at it: a commit calls again."""
        if self._open >= self._room.at_once or not any(self._may_go(arrival) for arrival in self._waiting):
            return
        self._open += 1
        # A task of its own: a visitor who hangs up must not take the group along.
        task = asyncio.get_running_loop().create_task(self._serve())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self) -> None:
        # Whoever is read in this very turn of the loop comes along; beside another group also who comes a moment later.
        await asyncio.sleep(GATHER_S if self._open > 1 else 0)
        group = self._gathered()
        touched = {each for arrival in group for each in arrival.touches}
        self._touched |= touched
        self._call_in()
        is_in = False

        def committed() -> None:
            """The next group goes while Temporal is told of this one. Called again, it has called the next."""
            nonlocal is_in
            if not is_in:
                is_in = True
                self._open -= 1
                self._at_it -= 1
                self._touched -= touched
                self._call_in()

        try:
            await self._let_in(group, committed)
        except BaseException as error:
            for arrival in group:
                arrival.refuse(error)
            raise
        finally:
            committed()

    def _gathered(self) -> Sequence[Arrival[A, R]]:
        """Whom the next group takes; nobody when the group before took them along."""
        room = self._room
        # Beside groups that are at it all: who is left would wait for a commit.
        share = self._weight if self._at_it else max(room.few, -(-self._weight // 2))
        most, weight = min(share, room.most), 0
        group, left = list[Arrival[A, R]](), list[Arrival[A, R]]()
        for place, arrival in enumerate(self._waiting):
            if group and weight + arrival.weight > most:
                left += self._waiting[place:]
                break
            if self._may_go(arrival):
                group.append(arrival)
                weight += arrival.weight
            else:
                left.append(arrival)
        self._waiting = left
        self._weight -= weight
        self._at_it += 1
        return group

    def _may_go(self, arrival: Arrival[A, R]) -> bool:
        return not arrival.touches or self._touched.isdisjoint(arrival.touches)

    async def _let_in(self, group: Sequence[Arrival[A, R]], committed: Callable[[], None]) -> None:
        """One transaction for all; when it fails, one for each, so that nobody suffers for another."""
        if not group:
            return
        try:
            async with self._db.transaction(committed=committed, by_keys=self._room.by_keys) as tx:
                answers = await self._serve_group(tx, group)
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
            for arrival, answer in answers:
                arrival.let_in(answer)
