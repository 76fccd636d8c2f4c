"""When is it written that a mail stands at its dot, and how it ended? At once, in one commit for all who wait.

The outcome of a connection's last mail is written with the mark of its next one, or before it: a transaction holds all
that was said before it began. So of the mails a relay has taken, at most one for each open connection isn't settled,
whenever a worker or Postgres dies (decision 0009).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from activities.tools import Tools
from leadloom.domain.errors import Transient
from leadloom.domain.mails.outcome import SendOutcome
from leadloom.domain.model import MessageId
from leadloom.mail.connection import though_cancelled
from leadloom.store import messages
from leadloom.store.published import Book

WAITED_FOR = timedelta(seconds=20)
"""Wall time a Postgres that is away may take to come back and hear how mails ended; then they are uncertain."""
_AGAIN = timedelta(seconds=0.5)
_LINGER = 0.02
"""Seconds an outcome waits for a mark to share its commit; in a busy lane one comes within a few milliseconds."""
_TOGETHER = 0.001
"""Seconds a mark waits for the marks of other connections."""


class MarkLost(Transient):
    """Postgres didn't say that a mail is marked. An unknown mark is no mark: the mail is not sent."""


Mark = tuple[MessageId, UUID]
"""A mail and the claim it goes by."""


class Ledger:
    """The marks and outcomes of one drain. Marks are conditional: vetoed mails and lost claims get none."""

    def __init__(self, tools: Tools, book: Book, at: datetime) -> None:
        self._tools, self._book = tools, book
        self.at = at
        """Business time of what is said; it moves on with the claims of a drain that lasts."""
        self._marks: list[tuple[Mark, asyncio.Future[bool]]] = []
        self._outcomes: list[SendOutcome] = []
        self._writing: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        """Set when a mark waits, or when none will come."""
        self._away_for = timedelta()
        self.claimed = self.sent = 0
        """Mails taken from the lane, and those of them that went."""

    @property
    def is_behind(self) -> bool:
        """True while Postgres is away: what was said before isn't written."""
        return self._away_for > timedelta()

    async def mark(self, message_id: MessageId, claim: UUID) -> bool:
        """True when this mail may end with its dot. Waits also when cancelled: a mark unheard is an uncertain mail.

        Raises MarkLost when Postgres doesn't say so.
        """
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._marks.append(((message_id, claim), answer))
        self._hurry.set()
        self._write_soon()
        return await though_cancelled(answer)

    def settle(self, outcome: SendOutcome) -> None:
        """Say how a mail ended, to be written before anything that is said later."""
        self.sent += outcome.kind == "sent"
        self._outcomes.append(outcome)
        self._write_soon()

    async def written(self) -> None:
        """Wait until all that was said is written, also when cancelled. Raises Transient when it can't be."""
        if self._writing is not None:
            await though_cancelled(self._writing)

    def hurry(self) -> None:
        """Write what was said without waiting for a mark to share the commit."""
        self._hurry.set()

    def _write_soon(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
            # Asked for by `written`; a drain that fails before it asks has said why.
            self._writing.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _write(self) -> None:
        while self._marks or self._outcomes:
            await self._gather()
            marks, self._marks = self._marks, []
            outcomes, self._outcomes = self._outcomes, []
            try:
                marked = await self._commit([mark for mark, _ in marks], outcomes)
            except BaseException as error:
                # Nobody of the group may send; how others ended is said again, and before whatever is said next.
                self._outcomes = [*outcomes, *self._outcomes]
                _fail(marks, error)
                await self._wait_for_postgres(error)
                continue
            self._away_for = timedelta()
            for (message_id, _), answer in marks:
                answer.set_result(message_id in marked)

    async def _gather(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), _LINGER)
        self._hurry.clear()
        await asyncio.sleep(_TOGETHER)

    async def _commit(self, marks: Sequence[Mark], outcomes: Sequence[SendOutcome]) -> set[MessageId]:
        async with self._tools.db.transaction() as tx:
            if outcomes:
                await messages.settle(tx, outcomes, book=self._book, at=self.at)
            return await messages.mark_at_dot(tx, marks, at=self.at) if marks else set()

    async def _wait_for_postgres(self, error: BaseException) -> None:
        if not isinstance(error, Transient) or self._away_for >= WAITED_FOR:
            _fail(self._marks, error)
            self._marks = []
            raise error
        self._away_for += _AGAIN
        if self._outcomes:
            await asyncio.sleep(_AGAIN.total_seconds())


def _fail(marks: Sequence[tuple[Mark, asyncio.Future[bool]]], error: BaseException) -> None:
    for _, answer in marks:
        if not answer.done():
            answer.set_exception(MarkLost(str(error) if isinstance(error, Transient) else "the mark was interrupted"))
            answer.exception()  # whoever was to hear it may be gone
