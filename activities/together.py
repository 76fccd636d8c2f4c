"""How do looks that come at about the same time share one transaction? A group is taken at once; who can't, alone."""

from __future__ import annotations

import asyncio
import contextvars
from datetime import datetime

from activities.answers import Look, Looked, looked
from leadloom.domain.model import EnrolmentId
from leadloom.store import enrolments, published
from leadloom.store.advanced import Advanced
from leadloom.store.db import Db

_MOST = 50
"""Runs a group takes: enough to share a commit, few enough that their leads are held for moments."""
_BREATH = 0.02
"""Seconds a group waits for each run the last one had, or that came meanwhile: groups grow, a lone run never waits."""
_LONGEST_BREATH = 0.25

_Asked = tuple[EnrolmentId, datetime, asyncio.Future[Advanced]]


class Together:
    """Advances runs in groups (group commit). One for each process; every caller gets its own answer or its own error.

    Safe to repeat, and by several processes at once, because `enrolments.advance` is.
    """

    def __init__(self, db: Db) -> None:
        self._db = db
        self._waiting: list[_Asked] = []
        self._turns: asyncio.Task[None] | None = None
        self._alone_now: set[asyncio.Task[None]] = set()
        """The loop itself keeps only weak references to tasks."""

    async def advance(self, enrolment_id: EnrolmentId, look: Look) -> Looked:
        """Move a run as far as it goes at `look.at`."""
        answer: asyncio.Future[Advanced] = asyncio.get_running_loop().create_future()
        self._waiting.append((enrolment_id, look.at, answer))
        if self._turns is None or self._turns.done():
            # A context of its own: it outlives the activity that happens to start it.
            self._turns = asyncio.create_task(self._take_turns(), context=contextvars.Context())
        return looked(await answer)

    async def _take_turns(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            await self._take(group)
            if len(self._waiting) < _MOST:
                # Whoever came meanwhile is load, too: taken at once, each would have a transaction of its own.
                await asyncio.sleep(min(_LONGEST_BREATH, _BREATH * (len(group) - 1 + len(self._waiting))))

    async def _take(self, group: list[_Asked]) -> None:
        """Answer everybody: together who can be, the rest alone, each with what went wrong for it."""
        taken = await self._as_group(group) if len(group) > 1 else {}
        alone: list[_Asked] = []
        for enrolment_id, at, answer in group:
            # The same run twice: the second caller looks again, as of its own instant.
            if enrolment_id not in taken:
                alone.append((enrolment_id, at, answer))
            elif not answer.done():
                answer.set_result(taken.pop(enrolment_id))
        if alone:
            tasks = [asyncio.create_task(self._alone(*asked)) for asked in alone]
            self._alone_now.update(tasks)
            for task in tasks:
                task.add_done_callback(self._alone_now.discard)
            # Whoever waits long for a lead that somebody holds is not waited for: the next group goes on.
            await asyncio.wait(tasks, timeout=_LONGEST_BREATH)

    async def _as_group(self, group: list[_Asked]) -> dict[EnrolmentId, Advanced]:
        looks: dict[EnrolmentId, datetime] = {}
        for enrolment_id, at, _ in group:
            looks.setdefault(enrolment_id, at)
        try:
            async with self._db.transaction() as tx:
                return await enrolments.advance_all(tx, looks, book=await published.book(tx))
        except Exception:  # nothing of it was committed: each meets its own error, or none, alone
            return {}

    async def _alone(self, enrolment_id: EnrolmentId, at: datetime, answer: asyncio.Future[Advanced]) -> None:
        try:
            async with self._db.transaction() as tx:
                advanced = await enrolments.advance(tx, enrolment_id, book=await published.book(tx), at=at)
        except BaseException as error:
            if not answer.done():
                answer.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            if not answer.done():
                answer.set_result(advanced)
