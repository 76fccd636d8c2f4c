"""Sells to a company, not to a person: when two roles engage within 21 days, brief the champion and make one offer."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from activities.code_journeys import Circle, CircleOrder, CodeJourneyEffects
from activities.timing import ONE_TRANSACTION
from leadloom.domain.journey import MailClass
from leadloom.domain.standing import CodeEntry
from workflows.steps import CodeJourney
from workflows.waiting import business_now

_ENGAGES = ("article_read", "calculator_finished", "webinar_attended", "price_page", "guide_requested")
_TOGETHER = timedelta(days=21)
_ROLES = 2
_REST = timedelta(days=90)
"""How long a company is left alone after its brief: the open run keeps another from beginning."""

_DELIVERY = timedelta(hours=1)
"""How long after its slot a brief is left to be read before somebody calls."""

ENTRY = CodeEntry(name="buying-circle", workflow="BuyingCircle", events=_ENGAGES, prospect=True, per="account")


@workflow.defn
class BuyingCircle(CodeJourney):
    """One run per company at a time. Journeys as data know one lead; this one knows the company."""

    @workflow.run
    async def run(self, about: str) -> str:
        """`about` is the enrolment's id. Returns the outcome the row was closed with."""
        self.about = about
        opened_at = business_now()
        closes_at = opened_at + _TOGETHER
        while True:
            circle = await self._circle()
            if len(circle.roles) >= _ROLES and circle.champion is not None:
                break
            if business_now() >= closes_at:
                return await self.finish("one role only")
            if not await self.stand_by("a second role of the company to engage", until=closes_at, listens=_ENGAGES):
                return "ended"
        await self._brief(circle)
        await self.offer("buying-circle", lead=circle.champion, why=[f"engaged: {', '.join(circle.roles)}"])
        rested_at = business_now() + _REST
        while business_now() < rested_at:
            if not await self.stand_by("the company's rest after its brief to end", until=rested_at, listens=()):
                return "ended"
        return await self.finish("circle met")

    async def _brief(self, circle: Circle) -> None:
        """The brief goes out before sales is told: from the offer on, the company's marketing mail is held."""
        if circle.reader is None:
            return
        slot = await self.send(
            "brief", mail="brief", mail_class=MailClass.MARKETING, sender="ines-carvalho", lead=circle.reader
        )
        gone_at = slot + _DELIVERY
        while business_now() < gone_at:
            if not await self.stand_by("the brief to go out", until=gone_at, listens=()):
                return

    async def _circle(self) -> Circle:
        order = CircleOrder(about=self.about, since=business_now() - _TOGETHER, at=business_now())
        return await workflow.execute_local_activity_method(CodeJourneyEffects.look_at_circle, order, **ONE_TRANSACTION)
