"""What comes back for our mails: whose mail it is, and what follows, on a real database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadloom.domain.mails.links import Purpose, Signer
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.model import MessageId
from leadloom.domain.returns.kind import Kind, ProviderEvent, Reason
from leadloom.mail.compose import wire_id, wire_key
from leadloom.runtime import returns
from leadloom.runtime.returns import Taken
from leadloom.store import entering, erasure, messages
from leadloom.store import returns as kept
from leadloom.store.db import Db
from leadloom.store.erasure import Erasure
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
        # A lane is many people's: a notice to an owner may be due in it, too.
        page = await acts.claim(
            self.db, self.book, row["lane"], at=at,
            made_of=lambda mail: Written("{}", (), wire_key(mail.message_id, secret=SECRET)),
        )  # fmt: skip
        (mail,) = [each for each in page if each.enrolment_id == enrolment_id]
        async with self.db.transaction() as tx:
            await messages.mark_at_dot(tx, [(mail.message_id, mail.claim)], at=at)
        when = "sent_at = $3" if status == "sent" else "sent_at = NULL, dot_at = $3"
        query = f"UPDATE message SET status = $2, {when} WHERE message_id = $1 RETURNING 1"
        await acts.rows(self.dsn, query, mail.message_id, status, at)
        return mail.message_id

    async def came(self, raw: str, *, to: str | None = None, at: datetime = TUESDAY, null: bool = True) -> Taken:
        envelope = {"envelope_to": to, "envelope_from": "" if null else "ana.torres@meridian-pharma.example"}
        return await returns.take(Reach(self.db), raw.encode(), via="smtp-in", **envelope, at=at)

    async def says(self, event: ProviderEvent) -> Taken:
        taken = await returns.take_event(Reach(self.db), event, at=event.at)
        assert taken is not None
        return taken

    async def status(self, message_id: MessageId) -> tuple[str, str | None]:
        query = "SELECT status, reason FROM message WHERE message_id = $1"
        [row] = await acts.rows(self.dsn, query, message_id)
        return row["status"], row["reason"]

    async def held_until(self) -> str | None:
        [row] = await acts.rows(self.dsn, "SELECT attributes ->> 'mail_paused_until' AS until FROM lead")
        return row["until"]

    async def tasks(self) -> list[tuple[str, str]]:
        query = "SELECT o.handle, t.step FROM task t JOIN owner o USING (owner_id) ORDER BY t.opened_at, t.step"
        return [(row["handle"], row["step"]) for row in await acts.rows(self.dsn, query)]

    async def events(self, kind: str) -> list[dict[str, str]]:
        """What each event of this kind carries."""
        rows = await acts.rows(self.dsn, "SELECT data::text AS data FROM event WHERE kind = $1 ORDER BY at", kind)
        return [json.loads(row["data"]) for row in rows]

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


async def test_who_changed_their_address_keeps_the_new_one_when_the_old_bounces(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    to = mailbox(Purpose.BOUNCE, await box.sent())
    await acts.rows(dsn, "UPDATE lead SET email = 'ana.torres@alder.example'")
    taken = await box.came(report("5.1.1", "550 5.1.1 User unknown"), to=to)
    assert taken.done == ("an address they had before is suppressed",)
    rows = await acts.rows(dsn, "SELECT value FROM suppression")
    assert [row["value"] for row in rows] == ["ana.torres@meridian-pharma.example"]


async def test_a_full_mailbox_is_suppressed_the_third_time_unless_somebody_showed_life(
    db: Db, dsn: str, book: Book
) -> None:
    box = Post(db, dsn, book)
    to = mailbox(Purpose.BOUNCE, await box.sent())
    full = "552 5.2.2 mailbox full"
    for day in (0, 7):
        taken = await box.came(report("5.2.2", f"{full} {day}"), to=to, at=TUESDAY + timedelta(days=day))
        assert taken.reason is Reason.MAILBOX_FULL
    await box.came(report("2.0.0", "delivered", action="delivered"), to=to, at=TUESDAY + timedelta(days=8))
    await box.came(report("5.2.2", f"{full} again"), to=to, at=TUESDAY + timedelta(days=15))
    assert await box.silences() == []
    for day in (22, 29):
        await box.came(report("5.2.2", f"{full} {day}"), to=to, at=TUESDAY + timedelta(days=day))
    assert [event["reason"] for event in await box.events("bounced")] == ["full three times in two weeks"]


async def test_what_is_our_fault_asks_a_person_and_harms_no_address(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    to = mailbox(Purpose.BOUNCE, await box.sent())
    for status, words, reason in (
        ("5.7.1", "554 5.7.1 blocked using a block list", Reason.REPUTATION),
        ("5.3.4", "552 5.3.4 message too big", Reason.TOO_BIG),
        ("5.0.0", "554 an answer nobody has heard before", Reason.UNKNOWN),
    ):
        taken = await box.came(report(status, words), to=to)
        assert (taken.reason, taken.asks, taken.done) == (reason, True, ())
    delayed = await box.came(report("4.4.1", "451 4.4.1 later", action="delayed"), to=to)
    assert (delayed.kind, delayed.asks) == (Kind.DELAYED, False)
    assert await box.silences() == []
    assert await box.events("bounced") == []


async def test_a_complaint_ends_mail_for_every_purpose_at_once(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    message_id = await box.sent()
    wire = wire_id(message_id, secret=SECRET, domain=DOMAIN)
    raw = f"""From: feedback@postmaster.example
To: fbl@{DOMAIN}
Subject: FW: Nine minutes on the dock
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: text/plain

An abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Reports/1.0
Version: 1

--b
Content-Type: message/rfc822

Message-ID: <{wire}>
Subject: Nine minutes on the dock

Hello
--b--
"""
    taken = await box.came(raw)
    assert (taken.kind, taken.matched_by, taken.message_id) == (Kind.COMPLAINT, "message_id", message_id)
    assert ("called our mail spam", None) in await box.silences()
    figures = await box.came(raw.replace("Feedback-Type: abuse", "Feedback-Type: auth-failure"))
    assert (figures.kind, figures.asks) == (Kind.UNKNOWN, True)


async def test_who_is_away_is_left_alone_until_they_are_back(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    to = mailbox(Purpose.REPLY, await box.sent())
    date = f"Date: {TUESDAY:%a, %d %b %Y %H:%M:%S} +0000\nAuto-Submitted: auto-replied\n"
    back = TUESDAY + timedelta(days=9)
    raw = written(f"I am away and back on {back:%d %B %Y}.", "Automatic reply: Nine minutes on the dock", date)
    taken = await box.came(raw, to=to)
    assert taken.kind is Kind.AUTO_REPLY
    assert await box.held_until() == f"{back:%Y-%m-%d}"
    assert (await box.events("reply"), await box.events("unsubscribed"), await box.tasks()) == ([], [], [])
    sooner = written(f"Back on {TUESDAY + timedelta(days=2):%d %B %Y}.", "Automatic reply: x", date)
    await box.came(sooner, to=to)
    assert await box.held_until() == f"{back:%Y-%m-%d}"


async def test_who_left_becomes_a_task_and_nobody_they_name_gets_mail(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    to = mailbox(Purpose.REPLY, await box.sent())
    words = "Ana Torres no longer works here. Please write to Ben Ode, ben.ode@meridian-pharma.example."
    taken = await box.came(written(words, "Automatic reply: Nine minutes", "Auto-Submitted: auto-replied\n"), to=to)
    assert taken.done[0] == "left the company"
    assert await box.tasks() == [("greta-lindqvist", "came-back/left")]
    known = await acts.rows(dsn, "SELECT email FROM lead")
    assert [row["email"] for row in known] == ["ana.torres@meridian-pharma.example"]
    to_others = await acts.rows(dsn, "SELECT FROM message WHERE lead_id IS NULL")
    assert (to_others, await box.silences()) == ([], [])


async def test_a_person_who_answers_ends_the_run_and_their_owner_hears_of_it(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    message_id = await box.sent()
    raw = written("Not this quarter, ask me in May.\n\nAm 3. schrieb Inês:\n> I am out of the office?")
    taken = await box.came(raw, to=mailbox(Purpose.REPLY, message_id), null=False)
    assert (taken.kind, taken.matched_by) == (Kind.REPLY, "token")
    assert [event["message_id"] for event in await box.events("reply")] == [str(message_id)]
    assert await box.tasks() == [("greta-lindqvist", "came-back/reply")]
    notices = await acts.rows(dsn, "SELECT FROM message WHERE step = 'came-back/reply' AND owner_id IS NOT NULL")
    assert len(notices) == 1
    [kept] = await acts.rows(dsn, "SELECT said FROM mail_return")
    assert kept["said"] == "Not this quarter, ask me in May."


async def test_an_answer_that_ends_the_run_still_reaches_the_owner(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    message_id = await box.sent()
    await box.came(written("Call me in May."), to=mailbox(Purpose.REPLY, message_id), null=False)
    [run] = await acts.rows(dsn, "SELECT lead_id, enrolment_id FROM enrolment")
    async with db.transaction() as tx:
        await entering.end_run(tx, run["lead_id"], run["enrolment_id"], "they answered", by="priya-nair", at=TUESDAY)
    [task] = await acts.rows(dsn, "SELECT status FROM task")
    assert task["status"] == "open"
    [notice] = await acts.rows(dsn, "SELECT message_id, lane FROM message WHERE step = 'came-back/reply'")
    page = await acts.claim(db, book, notice["lane"])
    assert notice["message_id"] in {mail.message_id for mail in page}


async def test_a_mail_to_the_mailbox_of_list_unsubscribe_ends_marketing(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    to = mailbox(Purpose.UNSUBSCRIBE, await box.sent())
    taken = await box.came(written("", "unsubscribe"), to=to, null=False)
    assert (taken.kind, taken.done) == (Kind.UNSUBSCRIBE, ("marketing mail has ended",))
    assert len(await box.events("unsubscribed")) == 1
    again = await box.came(written("please", "unsubscribe"), to=to, null=False)
    assert again.done == ("nothing: marketing mail had ended before",)


async def test_whatever_comes_back_for_an_uncertain_mail_settles_it(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    proofs = {
        "ana.torres": report("2.0.0", "delivered", action="delivered"),
        "bo.lind": report("5.1.1", "550 5.1.1 User unknown"),
        "cy.moss": written("Yes, call me"),
    }
    for name, raw in proofs.items():
        message_id = await box.sent(name, status="uncertain")
        await box.came(raw, to=mailbox(Purpose.BOUNCE, message_id), null="Yes" not in raw)
        assert (await box.status(message_id))[0] == "sent", name
    waiting = await box.sent("dee.orr", status="uncertain")
    await box.came(report("4.4.1", "later", action="delayed"), to=mailbox(Purpose.BOUNCE, waiting))
    assert (await box.status(waiting))[0] == "sent"


async def test_a_report_that_names_only_our_envelope_id_is_known_by_it(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    waiting = await box.sent(status="uncertain")
    bare = report("5.1.1", "550 5.1.1 User unknown")
    # RFC 3461 §4 lets a relay write any character of it as xtext: `+2D` is a hyphen.
    named = bare.replace("\n\nFinal-", f"\nOriginal-Envelope-ID: {str(waiting).replace('-', '+2D', 1)}\n\nFinal-")
    await box.came(bare.replace("ana.torres", "somebody.else"))
    assert (await box.status(waiting))[0] == "uncertain"
    await box.came(named)
    assert (await box.status(waiting))[0] == "sent"
    assert await box.silences() == [("a mail came back", None)]


async def test_a_providers_event_is_known_by_our_message_id_and_taken_once(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    wire = wire_id(await box.sent(), secret=SECRET, domain=DOMAIN)
    event = ProviderEvent(
        provider="postmark", event_id="1", kind="bounce", at=TUESDAY, message_id=wire, says="unknown_user"
    )
    assert (await box.says(event)).done == ("the address is suppressed",)
    assert (await box.says(event)).again
    assert len(await box.events("bounced")) == 1
    stranger = event.model_copy(update={"event_id": "2", "message_id": None, "address": "who@elsewhere.example"})
    # Others may send by the same account: whom they wrote to is not kept.
    assert await returns.take_event(Reach(db), stranger, at=TUESDAY) is None
    assert len(await acts.rows(dsn, "SELECT FROM mail_return")) == 1


async def test_what_people_wrote_goes_after_its_time_and_what_was_decided_stays(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    await box.came(written("Not now"), to=mailbox(Purpose.REPLY, await box.sent()), null=False)
    async with db.transaction() as tx:
        assert await kept.forget(tx, at=TUESDAY + timedelta(days=89)) == 0
    async with db.transaction() as tx:
        assert await kept.forget(tx, at=TUESDAY + timedelta(days=91)) == 1
    [row] = await acts.rows(dsn, "SELECT raw, said, sender, kind FROM mail_return")
    assert (row["raw"], row["said"], row["sender"], row["kind"]) == (None, "", None, "reply")


async def test_a_better_rule_is_tried_on_what_was_kept_and_acts_once(db: Db, dsn: str, book: Book) -> None:
    box = Post(db, dsn, book)
    taken = await box.came(report("5.1.1", "550 5.1.1 User unknown"), to=mailbox(Purpose.BOUNCE, await box.sent()))
    # As an older version may have left it, which knew no rule for it.
    await acts.rows(dsn, "UPDATE mail_return SET kind = 'unknown', reason = NULL, asks = true, done = '{}'")
    await acts.rows(dsn, "DELETE FROM suppression")
    await acts.rows(dsn, "DELETE FROM event WHERE kind = 'bounced'")
    await acts.rows(dsn, "UPDATE lead SET last_event_no = (SELECT max(no) FROM event)")
    first = await returns.retry(Reach(db), taken.return_id, at=TUESDAY)
    assert (first.reason, first.done, first.again) == (Reason.UNKNOWN_USER, ("the address is suppressed",), False)
    second = await returns.retry(Reach(db), taken.return_id, at=TUESDAY)
    assert (second.done, second.again) == (first.done, True)
    assert len(await box.events("bounced")) == 1


async def test_what_a_relay_says_about_somebody_who_was_erased_since_is_known_and_not_kept(
    db: Db, dsn: str, book: Book
) -> None:
    box = Post(db, dsn, book)
    message_id = await box.sent()
    [lead] = await acts.rows(dsn, "SELECT lead_id FROM message WHERE message_id = $1", message_id)
    async with db.transaction() as tx:
        told = Erasure(lead_id=lead["lead_id"], by="lead", why="they asked")
        await erasure.erase(tx, told, book=book, at=TUESDAY)
    to = mailbox(Purpose.BOUNCE, message_id)
    taken = await box.came(report("5.1.1", "550 5.1.1 ana.torres@meridian-pharma.example is unknown"), to=to)
    assert (taken.kind, taken.matched_by, taken.message_id) == (Kind.BOUNCE, "token", message_id)
    [row] = await acts.rows(dsn, "SELECT * FROM mail_return")
    assert "torres" not in repr(dict(row)).lower()
    assert (row["raw"], row["kind"], row["reason"]) == (None, "bounce", "unknown_user")
    # The same bytes again are still known by their key.
    assert (await box.came(report("5.1.1", "550 5.1.1 ana.torres@meridian-pharma.example is unknown"), to=to)).again
