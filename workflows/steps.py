"""The verbs a journey as code is written with: listen, wait, send, offer, finish. Each is one local activity."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError

from activities.answers import Blocked, BlockedRun
from activities.code_journeys import CodeJourneyEffects, FinishOrder, MailOrder, OfferOrder, StandOrder
from activities.runs import RunEffects
from activities.timing import ONE_TRANSACTION
from leadloom.domain.model import LeadId
from workflows.waiting import LooksAgain, business_now

Order = TypeVar("Order")
Done = TypeVar("Done")


class CodeJourney(LooksAgain):
    """A run of a journey as code. Temporal's patching versions it: a run finishes on the steps it began with."""

    async def listen(self, waiting_for: str, *, until: datetime, listens: Sequence[str]) -> bool:
        """Write what is waited for and listened to from now on; False when the run was ended meanwhile.

        Listen, look, then wait, in this order: whatever happens after the look wakes the wait.
        """
        order = StandOrder(about=self.about, waiting_for=waiting_for, until=until, listens=tuple(listens))
        return await self.do(CodeJourneyEffects.stand, lambda: order)

    async def stand_by(self, waiting_for: str, *, until: datetime) -> bool:
        """Let time pass; False when the run was ended meanwhile."""
        while business_now() < until:
            if not await self.listen(waiting_for, until=until, listens=()):
                return False
            await self.wait(until, waiting_for)
        return True

    async def send(self, step: str, *, mail: str, mail_class: str, sender: str, lead: LeadId) -> datetime:
        """Plan a mail to a lead of the company; its slot."""

        def order() -> MailOrder:
            at = business_now()
            return MailOrder(
                about=self.about, step=step, mail=mail, mail_class=mail_class, sender=sender, lead=lead, at=at
            )

        return await self.do(CodeJourneyEffects.plan_mail, order)

    async def offer(self, kind: str, *, lead: LeadId, why: Sequence[str]) -> None:
        """Raise one hand-off for the company, through a lead."""
        await self.do(
            CodeJourneyEffects.offer,
            lambda: OfferOrder(about=self.about, kind=kind, lead=lead, why=tuple(why), at=business_now()),
        )

    async def finish(self, outcome: str) -> str:
        """Close the run's row with an outcome; returns it."""
        await self.do(
            CodeJourneyEffects.finish_run,
            lambda: FinishOrder(about=self.about, outcome=outcome, at=business_now()),
        )
        return outcome

    async def do(
        self, effect: Callable[[CodeJourneyEffects, Order], Awaitable[Done]], order: Callable[[], Order]
    ) -> Done:
        """One verb, until it has happened: a failing one blocks the run, and goes on when an operator retries.

        `order` is called for each try, since a retry may come days later and plans from then on.
        """
        while True:
            self._nudged = False
            try:
                done = await workflow.execute_local_activity_method(effect, order(), **ONE_TRANSACTION)
            except FailureError as failure:
                await self.recover(failure, self._block)
                continue
            self._failures = 0
            return done

    async def _block(self, blocked: Blocked) -> None:
        row = BlockedRun(about=self.about, error=blocked.error, at=blocked.at)
        await workflow.execute_local_activity_method(RunEffects.block_run, row, **ONE_TRANSACTION)
