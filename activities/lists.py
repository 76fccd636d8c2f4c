"""What is done with a list that somebody sent by the browser: rehearsed or brought in, as its row wishes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from temporalio import activity
from temporalio.common import RetryPolicy

from activities.answers import BlockedRun, Look, Looked
from activities.heartbeat import MISSED_AFTER
from activities.timing import Timing, names_failures, sweep
from activities.tools import Tools
from leadloom.store import uploads

WHOLE_LIST = Timing(
    # A million rows take ten minutes, on a busy machine an hour.
    start_to_close_timeout=timedelta(hours=12),
    heartbeat_timeout=MISSED_AFTER,
    # A try goes on where the last one stopped; after three that failed, the list shows its error.
    retry_policy=RetryPolicy(
        maximum_attempts=3, initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=5)
    ),
)
"""A regular activity: it takes minutes, and says that it lives."""


class ListEffects:
    """Effects of lists."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @activity.defn
    @names_failures
    async def take_list(self, look: Look) -> Looked:
        """Rehearse the list or bring it in. Safe to repeat: rows that were taken are passed.

        A worker that dies leaves it to another one, which goes on after the last page.
        """
        lists = self._tools.lists
        ended = "nobody here brings in lists" if lists is None else await lists.look(UUID(look.about), at=look.at)
        return Looked(kind="done", words=ended)

    @activity.defn
    @names_failures
    async def block_list(self, blocked: BlockedRun) -> None:
        """Show what it failed with. Safe to repeat: the same row says the same."""
        async with self._tools.db.transaction() as tx:
            await uploads.end(tx, UUID(blocked.about), "failed", error=blocked.error)

    @sweep
    @activity.defn
    @names_failures
    async def tend_lists(self, look: Look) -> int:
        """Give up lists that wait for nobody any more, and wake the others. Safe to repeat: a look changes nothing."""
        async with self._tools.db.transaction() as tx:
            return await uploads.forget(tx, at=look.at) + await uploads.wake_under_way(tx)
