"""A deal in the example world whose quality manager is about to get the validation pack: what tests of it stand on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey_check import read_journey
from leadloom.domain.model import LeadId, MessageId
from leadloom.mail.building import build_template
from leadloom.store import deals, enrolments, published, reviews
from leadloom.store.db import Db
from leadloom.store.deals import DealDraft
from leadloom.store.published import Book
from leadloom.store.reviews import Coming
from tests import world
from tests.repository import ROOT
from tests.store import acts

OPENED = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
"""Tuesday, 10:00 in New York."""
SILENT_UNTIL = OPENED + timedelta(days=1)
"""A working day later, in New York."""
NAME = "deal-support"


async def publish(db: Db) -> Book:
    """The world of the other tests, with the journey we ship and its letters."""
    await world.publish(db)
    at, folder = world.MONDAY - timedelta(days=20), ROOT / "templates" / "journeys" / NAME
    path = ROOT / "workflows" / "journeys" / f"{NAME}.yaml"
    layout = _files(ROOT / "templates" / "_layout")
    async with db.transaction() as tx:
        for mail in sorted(each for each in folder.iterdir() if each.is_dir()):
            body = build_template(_files(mail), layout)
            await published.publish_template(tx, NAME, mail.name, body, at=at, by="priya-nair")
        journey = read_journey(DraftText(path.name, path.read_text(encoding="utf-8")))
        await published.publish_journey(tx, journey, at=at, by="priya-nair")
        return await published.book(tx)


async def deal_opened(db: Db, book: Book, at: datetime = OPENED, **rest: object) -> LeadId:
    """Dana's deal with Ana's company is open, and Ana's run has asked for its letter."""
    lead_id = await acts.capture(db, book, world.draft(**rest), at)
    async with db.transaction() as tx:
        await deals.save(tx, _deal(lead_id, at), book=book, at=at)
    async with db.read() as tx:
        (run,) = await enrolments.of_lead(tx, lead_id)
    await acts.advance(db, book, run.enrolment_id, at=at)
    return lead_id


async def deal_lost(db: Db, book: Book, at: datetime = OPENED + timedelta(hours=2)) -> None:
    """It came to nothing, before the letter went."""
    lead_id = (await mail(db)).lead_id
    async with db.transaction() as tx:
        closed = _deal(lead_id, OPENED).model_copy(update={"stage": "lost", "closed_at": at})
        await deals.save(tx, closed, book=book, at=at)


def _deal(lead_id: LeadId, at: datetime) -> DealDraft:
    return DealDraft(
        external_id="crm-1", name="Kit for Meridian", lead_id=lead_id, owner="dana-whitlock", created_at=at
    )


async def mail(db: Db, owner: str | None = None) -> Coming:
    """The one letter that is coming."""
    async with db.read() as tx:
        (coming,) = await reviews.coming(tx, owner)
    return coming


async def lane_of(dsn: str, message_id: MessageId) -> str:
    """Where it is drained."""
    (row,) = await acts.rows(dsn, "SELECT lane FROM message WHERE message_id = $1", message_id)
    return str(row["lane"])


def _files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
