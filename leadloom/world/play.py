"""How the example world is played: 240 people, 90 virtual days, real workflows, real Postgres, real SMTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import NotFound
from leadloom.domain.lead import EventDraft
from leadloom.domain.mails.review import ReviewAct
from leadloom.domain.wake import CLOCK_AHEAD
from leadloom.runtime import reviews as looking
from leadloom.runtime.local.mail_trap import Fault, MailTrap
from leadloom.runtime.local.temporal import let_pass
from leadloom.runtime.local.trapped_mail import TrappedMail
from leadloom.runtime.publishing import Drafts, publish_all, read_drafts
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import House, opened, tools_of
from leadloom.runtime.workers import working
from leadloom.store import events, leads, owners, published, reviews
from leadloom.world import governors
from leadloom.world.behaviour import MailCame
from leadloom.world.effects import Mailboxes, WorldEffects
from leadloom.world.guests import Guests
from leadloom.world.people import Person, everybody
from leadloom.world.persona import WORLD_QUEUE, Persona, PersonOrder, RepOrder, RepPersona

DAYS = 90
JONAS_AWAY = (28, 42)
"""Days between which Jonas Brandt is away; his deputy covers."""
RELAY_DOWN = (timedelta(days=58, hours=13), timedelta(days=58, hours=16))
"""In week 9 the relay defers every mail for three hours: hand-offs are late, and reps are not to blame."""

_SELLING = ("sdr", "ae", "customer-success", "sales-lead-manager")


@dataclass
class World:
    """A world that is being played."""

    house: House
    environment: WorkflowEnvironment
    trap: MailTrap
    begins: datetime
    drafts: Drafts
    days: int = DAYS
    guests: Guests | None = None
    """Who plays instead of the 240: the people of a list somebody brought along."""

    def number_of(self) -> dict[str, int]:
        """Who lives at which address."""
        return self.guests.numbers() if self.guests else {one.email: one.number for one in everybody()}


@contextlib.asynccontextmanager
async def a_world(settings: Settings, environment: WorkflowEnvironment, *, begins: datetime) -> AsyncGenerator[World]:
    """Everything that a played world needs, opened and published; nobody lives in it yet."""
    ahead = begins - await environment.get_current_time()
    settings = settings.model_copy(update={"clock_ahead_s": ahead.total_seconds(), "maintenance_every_s": 86400.0})
    async with MailTrap() as trap:
        settings = settings.model_copy(update={"smtp_url": trap.url})
        async with opened(settings, temporal=environment.client) as house:
            drafts = read_drafts()
            await publish_all(house.db, at=begins, by=drafts.definition.owner, drafts=drafts)
            yield World(house, environment, trap, begins, drafts)


async def play(world: World, *, told: Callable[[float, str], None]) -> float:
    """Let 90 days pass. `told` hears (share done, words) as time goes by. Returns wall seconds."""
    began = monotonic()
    mailboxes = Mailboxes(world.trap.mails)
    effects = WorldEffects(world.house, mailboxes, world.number_of())
    client = world.environment.client
    world.trap.on_mail = _Postman(client, world.drafts.definition, world.number_of())
    people = Worker(
        client,
        task_queue=WORLD_QUEUE,
        workflows=[Persona, RepPersona],
        activities=[effects.act, effects.respond, effects.rep_act],
        # Personas are part of the stage, not of the product: no sandbox, which would cost 10 ms for each of them.
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with tools_of(world.house) as tools, working(world.house, tools), people:
        if world.guests is None:
            await _plant_absence(world)
        await _settle_in(client, world)
        await _pass(world, told)
    return monotonic() - began


async def _plant_absence(world: World) -> None:
    away = [world.begins + timedelta(days=day) for day in JONAS_AWAY]
    async with world.house.db.transaction() as tx:
        await owners.be_away(
            tx, "jonas-brandt", from_at=away[0], until_at=away[1], by="greta-lindqvist", at=world.begins
        )


async def _settle_in(client: Client, world: World) -> None:
    """Everybody moves in: one workflow each."""
    memo = {CLOCK_AHEAD: world.house.settings.clock_ahead_s}
    definition = world.drafts.definition
    for number in world.number_of().values():
        order = PersonOrder(number=number, begins=world.begins)
        await client.start_workflow(Persona.run, order, id=f"person/{number}", task_queue=WORLD_QUEUE, memo=memo)
    for entry in definition.owners:
        if entry.role in _SELLING:
            rep = RepOrder(handle=entry.handle, calendar=definition.calendars[entry.calendar])
            await client.start_workflow(
                RepPersona.run, rep, id=f"rep/{entry.handle}", task_queue=WORLD_QUEUE, memo=memo
            )


async def _pass(world: World, told: Callable[[float, str], None]) -> None:
    """Days go by; on some of them something is planted."""
    turns: list[tuple[timedelta, Callable[[], object]]] = [
        *governors.turns(world.house.db, world.begins, world.drafts.definition),
        (RELAY_DOWN[0], lambda: world.trap.fail(Fault.DEFER)),
        (RELAY_DOWN[1], world.trap.recover),
    ]
    if world.guests is not None:
        turns = []  # What is planted is the invented world's; a stranger's list has a truth of its own.
    days = [(timedelta(days=day), _nothing) for day in range(1, world.days + 1)]
    for after, turn in sorted([*turns, *days], key=lambda stop: stop[0]):
        if after > timedelta(days=world.days):
            break
        now = await world.environment.get_current_time() + world.house.settings.clock_ahead
        if (rest := world.begins + after - now) > timedelta():
            await let_pass(world.environment, rest)
        done = turn()
        if asyncio.iscoroutine(done):
            await done
        told(after / timedelta(days=world.days), f"day {after.days} · {len(world.trap.mails)} mails")


def _nothing() -> None:
    """A day like others."""


class _Postman:
    """Tells the person or rep whose mailbox it is that a mail came: its number and what it is, nothing else."""

    def __init__(self, client: Client, definition: Definition, number_of: Mapping[str, int]) -> None:
        self._client = client
        self._people = {address: f"person/{number}" for address, number in number_of.items()}
        domain = definition.mail.from_domain
        self._reps = {
            f"{entry.handle.replace('-', '.')}@{domain}": f"rep/{entry.handle}"
            for entry in definition.owners
            if entry.role in _SELLING
        }

    async def __call__(self, mail: TrappedMail) -> None:
        address = mail.recipients[0].lower()
        step, journey, *_ = mail.header("Feedback-ID").split(":")
        came = MailCame(number=mail.no, journey=journey, mail=step)
        if (who := self._people.get(address) or self._reps.get(address)) is not None:
            await self._client.get_workflow_handle(who).signal("mail_came", came)


async def leave_work(world: World, *, at: datetime, offers: int = 3) -> int:
    """Let some people ask for a demo at the world's last moment, so that whoever opens it finds somebody waiting.

    Nobody of the world answers any more: these are for the person who looks. Answers how many asked.
    """
    asked = 0
    taken: set[int] = set()
    for one in everybody():
        if asked == offers:
            break
        if one.company.number in taken or one.wrong_data or one.kind != "buyer" or one.out_of_reach:
            continue
        if await _asks(world, one, at):
            asked += 1
            taken.add(one.company.number)
    await _hold_a_letter(world, at)
    await governors.leave_draft(world.house.db, world.drafts.definition, at=at)
    return asked


async def _hold_a_letter(world: World, at: datetime) -> None:
    """One letter of a deal waits for its owner's word, if any is coming: something to look at under `/coming`."""
    async with world.house.db.transaction() as tx:
        for letter in (await reviews.coming(tx))[:1]:
            order = ReviewAct(act="hold", by=letter.owner, via="link", why="They are at a fair until Thursday")
            await looking.act(tx, letter.message_id, order, at=at)


async def _asks(world: World, who: Person, at: datetime) -> bool:
    """Whether this person could ask now: known to us, and neither they nor their company talk to sales yet."""
    async with world.house.db.transaction() as tx:
        book = await published.book(tx)
        try:
            lead_id = await leads.find(tx, who.email)
        except NotFound:
            return False
        standing = await leads.standing_of(tx, lead_id, book=book, at=at)
        if standing.open_deal or standing.stages.get("new-business") != "inquiry":
            return False
        draft = EventDraft(kind="demo_requested", at=at, key=f"world:{who.number}:opens", channel="microsite")
        await events.record(tx, lead_id, [draft], book=book, at=at)
    return True
