"""Does what comes back stop a mail for everybody, or rest a provider? Real reports, real rows, the real sweep."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.errors import NotFound
from leadloom.domain.mails.links import Purpose
from leadloom.domain.model import MessageId
from leadloom.store import group_faults, lanes, routes
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.runtime.test_returns import Post, mailbox, report
from tests.store import acts
from tests.store.acts import TUESDAY

CONTENT = ("5.6.0", "554 5.6.0 Message content rejected, attachment type not allowed")
BLOCKED = ("5.7.1", "550 5.7.1 Our system has detected an unusual rate of unsolicited mail from your IP address")


async def sent_to(box: Post, *domains: str) -> list[MessageId]:
    """A mail of the same template to somebody at each, gone over the main relay."""
    mails: list[MessageId] = []
    for no, domain in enumerate(domains):
        mail = await box.sent(f"reader{no}.torres")
        mails.append(mail)
        query = "UPDATE lead SET email = $2 WHERE lead_id = (SELECT lead_id FROM message WHERE message_id = $1)"
        await acts.rows(box.dsn, query, mail, f"reader{no}@{domain}")
    await acts.rows(box.dsn, "UPDATE message SET relay = 'main'")
    return mails


async def come_back(box: Post, mails: list[MessageId], said: tuple[str, str]) -> None:
    for mail in mails:
        # Each report is its own: the same bytes twice are one.
        await box.came(report(*said, message_id=mail), to=mailbox(Purpose.BOUNCE, mail))


async def look(box: Post, minutes: int = 1) -> int:
    async with box.db.transaction() as tx:
        at = TUESDAY + timedelta(minutes=minutes)
        return await group_faults.look(tx, definition=box.book.definition, at=at)


async def test_a_mail_that_several_firms_refuse_for_what_it_is_stops_for_everybody(
    db: Db, dsn: str, book: Book
) -> None:
    box = Post(db, dsn, book)
    mails = await sent_to(box, "alder.example", "alder.example", "birch.example", "cedar.example")
    await come_back(box, mails[:2], CONTENT)
    assert await look(box) == 0, "one firm is strict"
    await come_back(box, mails[2:3], CONTENT)
    assert await look(box) == 1
    assert await look(box) == 0, "twice is once"
    async with db.read() as tx:
        [stopped] = await group_faults.every(tx)
    assert (stopped.refused, stopped.sent, stopped.why) == (3, 4, "content (3)")
    assert stopped.name

    lead_id, run = await acts.in_journey(db, book, "late.comer")
    await acts.advance(db, book, run)
    assert await acts.claim(db, book, lanes.lane_of(lead_id)) == []
    [kept] = await acts.rows(dsn, "SELECT status, kept_why, tries FROM message WHERE enrolment_id = $1", run)
    assert tuple(kept) == ("reserved", "template_stopped", 0)

    later = TUESDAY + timedelta(minutes=20)
    async with db.transaction() as tx:
        await group_faults.resume(tx, stopped.template_hash[:12], at=later)
        with pytest.raises(NotFound, match="stopped template"):
            await group_faults.resume(tx, "nothing-of-that-hash", at=later)
    assert await look(box, minutes=21) == 0, "what came back before counts no more"


async def test_few_of_many_stop_nothing(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    mails = await sent_to(box, *(f"firm{no}.example" for no in range(16)))
    await come_back(box, mails[:3], CONTENT)
    assert await look(box) == 0


async def test_a_provider_that_sends_us_back_by_mail_is_left_alone_though_its_relay_takes_mail(
    db: Db, dsn: str, book: Book
) -> None:
    box = Post(db, dsn, book)
    mails = await sent_to(box, *["gmail.com"] * 5, *["alder.example"] * 5)
    await come_back(box, mails[:4] + mails[5:], BLOCKED)
    assert await look(box) == 0, "firms are many, each of its own mind"
    await come_back(box, mails[4:5], BLOCKED)
    assert await look(box) == 1
    at = TUESDAY + timedelta(minutes=2)
    async with db.transaction() as tx:
        await routes.write(tx, taking=[("main", "google"), ("main", "*")], resting={}, at=at)
        [rest] = await routes.every(tx)
    assert (rest.relay, rest.provider, rest.rests_until) == ("main", "google", TUESDAY + timedelta(minutes=91))
    assert rest.why.startswith("5 mails of the last hour came back: ")
    assert "@" not in rest.why
    async with db.transaction() as tx:
        assert await routes.resume(tx, "main", at=at) == 1
        assert await routes.every(tx) == ()
