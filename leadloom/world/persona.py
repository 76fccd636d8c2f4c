"""How people of the world live in virtual time: each is a workflow with an agenda and a mailbox (law 11)."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.timing import LocalTiming
from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.model import Instant, Value
from leadloom.world.behaviour import Act, MailCame, agenda, react
from leadloom.world.effects import ActOrder, MailToRep, RepActOrder, WorldEffects
from leadloom.world.people import GUESTS_FROM, person
from leadloom.world.reps import RepAct
from workflows.waiting import business_now, wait_until

WORLD_QUEUE = "world"
_ACT = LocalTiming(
    start_to_close_timeout=timedelta(minutes=2),
    retry_policy=RetryPolicy(maximum_attempts=5, initial_interval=timedelta(seconds=1)),
)


class PersonOrder(Value):
    """Which person of the world to be."""

    number: int
    begins: Instant


class RepOrder(Value):
    """Which rep to be, and when they work."""

    handle: str
    calendar: Calendar


@workflow.defn
class Persona:
    """A person: does what their story says, and something about a mail now and then."""

    def __init__(self) -> None:
        self._came: list[MailCame] = []

    @workflow.signal
    def mail_came(self, came: MailCame) -> None:
        """A mail lies in the mailbox."""
        self._came.append(came)

    @workflow.run
    async def run(self, order: PersonOrder) -> None:
        """Lives until the world is shut down."""
        me = person(order.number)
        acts: list[Act] = [] if me.number >= GUESTS_FROM else agenda(me, order.begins)
        while True:
            while self._came:
                acts = sorted([*acts, *react(me, self._came.pop(0), business_now())], key=lambda act: act.at)
            if not acts or acts[0].at > business_now():
                await wait_until(acts[0].at if acts else None, lambda: bool(self._came), "what comes next")
                continue
            await workflow.execute_local_activity_method(
                WorldEffects.act, ActOrder(number=order.number, act=acts.pop(0), at=business_now()), **_ACT
            )


@workflow.defn
class RepPersona:
    """A rep: reads notices, decides, tries, meets, sells."""

    def __init__(self) -> None:
        self._came: list[MailCame] = []

    @workflow.signal
    def mail_came(self, came: MailCame) -> None:
        """A notice lies in the mailbox."""
        self._came.append(came)

    @workflow.run
    async def run(self, order: RepOrder) -> None:
        """Works until the world is shut down."""
        acts: list[RepAct] = []
        while True:
            while self._came:
                acts = sorted([*acts, *await self._respond(order, self._came.pop(0))], key=lambda act: act.at)
            if not acts or acts[0].at > business_now():
                await wait_until(acts[0].at if acts else None, lambda: bool(self._came), "what comes next")
                continue
            act = acts.pop(0)
            done = await workflow.execute_local_activity_method(
                WorldEffects.rep_act, RepActOrder(handle=order.handle, act=act, at=business_now()), **_ACT
            )
            if not done:
                # Somebody else was first, or the lead was given back: what would have followed doesn't.
                acts = [later for later in acts if later.notice.number != act.notice.number]

    async def _respond(self, order: RepOrder, came: MailCame) -> list[RepAct]:
        mail = MailToRep(handle=order.handle, calendar=order.calendar, came=came, at=business_now())
        return await workflow.execute_local_activity_method(WorldEffects.respond, mail, **_ACT)
