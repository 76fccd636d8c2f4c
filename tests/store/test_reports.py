"""Are the logs read as they were at the as-of date, with what belongs together put together?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import pytest

from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.model import Json
from leadloom.store import deals, leads, published, reports
from leadloom.store.db import Db
from tests import hand_cases
from tests.hand_cases import ANSWERS, day, name_of

AS_OF = day("04-30")


@pytest.fixture
async def rows(dsn: str, db: Db) -> AsyncIterator[asyncpg.Connection]:
    """A connection to plant rows with, in a database whose owners are those of our definition."""
    async with db.transaction() as tx:
        await published.publish_definition(tx, hand_cases.definition(), at=day("2022-01-01"), by="samira-haddad")
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


async def plant_mail(rows: asyncpg.Connection, name: str, sent: str | None) -> None:
    """A mail to a planted lead in a run of its own; None: planned, not sent."""
    await rows.execute(
        """INSERT INTO enrolment (enrolment_id, lead_id, journey, key, entered_at, entered_by, status, progress,
                                  prospect)
           VALUES ($1, $2, $3, 'once', $4, 'system', 'active', '{}', true)""",
        name_of(f"run {name}"), name_of("reader"), f"journey {name}", day("01-01"),
    )  # fmt: skip
    await rows.execute(
        """INSERT INTO message (message_id, enrolment_id, step, visit, lead_id, mail, template_hash, mail_class, sender,
                                lane, priority, status, asked_at, not_before, slot_at, deadline, sent_at)
           VALUES ($1, $2, 'hello', 1, $3, 'hello', 'x', 'marketing', 'ines-carvalho', 'default/0', 3, $4, $5, $5, $5,
                   $5, $6)""",
        name_of(f"mail {name}"), name_of(f"run {name}"), name_of("reader"), "sent" if sent else "reserved",
        day("01-01"), day(sent) if sent else None,
    )  # fmt: skip


async def test_mails_are_counted_by_day_and_only_when_they_left(rows: asyncpg.Connection, db: Db) -> None:
    await hand_cases.plant_lead(rows, "reader")
    for name, sent in (("a", "02-01"), ("b", "02-01"), ("c", "02-03"), ("d", None), ("e", "05-01")):
        await plant_mail(rows, name, sent)
    async with db.read() as tx:
        assert await reports.mails_per_day(tx, as_of=AS_OF) == ((date(2024, 2, 1), 2), (date(2024, 2, 3), 1))


async def test_the_clock_of_a_hand_off_starts_at_its_first_offer_and_not_at_the_deputys(
    rows: asyncpg.Connection, db: Db
) -> None:
    await hand_cases.plant_hand_off(rows, "a")
    offered_at, _ = ANSWERS["a"]
    deputy = await rows.fetchval("SELECT owner_id FROM owner WHERE handle = 'jonas-brandt'")
    later = day("03-04")
    await rows.execute("UPDATE hand_off SET owner_id = $1, offered_at = $2, assignment_no = 2", deputy, later)
    await rows.execute(
        """INSERT INTO assignment (hand_off_id, no, owner_id, at, accept_by, why)
           VALUES ($1, 2, $2, $3, $3, 'deputy')""",
        name_of("hand-off a"), deputy, later,
    )  # fmt: skip
    async with db.read() as tx:
        (read,) = await reports.hand_offs(tx, definition=hand_cases.definition(), as_of=AS_OF)
    assert (read.offered_at, read.calendar) == (offered_at, "berlin")


async def test_a_hand_off_is_complete_when_its_lead_has_what_the_definition_needs(
    rows: asyncpg.Connection, db: Db
) -> None:
    await hand_cases.plant_hand_off(rows, "a")

    async def is_complete(email: str) -> bool:
        await rows.execute("UPDATE lead SET email = $1, company = 'Meridian', country = 'US', role = 'quality'", email)
        async with db.read() as tx:
            (read,) = await reports.hand_offs(tx, definition=hand_cases.definition(), as_of=AS_OF)
        return read.is_complete

    assert await is_complete("ana@meridian.example")
    assert not await is_complete("ana@gmail.com")


async def test_a_way_carries_the_reasons_its_lead_was_given_back_with(rows: asyncpg.Connection, db: Db) -> None:
    await hand_cases.plant_hand_off(rows, "a")
    await hand_cases.plant_stages(rows, "lead of hand-off a", [("inquiry", "02-20"), ("mql", "03-01")])
    await rows.execute("UPDATE hand_off SET state = 'rejected', reason = 'junk', decided_at = $1", day("03-05"))
    async with db.read() as tx:
        (before,) = await reports.ways(tx, track="new-business", as_of=day("03-02"))
        (after,) = await reports.ways(tx, track="new-business", as_of=AS_OF)
        assert await reports.ways(tx, track="expansion", as_of=AS_OF) == ()
    assert (before.reject_reasons, after.reject_reasons) == ((), ("junk",))
    assert [(entry.stage, entry.at) for entry in after.entries] == [("inquiry", day("02-20")), ("mql", day("03-01"))]


async def test_deals_later_than_the_as_of_date_are_not_read(rows: asyncpg.Connection, db: Db) -> None:
    await hand_cases.plant_lead(rows, "O3")
    await hand_cases.plant_deal(rows, "O3", hand_cases.DEALS["O3"])
    async with db.read() as tx:
        assert await reports.deals(tx, as_of=day("02-01")) == ()
        assert [deal.external_id for deal in await reports.deals(tx, as_of=day("02-02"))] == ["O3"]


async def test_an_imported_way_says_what_is_only_a_day_what_was_placed_and_what_is_history(
    rows: asyncpg.Connection, db: Db
) -> None:
    data: dict[str, Json] = {"import": "list", "stage": "mql", "precision": "day"}
    come = EventDraft(kind="imported", at=day("01-05"), actor="system", data=data)
    drafts = [
        LeadDraft(external_id="old", source="Fair", created_at=day("01-05"), events=(come,)),
        LeadDraft(external_id="new", country="BR", industry="hospital", company="Santa Casa"),
    ]
    won = {
        "external_id": "D-1", "name": "Kit", "created_at": day("02-01"), "stage": "won", "closed_at": day("02-01"),
        "closed_day_only": True,
    }  # fmt: skip
    async with db.transaction() as tx:
        book = await published.book(tx)
        old, new = await leads.capture_all(tx, drafts, book=book, at=AS_OF, actor="system", history=True)
        draft = deals.DealDraft.model_validate({**won, "lead_id": old.lead_id})
        await deals.save(tx, draft, book=book, at=AS_OF, history=True)
    await rows.execute(
        """INSERT INTO import (import_id, noun, file_name, file_hash, options, started_at, started_by)
           VALUES ($1, 'leads', 'list.csv', 'x', '{}', $2, 'system')""",
        name_of("list"), day("04-01"),
    )  # fmt: skip
    for no, one in enumerate((old, new), start=1):
        await rows.execute(
            "INSERT INTO import_row (import_id, row_no, lead_id, outcome) VALUES ($1, $2, $3, 'new')",
            name_of("list"), no, one.lead_id,
        )  # fmt: skip
    async with db.read() as tx:
        ways = {way.lead_id: way for way in await reports.ways(tx, track="new-business", as_of=AS_OF)}
        (deal,) = await reports.deals(tx, as_of=AS_OF)
    listed, fresh = ways[old.lead_id], ways[new.lead_id]
    told = [(entry.stage, entry.at, entry.day_only, entry.placed) for entry in listed.entries]
    assert told[-2:] == [("mql", day("01-05"), True, True), ("won", day("02-01"), True, False)]
    assert (listed.source, listed.history, fresh.history) == ("Fair", True, False)
    assert (fresh.source, fresh.country, fresh.industry) == (None, "BR", "hospital")
    assert (deal.source, deal.amount, deal.currency) == ("Fair", None, None)
    assert await rows.fetchval("SELECT count(*) FROM hand_off") == 0
