"""What tests of the store do again and again: bring a lead in, look at a run, ask the database what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.store import enrolments, events, leads, messages
from leadloom.store.advanced import Advanced
from leadloom.store.db import Db
from leadloom.store.messages import ClaimedMessage, ClaimOrder, Written
from leadloom.store.published import Book
from tests import world

TUESDAY = world.MONDAY.replace(day=3, hour=15)
"""10:00 in New York, inside the send window."""
WALL = datetime.fromisoformat("2031-01-01T00:00:00+00:00")
"""Wall time of these tests: far from business time, so that comparing the two would show."""


async def rows(dsn: str, query: str, *values: object) -> list[asyncpg.Record]:
    """What the database says, asked from outside our code."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(query, *values)
    finally:
        await connection.close()


async def capture(db: Db, book: Book, draft: LeadDraft, at: datetime = TUESDAY) -> LeadId:
    async with db.transaction() as tx:
        return (await leads.capture(tx, draft, book=book, at=at, actor="lead")).lead_id


async def happens(db: Db, book: Book, lead_id: LeadId, *drafts: EventDraft) -> None:
    async with db.transaction() as tx:
        await events.record(tx, lead_id, drafts, book=book, at=drafts[-1].at)


async def in_journey(
    db: Db, book: Book, name: str = "ana.torres", at: datetime = TUESDAY, **rest: object
) -> tuple[LeadId, EnrolmentId]:
    """A lead who asked for the guide, may be written to, and stands at the first step of the small journey."""
    draft = world.draft(name, world.happened("guide_requested", at), bases=(world.permission(at=at),), **rest)
    lead_id = await capture(db, book, draft, at)
    async with db.read() as tx:
        return lead_id, (await enrolments.of_lead(tx, lead_id))[0].enrolment_id


async def advance(db: Db, book: Book, enrolment_id: EnrolmentId, at: datetime = TUESDAY) -> Advanced:
    async with db.transaction() as tx:
        return await enrolments.advance(tx, enrolment_id, book=book, at=at)


async def claim(
    db: Db,
    book: Book,
    lane: str,
    at: datetime = TUESDAY,
    *,
    limit: int = 50,
    claim: UUID | None = None,
    made_of: Callable[[ClaimedMessage], Written] | None = None,
) -> list[ClaimedMessage]:
    """What is due in a lane, claimed; `made_of` says what each mail is written from."""
    order = ClaimOrder(lane=lane, claim=claim or uuid4(), epoch=1, limit=limit, wall_at=WALL)
    async with db.transaction() as tx:
        mails = (await messages.due_page(tx, order, book=book, at=at)).mails
        await messages.claim(tx, order, mails, {each.message_id: made_of(each) for each in mails} if made_of else {})
    return mails


async def wait_for_a_lock(dsn: str, *, sessions: int = 1) -> None:
    """Return when so many sessions of the database wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    connection = await asyncpg.connect(dsn)
    async with asyncio.timeout(15):
        while await connection.fetchval(query) < sessions:  # noqa: ASYNC110  Postgres tells nobody
            await asyncio.sleep(0.02)
    await connection.close()
