"""What comes back for our mails: whose mail it is, and what follows, on a real database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from leadloom.domain.mails.links import MailUrls, Purpose, Signer
from leadloom.domain.model import MessageId
from leadloom.domain.returns.kind import Kind, Reason
from leadloom.mail.compose import wire_id, wire_key
from leadloom.runtime import returns
from leadloom.runtime.returns import Taken
from leadloom.store import messages
from leadloom.store.db import Db
from leadloom.store.messages import Written
from leadloom.store.published import Book
from tests.store import acts
from tests.store.acts import TUESDAY

DOMAIN = "kelvance.example"
SECRET = "a secret of these tests alone"
SIGNER = Signer([SECRET])


@dataclass
class Reach:
    """What `returns` needs of a process."""

    db: Db
    signer: Signer = SIGNER


@dataclass
class Post:
    """A lead who got a mail of the small journey, and the mailbox everything comes back to."""

    db: Db
    dsn: str
    book: Book

    async def sent(self, name: str = "ana.torres", at: datetime = TUESDAY, *, status: str = "sent") -> MessageId:
        _, enrolment_id = await acts.in_journey(self.db, self.book, name, at=at)
        await acts.advance(self.db, self.book, enrolment_id, at=at)
        row = (await acts.rows(self.dsn, "SELECT lane FROM message WHERE enrolment_id = $1", enrolment_id))[0]
        (mail,) = await acts.claim(self.db, self.book, row["lane"], at=at)
        key = wire_key(mail.message_id, secret=SECRET)
        written = Written(message_id=mail.message_id, claim=mail.claim, values={}, links=(), wire_id=key)
        async with self.db.transaction() as tx:
            await messages.keep_written(tx, [written])
            await messages.mark_at_dot(tx, [(mail.message_id, mail.claim)], at=at)
        when = "sent_at = $3" if status == "sent" else "sent_at = NULL, dot_at = $3"
        query = f"UPDATE message SET status = $2, {when} WHERE message_id = $1 RETURNING 1"
        await acts.rows(self.dsn, query, mail.message_id, status, at)
        return mail.message_id

    async def came(self, raw: str, *, to: str | None = None, at: datetime = TUESDAY, null: bool = True) -> Taken:
        envelope = {"envelope_to": to, "envelope_from": "" if null else "ana.torres@meridian-pharma.example"}
        return await returns.take(Reach(self.db), raw.encode(), via="smtp-in", **envelope, at=at)

    async def events(self, kind: str) -> list[dict[str, object]]:
        return [dict(row) for row in await acts.rows(self.dsn, "SELECT data, at FROM event WHERE kind = $1", kind)]

    async def silences(self) -> list[tuple[str, str | None]]:
        rows = await acts.rows(self.dsn, "SELECT reason, purpose FROM suppression WHERE lifted_at IS NULL")
        return [(row["reason"], row["purpose"]) for row in rows]


def mailbox(purpose: Purpose, message_id: MessageId) -> str:
    urls = MailUrls(base_url="", signer=SIGNER, message_id=message_id, marketing=True)
    return urls.mailbox(purpose, DOMAIN)


def report(status: str, words: str, *, action: str = "failed", message_id: MessageId | None = None) -> str:
    wire = wire_id(message_id, secret=SECRET, domain=DOMAIN) if message_id else "nobody@elsewhere.example"
    return f"""From: Mail Delivery System <MAILER-DAEMON@mx.meridian-pharma.example>
To: bounces@{DOMAIN}
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b
MIME-Version: 1.0

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.meridian-pharma.example

Final-Recipient: rfc822; ana.torres@meridian-pharma.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b
Content-Type: text/rfc822-headers

Message-ID: <{wire}>
Subject: Nine minutes on the dock

--b--
"""


def written(text: str, subject: str = "Re: Nine minutes on the dock", more: str = "") -> str:
    return (
        f"From: Ana Torres <ana.torres@meridian-pharma.example>\nTo: us@{DOMAIN}\nSubject: {subject}\n{more}\n{text}\n"
    )


async def post(db: Db, dsn: str, book: Book) -> Post:
    return Post(db, dsn, book)


async def test_a_bounce_is_known_by_its_token_and_ends_all_mail_to_the_address(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    message_id = await box.sent()
    raw = report("5.1.1", "550 5.1.1 User unknown")
    # Relays on the way wrap the address, and fold its case.
    to = f"prvs=1234567890={mailbox(Purpose.BOUNCE, message_id)}".upper()
    taken = await box.came(raw, to=to)
    assert (taken.kind, taken.reason, taken.matched_by) == (Kind.BOUNCE, Reason.UNKNOWN_USER, "token")
    assert taken.message_id == message_id
    assert taken.done == ("the address is suppressed",)
    assert await box.silences() == [("a mail came back", None)]
    again = await box.came(raw, to=to, at=TUESDAY + timedelta(days=1))
    assert again.again
    assert again.return_id == taken.return_id
    assert len(await box.events("bounced")) == 1
    [row] = await acts.rows(dsn, "SELECT raw, done FROM mail_return")
    assert (bytes(row["raw"]), row["done"]) == (raw.encode(), ["the address is suppressed"])


async def test_an_address_alone_suppresses_nobody_because_anybody_can_write_one(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    message_id = await box.sent()
    forged = await box.came(report("5.1.1", "550 5.1.1 User unknown"))
    assert (forged.matched_by, forged.asks) == ("address", True)
    assert await box.silences() == []
    quoted = await box.came(report("5.1.1", "550 5.1.1 User unknown", message_id=message_id))
    assert (quoted.matched_by, quoted.message_id) == ("message_id", message_id)
    assert await box.silences() == [("a mail came back", None)]
