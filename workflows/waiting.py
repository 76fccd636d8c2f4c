"""How a workflow waits: it looks at rows, waits for something that has a name and a deadline, and looks again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import ClassVar

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    FailureError,
    TimeoutError,  # Temporal's: an activity's time is over
    TimeoutType,
    is_cancelled_exception,
)

from activities.answers import TRANSIENT, Blocked, Looked
from leadloom.domain.wake import CLOCK_AHEAD, USUAL_TURN

_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=5)
_ABOUT_TO_FIRE = timedelta(minutes=1)


def business_now() -> datetime:
    """Business time: Temporal's clock, moved by what the run's memo says (decision 0004)."""
    ahead: float = workflow.memo_value(CLOCK_AHEAD, default=0.0)
    return workflow.now() + timedelta(seconds=ahead)


async def wait_until(until: datetime | None, over: Callable[[], bool], waiting_for: str) -> None:
    """Wait until an instant of business time or until `over`, whichever is first; None waits for `over` alone.

    A timer that is about to fire is left to fire: on the time-skipping server, cancelling it in the very task it fires
    in strands the run for ever (temporalio/sdk-java issue 3088). Elsewhere it costs one idle look at most.
    """
    if until is None:
        await workflow.wait_condition(over)
        return
    left = until - business_now()
    if over() or left <= timedelta():
        return
    timer = asyncio.create_task(workflow.sleep(left, summary=waiting_for[:200]))
    await workflow.wait_condition(lambda: over() or timer.done())
    if not timer.done() and until - business_now() > _ABOUT_TO_FIRE:
        timer.cancel()


class LooksAgain:
    """The one loop of every long-lived workflow here. Its whole state is in rows, so it may continue as new anywhere.

    A signal carries nothing: it says "look again", and is never lost, because the flag is cleared before a look.
    """

    turn: ClassVar[int] = USUAL_TURN
    """Whose turn it is first where thousands wait for a worker, 1 before 5 (Temporal's priority keys)."""
    one_per_lead: ClassVar[bool] = False
    """There is a run of it for each lead: it passes through the sandbox (decision 0010), so keep no module state."""

    def __init__(self) -> None:
        self.about = ""
        """The id of the row this workflow is about: its only input, and all that continues as new."""
        self._nudged = False
        self._failures = 0

    @workflow.signal
    def look_again(self) -> None:
        """Something this run declared an interest in has been written."""
        self._nudged = True

    async def until_done(
        self,
        look: Callable[[], Awaitable[Looked]],
        *,
        on_blocked: Callable[[Blocked], Awaitable[bool | None]] | None = None,
        call: Callable[[Looked], Awaitable[None]] | None = None,
    ) -> str:
        """Look and wait by turns until there is nothing to wait for; returns the outcome in words."""
        while True:
            self._nudged = False
            try:
                looked = await look()
                if looked.kind == "call" and call is not None:
                    await call(looked)
                    continue
            except FailureError as failure:
                await self.recover(failure, on_blocked)
                self.continue_as_new_when_long()
                continue
            self._failures = 0
            if looked.kind == "done":
                return looked.words
            await self.wait(looked.until, looked.words)
            self.continue_as_new_when_long()

    async def wait(self, until: datetime | None, waiting_for: str) -> None:
        """Wait until an instant of business time or the next nudge, whichever is first; None waits for a nudge."""
        deadline = f", at the latest {until:%a %d %b %Y %H:%M} UTC" if until else ""
        workflow.set_current_details(f"Waiting for {waiting_for}{deadline}")
        await wait_until(until, lambda: self._nudged, waiting_for)

    async def recover(
        self, failure: FailureError, on_blocked: Callable[[Blocked], Awaitable[bool | None]] | None
    ) -> None:
        """A service that doesn't answer is waited for; anything else blocks the run, shown with its error.

        `on_blocked` answers True when the row says how to go on. Returns when it's time to look again. Raises the
        failure when it says that the workflow was cancelled.
        """
        if is_cancelled_exception(failure):
            raise failure
        is_lost = lost_its_worker(failure)
        if not is_lost:
            self._failures += 1
        if on_blocked is not None and not is_transient(failure):
            try:
                goes_on = await on_blocked(Blocked(error=words_of(failure), at=business_now()))
            except FailureError as unheard:
                # The service went away in between: unless the block is written, nobody would know whom to retry.
                if is_cancelled_exception(unheard):
                    raise
            else:
                if not goes_on:
                    await self.wait(None, "an operator: the step failed three times")
                return
        # A service that is away is asked less and less often. A worker that died isn't: another is there, or comes.
        longer = 0 if is_lost else min(self._failures - 1, 8)
        pause = min(_FIRST_PAUSE * 2**longer, _LONGEST_PAUSE)
        await self.wait(business_now() + pause, "a service that does not answer")

    def continue_as_new_when_long(self) -> None:
        """Begin a fresh history with the same input.

        Nothing is carried over: a nudge that came meanwhile is answered by the new run's first look.
        """
        if workflow.info().is_continue_as_new_suggested() and workflow.all_handlers_finished():
            ahead: float = workflow.memo_value(CLOCK_AHEAD, default=0.0)
            workflow.continue_as_new(
                self.about,
                memo={CLOCK_AHEAD: ahead},
                # A fresh history has nothing to replay, so also a run that is pinned to its build may leave it here.
                initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
            )


def lost_its_worker(failure: FailureError) -> bool:
    """Whether an activity's worker fell silent: that was waited for already, by its heartbeats."""
    cause = failure.cause if isinstance(failure, ActivityError) else failure
    return isinstance(cause, TimeoutError) and cause.type is TimeoutType.HEARTBEAT


def is_transient(failure: FailureError) -> bool:
    """Whether waiting may cure it: a service was away, or nobody said how it ended."""
    reason = _reason(failure)
    return not isinstance(reason, ApplicationError) or reason.type == TRANSIENT


def words_of(failure: FailureError) -> str:
    """The error without values: types and the message our own errors wrote (they carry ids, never persons)."""
    reason = _reason(failure)
    return f"{getattr(reason, 'type', None) or type(reason).__name__}: {reason}"[:500]


def _reason(failure: FailureError) -> BaseException | None:
    """What an activity failed with: a local one raises that itself, a regular one wraps it."""
    return failure.cause if isinstance(failure, ActivityError) else failure
