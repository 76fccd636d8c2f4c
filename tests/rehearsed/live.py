"""Many cases at once in one running house: real Postgres, Temporal in virtual time, a mail trap, a worker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
from temporalio.exceptions import ApplicationError

from activities.answers import OutsideCall
from activities.custom import custom_step
from activities.tools import Tools
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.rehearsal.happenings import Answers, Happening, Happens, Leaves, Permits, Tells
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.runtime.local.temporal import skipping
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import opened, tools_of
from leadloom.runtime.workers import working
from leadloom.store import entering, events, leads, permissions, published, tasks
from leadloom.store.entering import ByHand
from leadloom.store.published import Book
from leadloom.store.tx import Tx
from tests import receiver, world
from tests.house import TestHouse
from tests.rehearsed.cases import PROOF, Case
from tests.rehearsed.journeys import FAILS, NOTICE, Told

BY = "priya-nair"
_A_WHILE = 0.6
"""Seconds a failing effect takes: real ones are tried for longer, and meanwhile goes the mail that is due."""
_A_MOMENT = 0.25
"""Seconds one takes that works: what it leads to may end the run, and take back a mail no lane has claimed yet."""
_SELDOM = timedelta(days=4000)
"""Between two rounds of sweeps: what only a sweep repairs would be a difference."""


@dataclass
class Batch:
    """What a batch of cases plays in."""

    house: TestHouse
    dsn: str
    book: Book

    async def rows(self, query: str, *values: object) -> list[asyncpg.Record]:
        """What the database says, asked from outside our code."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()


async def play_a_part(told: Told, call: OutsideCall, tools: Tools) -> None:
    """The custom step of these journeys: it does nothing, or fails for good."""
    del call, tools
    await asyncio.sleep(_A_WHILE if told.ends == FAILS else _A_MOMENT)
    if told.ends == FAILS:
        raise ApplicationError("it was told to fail", type="Told", non_retryable=True)


@contextlib.asynccontextmanager
async def a_batch(dsn: str, definition: Definition, begins_at: datetime) -> AsyncGenerator[Batch]:
    """A running house in which nothing but the definition is in force yet; its clock begins then."""
    with receiver.receiving() as other, _key():
        here = definition.but(
            endpoints={name: each.but(url=f"{other.url}/{name}") for name, each in definition.endpoints.items()}
        )
        async with MailTrap() as trap, skipping() as environment:
            ahead = begins_at - await environment.get_current_time()
            with tempfile.TemporaryDirectory(prefix="leadloom-cases-") as state:
                settings = Settings(
                    database_url=dsn, smtp_url=trap.url, state=Path(state), clock_ahead_s=ahead.total_seconds(),
                    maintenance_every_s=_SELDOM.total_seconds(),
                )  # fmt: skip
                async with opened(settings, temporal=environment.client) as house, tools_of(house) as tools:
                    test_house = TestHouse(house, environment, trap)
                    async with house.db.transaction() as tx:
                        await published.publish_definition(tx, here, at=begins_at, by=BY)
                        asked = world.template("asked", for_owner=True)
                        await published.publish_template(tx, "task", "asked", asked, at=begins_at, by=BY)
                    async with working(house, tools, extra=[custom_step(play_a_part).bound(tools)]):
                        async with house.db.transaction() as tx:
                            book = await published.book(tx)
                        yield Batch(test_house, dsn, book)


@contextlib.contextmanager
def _key() -> Generator[None]:
    before = os.environ.get(receiver.KEY_NAME)
    os.environ[receiver.KEY_NAME] = receiver.KEY
    try:
        yield
    finally:
        if before is None:
            del os.environ[receiver.KEY_NAME]
        else:
            os.environ[receiver.KEY_NAME] = before


async def play(
    batch: Batch, cases: Sequence[Case], *, until: datetime, tell: Callable[[str], None] | None = None
) -> None:
    """Play all cases to `until`: everybody comes in and everything happens at its own instant of virtual time."""
    async with batch.house.db.transaction() as tx:
        for case in cases:
            await _publish(tx, case)
        batch.book = await published.book(tx)
    await _born(batch, cases)
    acts = sorted((act for case in cases for act in _acts(batch, case)), key=lambda act: act[0])
    for no, (at, act) in enumerate(acts):
        await _come_to(batch, at)
        async with batch.house.db.transaction() as tx:
            await act(tx)
        if tell is not None and no % 50 == 0:
            tell(f"{no} of {len(acts)} things have happened, {at:%d %b %H:%M}")
    await _come_to(batch, until)


async def _come_to(batch: Batch, at: datetime) -> None:
    left = at - await batch.house.now()
    if left > timedelta():
        await batch.house.pass_time(left)


async def _publish(tx: Tx, case: Case) -> None:
    for journey in (case.journey, case.sub, case.holder):
        await published.publish_journey(tx, journey, at=case.begins_at, by=BY)
        for mail in sorted({letter.mail for step in journey.steps for letter in step.letters(journey)}):
            body = world.template(mail, for_owner=mail == NOTICE)
            await published.publish_template(tx, journey.name, mail, body, at=case.begins_at, by=BY)


async def _born(batch: Batch, cases: Sequence[Case]) -> None:
    """The leads, with ids of ours: the lot a lead draws hangs on it."""
    rows = [
        (lead.lead_id, lead.email, lead.first_name, lead.country, lead.time_zone, lead.role,
         json.dumps(lead.attributes), lead.created_at)
        for lead in (case.lead for case in cases)
    ]  # fmt: skip
    connection = await asyncpg.connect(batch.dsn)
    try:
        async with connection.transaction():
            await connection.executemany(
                "INSERT INTO lead (lead_id, email, first_name, country, time_zone, role, attributes, created_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                rows,
            )
            await connection.executemany(
                "INSERT INTO identity_key (kind, value, lead_id) VALUES ('email', $2, $1)", [row[:2] for row in rows]
            )
    finally:
        await connection.close()
    async with batch.house.db.transaction() as tx:
        await permissions.grant_all(tx, {case.lead.lead_id: [PROOF] for case in cases if case.may_market})


Act = tuple[datetime, Callable[[Tx], Awaitable[None]]]


def _acts(batch: Batch, case: Case) -> Iterator[Act]:
    if case.held:
        yield case.held_from, lambda tx: _let_in(tx, batch, case, case.holder, case.held_from)
    yield case.enters_at, lambda tx: _enters(tx, batch, case)
    for happening in case.script:
        yield happening.at, lambda tx, one=happening: _happens(tx, batch, case, one)


async def _let_in(tx: Tx, batch: Batch, case: Case, journey: Journey, at: datetime) -> None:
    order = ByHand(journey=journey.name, by=BY, occasion="the case")
    await entering.let_in(tx, [case.lead.lead_id], order, book=batch.book, at=at)


async def _enters(tx: Tx, batch: Batch, case: Case) -> None:
    if not case.by_event:
        await _let_in(tx, batch, case, case.journey, case.enters_at)
        return
    entry = EventDraft(kind="guide_requested", at=case.enters_at, data={"form": case.journey.name})
    await events.record(tx, case.lead.lead_id, [entry], book=batch.book, at=case.enters_at)


async def _happens(tx: Tx, batch: Batch, case: Case, one: Happening) -> None:
    lead_id, book, at = case.lead.lead_id, batch.book, one.at
    match one:
        case Happens(kind=kind, data=data, verdict=verdict):
            draft = EventDraft(kind=kind, at=at, data=data, verdict=verdict)
            await events.record(tx, lead_id, [draft], book=book, at=at)
        case Tells(field=field, value=value):
            own = field in LeadDraft.model_fields
            rest = {field: value} if own else {"attributes": {field: value}}
            told = LeadDraft.model_validate({"email": case.email, **rest})
            await leads.capture(tx, told, book=book, at=at, actor="lead")
        case Permits():
            told = LeadDraft(email=case.email, bases=(PROOF.but(at=at),))
            await leads.capture(tx, told, book=book, at=at, actor="lead")
        case Leaves(outcome=outcome):
            await entering.end_run(tx, lead_id, case.run_id, outcome, by=BY, at=at)
        case Answers(step=step, outcome=outcome):
            open_now = await tasks.every(tx, lead_id=lead_id)
            asked = next((task for task in open_now if (task.enrolment_id, task.step) == (case.run_id, step)), None)
            if asked is not None:
                said = tasks.Answer(outcome=outcome, by="ines-carvalho", via="page")
                await tasks.answer(tx, asked.task_id, said, book=book, at=at)
        case _:
            raise NotImplementedError(one)
