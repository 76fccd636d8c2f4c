"""Is everybody who never answered asked once, when the definition says, and nobody who did?"""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.definitions.consent_policy import Sunset
from leadloom.domain.definitions.own_events import NEVER_ANSWERED
from leadloom.domain.model import LeadId
from leadloom.store import published, sunset
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.store.rows import Order
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

DAY = timedelta(days=1)
NEXT = Order(sort="at", limit=1)


async def lettered(db: Db, dsn: str, book: Book, name: str, letters: int, *, may: bool = True) -> LeadId:
    """Somebody of an imported list, and marketing letters a week apart."""
    bases = (world.permission(at=TUESDAY),) if may else ()
    draft = world.draft(name, email=f"{name}@{name}.example", company=name, bases=bases)
    lead_id = await acts.capture(db, book, draft, TUESDAY)
    # Which run a letter is of decides nothing here: another's lends its name.
    (run,) = await acts.rows(dsn, "SELECT enrolment_id FROM enrolment")
    for no in range(letters):
        await acts.rows(
            dsn,
            """INSERT INTO message (message_id, enrolment_id, lead_id, step, visit, mail, template_hash, mail_class,
                   sender, lane, priority, status, asked_at, not_before, slot_at, deadline, sent_at, settled_at)
               VALUES (gen_random_uuid(), $4, $1, $5, $2, 'm', 'h', 'marketing', 'ines-carvalho', 'l', 3, 'sent', $3,
                   $3, $3, $3, $3, $3)""",
            lead_id, no, TUESDAY + no * 7 * DAY, run["enrolment_id"], name,
        )  # fmt: skip
    return lead_id


def with_policy(book: Book, policy: Sunset | None) -> Book:
    consent = book.definition.consent.but(sunset=policy)
    return book.but(definition=book.definition.but(consent=consent))


async def ask(db: Db, book: Book, at: datetime) -> int:
    async with db.transaction() as tx:
        return await sunset.ask_the_silent(tx, book=book, at=at)


async def test_who_never_answered_is_listed_before_asked_once_and_who_answered_is_neither(
    db: Db, dsn: str, book: Book
) -> None:
    await acts.in_journey(db, book, "dora.quist", at=TUESDAY)
    book = with_policy(book, Sunset(letters=3, after=100 * DAY))
    silent = await lettered(db, dsn, book, "silent", 5)
    few = await lettered(db, dsn, book, "few", 2)
    await lettered(db, dsn, book, "reader", 5)
    await lettered(db, dsn, book, "no-basis", 5, may=False)
    read = world.draft("reader", world.happened("article_read", TUESDAY + DAY), email="reader@reader.example")
    await acts.capture(db, book, read, TUESDAY + DAY)
    due = TUESDAY + 14 * DAY + 100 * DAY
    async with db.read() as tx:
        coming = await sunset.silent(tx, book.definition, NEXT, until=due, at=TUESDAY + 30 * DAY)
        early = await sunset.silent(tx, book.definition, NEXT, until=due - DAY, at=TUESDAY + 30 * DAY)
        nobody = await sunset.silent(tx, with_policy(book, None).definition, NEXT, until=due, at=due)
    assert [(row.lead_id, row.letters, row.ends_at) for row in coming.rows] == [(silent, 5, due)]
    assert (coming.total, early.total, nobody.total) == (1, 0, 0)
    assert await ask(db, book, due - DAY) == 0
    assert await ask(db, book, due) == 1
    assert await ask(db, book, due + DAY) == 0
    rows = await acts.rows(dsn, "SELECT lead_id, actor FROM event WHERE kind = $1", NEVER_ANSWERED)
    assert [(row["lead_id"], row["actor"]) for row in rows] == [(silent, "system")]
    assert few not in {row["lead_id"] for row in rows}


async def test_the_policy_in_force_names_a_number_and_a_span(book: Book, db: Db) -> None:
    async with db.read() as tx:
        policy = (await published.book(tx)).definition.consent.sunset
    assert policy == Sunset(letters=4, after=timedelta(days=180))
