"""How long were pages of microsites read, by whom, and what of it does a lead's log say?"""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.microsites import reading as rules
from leadloom.domain.microsites.reading import Reading, events_of
from leadloom.domain.microsites.slot import Stands
from leadloom.domain.model import LeadId
from leadloom.store import events
from leadloom.store.published import Book
from leadloom.store.tx import Tx

SOURCE = "microsite"


async def note(tx: Tx, reading: Reading, *, book: Book, at: datetime) -> None:
    """A page has been seen for so long; of a known lead it is an event once it was read. Safe to repeat."""
    said = reading.model_dump(include={"session", "site", "piece", "lead_id", "seconds", "moved", "agent", "track"})
    await tx.run("note_reading", **said, at=at, most=rules.MOST, slack=rules.SLACK)
    if reading.lead_id is not None:
        await tell(tx, reading.session, reading.lead_id, book=book, at=at)


async def join(tx: Tx, session: str, lead_id: LeadId, *, book: Book, at: datetime) -> int:
    """Who read in this session has given their name: what they read is theirs; how many pages. What is somebody else's
    stays so: two people at one screen don't become one."""
    joined = await tx.all("join_readings", session=session, lead_id=lead_id)
    if joined:
        await tell(tx, session, lead_id, book=book, at=at)
    return len(joined)


async def tell(tx: Tx, session: str, lead_id: LeadId, *, book: Book, at: datetime) -> None:
    """Write what was read long enough into the lead's log, once."""
    rows = await tx.all("readings_to_tell", session=session, lead_id=lead_id, least=rules.READ_AFTER)
    found = [Reading.model_validate(dict(row)) for row in rows]
    if not any(each.told_at is None for each in found):
        return
    drafts = [draft for draft in events_of(found, source=SOURCE) if draft.kind in book.definition.events]
    await events.record(tx, lead_id, drafts, book=book, at=at)
    await tx.run("tell_readings", session=session, lead_id=lead_id, pieces=[each.piece for each in found], at=at)


async def read_by(tx: Tx, lead_id: LeadId, site: str) -> frozenset[str]:
    """The pieces of a site that a lead has read on to, ever."""
    rows = await tx.all("readings_of_lead", lead_id=lead_id, site=site, least=rules.SEEN_AFTER)
    return frozenset(row["piece"] for row in rows)


async def stands(tx: Tx, lead_id: LeadId) -> Stands:
    """Where a reader stands with us now."""
    row = await tx.one("reader_stands", lead_id=lead_id)
    return Stands(stages=frozenset(row["stages"]), journeys=frozenset(row["journeys"]))


async def forget_old(tx: Tx, *, at: datetime) -> int:
    """Forget what nobody was identified for in `rules.KEPT`; how many pages. Safe to repeat."""
    return await tx.run("forget_old_readings", before=at - rules.KEPT)
