"""What a hand-off does: one transaction that keeps its clocks, the note that it is blocked, and its sweep."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from temporalio import activity

from activities.answers import BlockedRun, Look, Looked, looked
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.domain.model import HandOffId
from leadloom.store import hand_offs, published

OVERDUE = timedelta(minutes=10)
"""How long after its deadline a row is taken for unheard: workflows are normally on the second."""
_WAITS = "the owner's answer or first try (whose, stands on the row)"


class HandOffEffects:
    """Effects of hand-offs."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @activity.defn
    @names_failures
    async def advance_hand_off(self, look: Look) -> Looked:
        """Offer, remind, escalate: whatever is due at `look.at`.

        Safe to repeat: one transaction under the lead's lock; each notice has its key (hand-off, step, assignment).
        """
        async with self._tools.db.transaction() as tx:
            book = await published.book(tx)
            answer = looked(await hand_offs.advance(tx, _hand_off(look.about), book=book, at=look.at))
        # The row names the owner who is waited for; Temporal hears of no person (law 2).
        return answer if answer.kind == "done" else answer.model_copy(update={"words": _WAITS})

    @activity.defn
    @names_failures
    async def block_hand_off(self, blocked: BlockedRun) -> None:
        """Show a hand-off as blocked, with its error. Safe to repeat: the same row says the same."""
        async with self._tools.db.transaction() as tx:
            await hand_offs.block(tx, _hand_off(blocked.about), blocked.error, at=blocked.at)

    @sweep
    @activity.defn
    @names_failures
    async def wake_overdue_hand_offs(self, look: Look) -> int:
        """Queue a look for hand-offs whose clock passed unheard. Safe to repeat: a look changes nothing by itself."""
        async with self._tools.db.transaction() as tx:
            return await hand_offs.wake_overdue(tx, overdue_since=look.at - OVERDUE)


def _hand_off(about: str) -> HandOffId:
    return HandOffId(UUID(about))
