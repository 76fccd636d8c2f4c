"""The verbs a journey as code is written with: stand and wait, send, offer, finish. Each is one local activity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from temporalio import workflow

from activities.code_journeys import CodeJourneyEffects, FinishOrder, MailOrder, OfferOrder, StandOrder
from activities.timing import ONE_TRANSACTION
from leadloom.domain.model import LeadId
from workflows.waiting import LooksAgain, business_now


class CodeJourney(LooksAgain):
    """A run of a journey as code. Temporal's patching versions it: a run finishes on the steps it began with."""

    async def stand_by(self, waiting_for: str, *, until: datetime, listens: Sequence[str]) -> bool:
        """Write what is waited for, wait for it; False when the run was ended meanwhile."""
        self._nudged = False
        order = StandOrder(about=self.about, waiting_for=waiting_for, until=until, listens=tuple(listens))
        open_still = await workflow.execute_local_activity_method(CodeJourneyEffects.stand, order, **ONE_TRANSACTION)
        if open_still:
            await self.wait(until, waiting_for)
        return open_still

    async def send(self, step: str, *, mail: str, mail_class: str, sender: str, lead: LeadId) -> datetime:
        """Plan a mail to a lead of the company; its slot."""
        order = MailOrder(
            about=self.about, step=step, mail=mail, mail_class=mail_class, sender=sender, lead=lead, at=business_now()
        )
        return await workflow.execute_local_activity_method(CodeJourneyEffects.plan_mail, order, **ONE_TRANSACTION)

    async def offer(self, kind: str, *, lead: LeadId, why: Sequence[str]) -> None:
        """Raise one hand-off for the company, through a lead."""
        order = OfferOrder(about=self.about, kind=kind, lead=lead, why=tuple(why), at=business_now())
        await workflow.execute_local_activity_method(CodeJourneyEffects.offer, order, **ONE_TRANSACTION)

    async def finish(self, outcome: str) -> str:
        """Close the run's row with an outcome; returns it."""
        order = FinishOrder(about=self.about, outcome=outcome, at=business_now())
        await workflow.execute_local_activity_method(CodeJourneyEffects.finish_run, order, **ONE_TRANSACTION)
        return outcome
