"""Does a mail to a mailbox of intake make its writer a lead, and an automatic answer, a loop or a colleague nobody?"""

from __future__ import annotations

import pytest

from leadloom.domain.errors import BadInput
from leadloom.runtime import returns
from leadloom.runtime.mail_intake import HELD, Gate
from leadloom.runtime.returns import Taken
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.runtime.test_returns import Reach
from tests.store import acts
from tests.store.acts import TUESDAY

VOUCHED = "Authentication-Results: mx.kelvance.example; spf=pass; dmarc=pass (p=none) header.from=alder.example\r\n"
GATE = Gate(domains=frozenset({"kelvance.example"}), vouchers=frozenset({"mx.kelvance.example"}))


async def received(
    db: Db,
    to: str = "hello@kelvance.example",
    sender: str = "ana@alder.example",
    more: str = "",
    above: str = VOUCHED,
    gate: Gate = GATE,
) -> Taken:
    wire_id = f"{to}.{sender}.{len(more)}@x"
    raw = (
        f"{above}From: Ana Torres <{sender}>\r\nTo: {to}\r\nSubject: A question\r\nMessage-ID: <{wire_id}>\r\n"
        f"Date: Tue, 03 Mar 2026 10:00:00 +0000\r\n{more}\r\nHow warm may a pallet become on the dock?\r\n"
    )
    envelope = {"envelope_to": to, "envelope_from": sender}
    return await returns.take(Reach(db), raw.encode(), via="smtp-in", **envelope, at=TUESDAY, gate=gate)


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
    await received(db, to="hello@another.example")
    await received(db, to="hello@kelvance.example.another.example")
    assert await acts.rows(dsn, "SELECT email FROM lead") == []


@pytest.mark.parametrize(
    "above",
    [
        "",
        "Authentication-Results: mx.kelvance.example; dmarc=fail header.from=alder.example\r\n",
        "Authentication-Results: mx.kelvance.example; dmarc=pass header.from=eve.example\r\n",
        "Authentication-Results: mx.kelvance.example; dkim=pass header.d=eve.example; spf=pass\r\n",
        "Authentication-Results: mx.kelvance.example; dkim=pass header.d=example\r\n",
        "Authentication-Results: mx.kelvance.example; spf=pass (; dmarc=pass header.from=alder.example)\r\n",
        "Authentication-Results: mx.eve.example; dmarc=pass header.from=alder.example\r\n",
        f"Authentication-Results: mx.kelvance.example; dmarc=fail\r\n{VOUCHED}",
    ],
)
async def test_a_mail_nobody_vouches_for_is_held_with_the_reason_and_makes_nobody(
    db: Db, dsn: str, book: Book, above: str
) -> None:
    taken = await received(db, above=above)
    assert (taken.lead_id, taken.asks, taken.done) == (None, True, (HELD,))
    assert await acts.rows(dsn, "SELECT email FROM lead") == []


async def test_a_person_who_looked_lets_in_who_wrote_once_and_their_mail_is_their_answer(
    db: Db, dsn: str, book: Book
) -> None:
    held = await received(db, gate=GATE.but(vouchers=frozenset()))
    assert held.lead_id is None
    again = await received(db, gate=GATE.but(vouchers=frozenset()))
    assert (again.return_id, again.again) == (held.return_id, True)
    made = await returns.welcome(Reach(db), held.return_id, by="priya-nair", gate=GATE, at=TUESDAY)
    (lead,) = await acts.rows(dsn, "SELECT lead_id, email, source FROM lead")
    assert (lead["lead_id"], lead["email"], lead["source"]) == (made.lead_id, "ana@alder.example", "microsite")
    assert [row["kind"] for row in await acts.rows(dsn, "SELECT kind FROM event WHERE actor = 'lead'")] == ["reply"]
    assert HELD not in made.done
    with pytest.raises(BadInput):
        await returns.welcome(Reach(db), held.return_id, by="priya-nair", gate=GATE, at=TUESDAY)
    stray = await received(db, to="hello@another.example", sender="bo@alder.example")
    with pytest.raises(BadInput, match="makes nobody"):
        await returns.welcome(Reach(db), stray.return_id, by="priya-nair", gate=GATE, at=TUESDAY)


async def test_a_signature_of_the_sender_s_own_domain_is_as_good_for_who_publishes_no_policy(
    db: Db, dsn: str, book: Book
) -> None:
    signed = "Authentication-Results: MX.kelvance.example 1;\r\n dmarc=none; dkim=pass header.i=@alder.example\r\n"
    assert (await received(db, above=signed)).lead_id is not None
