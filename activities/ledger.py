"""When is it written that a mail stands at its dot, and how it ended? At once, in one statement for all who wait.

The outcome of a connection's last mail is written with the mark of its next one, or before it. So of the mails a relay
has taken, at most one for each open connection isn't settled, whenever a worker or Postgres dies (decision 0009). Two
groups may be under way at a time, and a mark is in neither while the outcome before it is in the other (decision 0031).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple
from uuid import UUID

from activities.tools import Tools
from leadloom.domain.errors import Transient
from leadloom.domain.mails.outcome import SendOutcome, Sent
from leadloom.domain.model import MessageId
from leadloom.mail.answer import Answer, though_cancelled
from leadloom.store import messages
from leadloom.store.messages import Mark
from leadloom.store.published import Book

WAITED_FOR = timedelta(seconds=20)
"""Wall time a Postgres that is away may take to come back and hear how mails ended; then they are uncertain."""
_AGAIN = timedelta(seconds=0.5)
_LINGER = 0.02
"""Seconds an outcome waits for its connection's next mark; in a busy lane that comes within a few milliseconds."""
_TOGETHER = 0.0005
"""Seconds a mark waits for the marks of other connections, unless they make a group before."""
_GROUPS = 2
"""Groups under way at a time: while Postgres writes one, the connections of the other send."""
_SMALL = 8
"""Marks a group may have in any case: each group has a fixed cost."""


class MarkLost(Transient):
    """Postgres didn't say that a mail is marked. An unknown mark is no mark: the mail is not sent."""


class _Asked(NamedTuple):
    mark: Mark
    answer: Answer[bool]


class _Group(NamedTuple):
    marks: list[_Asked]
    outcomes: dict[MessageId, SendOutcome]


class Ledger:
    """The marks and outcomes of one drain. Marks are conditional: vetoed mails and lost claims get none."""

    def __init__(self, tools: Tools, book: Book, at: datetime) -> None:
        self._tools, self._book = tools, book
        self._room = max(_SMALL, ceil(sum(pool.size for pool in tools.relays.values()) / _GROUPS))
        """Marks of one group at most: were all in one, the connections would wait for Postgres, then it for them."""
        self.at = at
        """Business time of what is said; it moves on with the claims of a drain that lasts."""
        self._marks: list[_Asked] = []
        self._outcomes: dict[MessageId, SendOutcome] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._groups: list[_Group] = []
        self._writers: set[asyncio.Task[None]] = set()
        self._gathering: asyncio.Future[None] | None = None
        """Done when enough marks wait for a group."""
        self._heard: Answer[None] | None = None
        """Done when more is written, or can't be, for who waits for it."""
        self._due: set[MessageId] = set()
        """Outcomes that wait for no mark."""
        self._hurries = False
        self._failed: BaseException | None = None
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
        return await though_cancelled(self.ask(message_id, claim))

    def ask(self, message_id: MessageId, claim: UUID, *, after: MessageId | None = None) -> Answer[bool]:
        """What `mark` waits for. `after` is the mail its connection carried before."""
        answer: Answer[bool] = Answer()
        self._marks.append(_Asked(Mark(message_id, claim, after), answer))
        if len(self._marks) >= self._room:
            self._gathered()
        self._write_soon()
        return answer

    def settle(self, outcome: SendOutcome) -> None:
        """Say how a mail ended, to be written before anything its connection says later."""
        self.sent += outcome.kind == "sent"
        self._outcomes[outcome.message_id] = outcome
        self._linger()

    def hurry(self) -> None:
        """Write what was said without waiting for a mark to share the commit."""
        self._hurries = True
        self._write_soon()

    async def written(self, about: MessageId | None = None) -> None:
        """Wait until all that was said, or how this mail ended, is written, also when cancelled.

        Raises Transient when it can't be.
        """
        if about is not None and about in self._outcomes:
            self._due.add(about)  # no mark of its connection follows
            self._write_soon()
        while self._is_open(about):
            if self._failed is not None and not self._writers:
                raise self._failed
            if self._heard is None:
                self._heard = Answer()
            await though_cancelled(self._heard)

    def _is_open(self, about: MessageId | None) -> bool:
        if about is None:
            return bool(self._marks or self._outcomes or self._groups)
        return about in self._outcomes or any(about in group.outcomes for group in self._groups)

    def _lingered(self) -> None:
        self._timer = None
        self.hurry()

    def _write_soon(self) -> None:
        if len(self._writers) < (1 if self.is_behind else _GROUPS):
            writer = asyncio.create_task(self._write())
            self._writers.add(writer)
            writer.add_done_callback(self._rest)

    def _rest(self, writer: asyncio.Task[None]) -> None:
        self._writers.discard(writer)
        # Asked for by `written`; a drain that fails before it asks has said why.
        self._failed = self._failed if writer.cancelled() else writer.exception() or self._failed
        if self._failed is None and not self._writers:
            if self._marks:
                self._write_soon()  # asked for while the last writer ended
            elif self._outcomes:
                self._linger()
        self._tell()

    def _linger(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LINGER, self._lingered)

    def _tell(self) -> None:
        heard, self._heard = self._heard, None
        if heard is not None:
            heard.set_result(None)

    async def _write(self) -> None:
        if len(self._marks) < self._room:
            await self._gather()
        while (group := self._take()).marks or group.outcomes:
            self._groups.append(group)
            try:
                marked = await self._commit(group)
            except BaseException as error:
                self._groups.remove(group)
                # Nobody of the group may send; how others ended is said again, and before whatever is said next.
                self._outcomes = {**group.outcomes, **self._outcomes}
                _fail(group.marks, error)
                if await self._is_hopeless(error):
                    raise
                continue
            self._groups.remove(group)
            self._away_for, self._failed = timedelta(), None
            self._tell()
            for asked in group.marks:
                asked.answer.set_result(asked.mark.message_id in marked)

    async def _gather(self) -> None:
        loop = asyncio.get_running_loop()
        self._gathering = self._gathering or loop.create_future()
        timer = loop.call_later(_TOGETHER, self._gathered)
        await asyncio.shield(self._gathering)
        timer.cancel()

    def _gathered(self) -> None:
        gathering, self._gathering = self._gathering, None
        if gathering is not None:
            gathering.set_result(None)

    def _take(self) -> _Group:
        """The first marks whose connection's last outcome isn't under way elsewhere, each with that outcome; when it is
        time, outcomes that waited for no mark."""
        under_way = {each for group in self._groups for each in group.outcomes}
        marks, later = list[_Asked](), list[_Asked]()
        for asked in self._marks:
            is_next = len(marks) < self._room and asked.mark.after not in under_way
            (marks if is_next else later).append(asked)
        self._marks = later
        if self._hurries or self.is_behind:
            outcomes, self._outcomes, self._hurries = self._outcomes, {}, False
            self._due.clear()
        else:
            now = {asked.mark.after for asked in marks} | self._due
            self._due = set()
            outcomes = {each: self._outcomes.pop(each) for each in now if each is not None and each in self._outcomes}
        return _Group(marks, outcomes)

    async def _commit(self, group: _Group) -> set[MessageId]:
        ended, marks = list(group.outcomes.values()), [asked.mark for asked in group.marks]
        sent = [outcome for outcome in ended if isinstance(outcome, Sent)]
        marked = set[MessageId]()
        if len(sent) == len(ended):
            async with self._tools.db.at_once() as tx:
                told = await messages.settle_and_mark(tx, sent, marks, at=self.at)
            marked |= told.marked
            ended = [outcome for outcome in ended if outcome.message_id not in told.settled]
            late = {outcome.message_id for outcome in ended}
            marks = [mark for mark in marks if mark.after in late]
        if ended:
            async with self._tools.db.transaction() as tx:
                await messages.settle(tx, ended, book=self._book, at=self.at)
                pairs = [(mark.message_id, mark.claim) for mark in marks]
                marked |= await messages.mark_at_dot(tx, pairs, at=self.at) if pairs else set()
        return marked

    async def _is_hopeless(self, error: BaseException) -> bool:
        if not isinstance(error, Transient) or self._away_for >= WAITED_FOR:
            _fail(self._marks, error)
            self._marks = []
            return True
        self._away_for += _AGAIN
        if self._outcomes:
            await asyncio.sleep(_AGAIN.total_seconds())
        return False


def _fail(marks: Sequence[_Asked], error: BaseException) -> None:
    for asked in marks:
        if not asked.answer.done():
            asked.answer.set_exception(
                MarkLost(str(error) if isinstance(error, Transient) else "the mark was interrupted")
            )
            asked.answer.exception()  # whoever was to hear it may be gone
