"""The effects behind the verbs of journeys as code: one transaction each, keyed by the run and the step."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from temporalio import activity

from activities.timing import names_failures
from activities.tools import Tools
from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import EnrolmentId, Instant, LeadId, Value
from leadloom.store import code_runs, published


class StandOrder(Value):
    """What the run waits for from now on."""

    about: str
    waiting_for: str
    until: Instant
    listens: tuple[str, ...] = ()


class MailOrder(Value):
    """A mail of the run, to a lead of its company."""

    about: str
    step: str
    mail: str
    mail_class: str
    sender: str
    lead: LeadId
    worth: Span = timedelta(days=7)
    at: Instant


class OfferOrder(Value):
    """A hand-off the run raises."""

    about: str
    lead: LeadId
    kind: str
    why: tuple[str, ...]
    at: Instant


class FinishOrder(Value):
    """How the run ended."""

    about: str
    outcome: str
    at: Instant


class CircleOrder(Value):
    """Whose responses count: those since an instant."""

    about: str
    offer: str
    """Kind of the hand-off the run raises."""
    since: Instant
    at: Instant


class Circle(Value):
    """The roles that engaged, and who of them engaged most."""

    roles: tuple[str, ...]
    champion: LeadId | None
    entered_at: Instant
    offered_at: Instant | None
    """When the run made its offer: a workflow that starts anew goes on from the rows."""
    reader: LeadId | None = None
    """Who engaged most among those we may write to."""


class CodeJourneyEffects:
    """Effects of journeys as code."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @activity.defn
    @names_failures
    async def stand(self, order: StandOrder) -> bool:
        """Write what the run waits for; False when it has ended. Safe to repeat: the same row says the same."""
        async with self._tools.db.transaction() as tx:
            return await code_runs.stand(
                tx, _run(order.about), waiting_for=order.waiting_for, until=order.until, listens=order.listens
            )

    @activity.defn
    @names_failures
    async def plan_mail(self, order: MailOrder) -> Instant:
        """Plan a mail; its slot. Safe to repeat: the key (run, step, 1) answers the same row."""
        async with self._tools.db.transaction() as tx:
            mail = code_runs.CodeMail(
                step=order.step, mail=order.mail, mail_class=order.mail_class, sender=order.sender,
                lead_id=order.lead, worth=order.worth,
            )  # fmt: skip
            book = await published.book(tx)
            return (await code_runs.send(tx, _run(order.about), mail, book=book, at=order.at)).slot_at

    @activity.defn
    @names_failures
    async def offer(self, order: OfferOrder) -> None:
        """Raise a hand-off. Safe to repeat: an open one of the company is joined, never doubled."""
        async with self._tools.db.transaction() as tx:
            book = await published.book(tx)
            await code_runs.raise_hand_off(
                tx, _run(order.about), order.lead, kind=order.kind, why=order.why, book=book, at=order.at
            )

    @activity.defn
    @names_failures
    async def finish_run(self, order: FinishOrder) -> None:
        """End the run. Safe to repeat: only an open run ends."""
        async with self._tools.db.transaction() as tx:
            await code_runs.finish(tx, _run(order.about), outcome=order.outcome, at=order.at)

    @activity.defn
    @names_failures
    async def look_at_circle(self, order: CircleOrder) -> Circle:
        """Read which roles of the company engaged. Changes nothing."""
        async with self._tools.db.read() as tx:
            members = await code_runs.circle(
                tx, _run(order.about), since=order.since, book=await published.book(tx), at=order.at
            )
            entered_at, offered_at = await code_runs.so_far(tx, _run(order.about), offer=order.offer)
        return Circle(
            entered_at=entered_at,
            offered_at=offered_at,
            roles=tuple(sorted({member.role for member in members})),
            champion=members[0].lead_id if members else None,
            reader=next((member.lead_id for member in members if member.may_market), None),
        )


def _run(about: str) -> EnrolmentId:
    return EnrolmentId(UUID(about))
