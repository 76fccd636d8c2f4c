"""What a run does: one transaction that moves it on, the note that it is blocked, and the sweep that wakes sleepers."""

from __future__ import annotations

from uuid import UUID

from temporalio import activity

from activities.answers import BlockedRun, Look, Looked, OutsideCall
from activities.hand_offs import OVERDUE
from activities.timing import names_failures, sweep
from activities.together import Together
from activities.tools import Tools
from leadloom.domain.model import EnrolmentId
from leadloom.store import enrolments, published


class RunEffects:
    """Effects of enrolments."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._together = Together(tools.db)

    @activity.defn
    @names_failures
    async def advance_run(self, look: Look) -> Looked:
        """Move a run as far as it goes at `look.at`.

        Safe to repeat: one transaction under the lead's lock; a second call finds the progress written and answers
        the same wait. Runs that look at about the same time share that transaction.
        """
        return await self._together.advance(_run(look.about), look)

    @activity.defn
    @names_failures
    async def note_called(self, call: OutsideCall) -> None:
        """Move a run past a step whose outside effect has answered. Safe to repeat: only the standing step moves."""
        async with self._tools.db.transaction() as tx:
            book = await published.book(tx)
            await enrolments.called(tx, _run(call.about), call.step, call.visit, book=book, at=call.at)

    @activity.defn
    @names_failures
    async def block_run(self, blocked: BlockedRun) -> bool:
        """Show a run as blocked, with its error; True when its step says how to go on without the outside effect.

        Safe to repeat: the same row says the same, and behind the step nothing is done.
        """
        async with self._tools.db.transaction() as tx:
            run, book = _run(blocked.about), await published.book(tx)
            if blocked.step is not None and await enrolments.failed(
                tx, run, blocked.step, blocked.visit or 1, blocked.error, book=book, at=blocked.at
            ):
                return True
            await enrolments.block(tx, run, blocked.error, at=blocked.at)
            return False

    @activity.defn
    @names_failures
    async def lead_on(self, away: BlockedRun) -> bool:
        """Move a run past an outside effect that didn't answer; False when its step doesn't say how to go on without.

        Safe to repeat: behind the step nothing is done.
        """
        async with self._tools.db.transaction() as tx:
            run, book = _run(away.about), await published.book(tx)
            return await enrolments.failed(tx, run, away.step or "", away.visit or 1, away.error, book=book, at=away.at)

    @sweep
    @activity.defn
    @names_failures
    async def wake_overdue_runs(self, look: Look) -> int:
        """Queue a look for runs whose deadline passed unheard. Safe to repeat: a look changes nothing by itself."""
        async with self._tools.db.transaction() as tx:
            return await enrolments.wake_overdue(tx, overdue_since=look.at - OVERDUE)


def _run(about: str) -> EnrolmentId:
    return EnrolmentId(UUID(about))
