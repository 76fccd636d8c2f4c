"""Does a mail to a mailbox of intake make its writer a lead, and an automatic answer, a loop or a colleague nobody?"""

from __future__ import annotations

from leadloom.runtime import returns
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.runtime.test_returns import Reach
from tests.store import acts
from tests.store.acts import TUESDAY


async def received(
    db: Db, to: str = "hello@kelvance.example", sender: str = "ana@alder.example", more: str = ""
) -> None:
    wire_id = f"{to}.{sender}.{len(more)}@x"
    raw = (
        f"From: Ana Torres <{sender}>\r\nTo: {to}\r\nSubject: A question\r\nMessage-ID: <{wire_id}>\r\n"
        f"Date: Tue, 03 Mar 2026 10:00:00 +0000\r\n{more}\r\nHow warm may a pallet become on the dock?\r\n"
    )
    await returns.take(Reach(db), raw.encode(), via="smtp-in", envelope_to=to, envelope_from=sender, at=TUESDAY)


async def test_a_person_who_writes_becomes_a_lead_with_source_and_team_and_once(db: Db, dsn: str, book: Book) -> None:
    await received(db)
    await received(db)
    await received(db, more="X-Second: yes\r\n")
    (lead,) = await acts.rows(dsn, "SELECT email, source, attributes FROM lead")
    assert (lead["email"], lead["source"], "sales" in str(lead["attributes"])) == (
        "ana@alder.example",
        "microsite",
        True,
    )
    kinds = [row["kind"] for row in await acts.rows(dsn, "SELECT kind FROM event WHERE actor = 'lead' ORDER BY no")]
    assert kinds == ["reply", "reply"]


async def test_programs_colleagues_and_other_mailboxes_make_nobody(db: Db, dsn: str, book: Book) -> None:
    await received(db, more="Auto-Submitted: auto-replied\r\n")
    await received(db, sender="ines@kelvance.example")
    await received(db, to="postmaster@kelvance.example")
    await received(db, sender="MAILER-DAEMON@alder.example")
    assert await acts.rows(dsn, "SELECT email FROM lead") == []
