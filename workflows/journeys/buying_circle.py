"""Sells to a company, not to a person: when two roles engage within 21 days, brief the champion and make one offer."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow

from activities.code_journeys import Circle, CircleOrder, CodeJourneyEffects
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.model import LeadId
from leadloom.domain.standing import CodeEntry
from workflows.steps import CodeJourney
from workflows.waiting import business_now

_ENGAGES = ("article_read", "calculator_finished", "webinar_attended", "price_page", "guide_requested")
_TOGETHER = timedelta(days=21)
_ROLES = 2
_OFFER = "buying-circle"
_SECOND_ROLE = "a second role of the company to engage"
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
        circle = await self._circle()
        closes_at = circle.entered_at + _TOGETHER
        while circle.offered_at is None:
            if not await self.listen(_SECOND_ROLE, until=closes_at, listens=_ENGAGES):
                return "ended"
            circle = await self._circle()
            if len(circle.roles) >= _ROLES and circle.champion is not None:
                return await self._meet(circle, circle.champion)
            if business_now() >= closes_at:
                return await self.finish("one role only")
            await self.wait(closes_at, _SECOND_ROLE)
        return await self._rest(circle.offered_at + _REST)

    async def _meet(self, circle: Circle, champion: LeadId) -> str:
        await self._brief(circle)
        await self.offer(_OFFER, lead=champion, why=[f"engaged: {', '.join(circle.roles)}"])
        return await self._rest(business_now() + _REST)

    async def _rest(self, rested_at: datetime) -> str:
        if not await self.stand_by("the company's rest after its brief to end", until=rested_at):
            return "ended"
        return await self.finish("circle met")

    async def _brief(self, circle: Circle) -> None:
        """The brief goes out before sales is told: from the offer on, the company's marketing mail is held."""
        if circle.reader is None:
            return
        slot = await self.send(
            "brief", mail="brief", mail_class=MailClass.MARKETING, sender="ines-carvalho", lead=circle.reader
        )
        await self.stand_by("the brief to go out", until=slot + _DELIVERY)

    async def _circle(self) -> Circle:
        def order() -> CircleOrder:
            return CircleOrder(about=self.about, since=business_now() - _TOGETHER, at=business_now(), offer=_OFFER)

        return await self.do(CodeJourneyEffects.look_at_circle, order)
