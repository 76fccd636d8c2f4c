"""Does an owner's reply to a notice decide as the page would: once, by them alone, and never by a guess?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

import pytest

from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.mails.links import Purpose
from leadloom.domain.model import HandOffId, MessageId
from leadloom.runtime import returns
from leadloom.runtime.returns import Taken
from leadloom.store import answering, audit, hand_offs
from leadloom.store.db import Db
from leadloom.store.hand_offs import HandOff
from leadloom.store.published import Book
from tests.runtime.test_returns import DOMAIN, SIGNER, Reach
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_hand_offs import advance, offered

MARCUS = "marcus.oyelaran@kelvance.example"
LATER = TUESDAY + timedelta(minutes=5)


@dataclass
class Desk:
    """An open offer whose notice went to Marcus, and what he replies."""

    db: Db
    dsn: str
    book: Book
    hand_off_id: HandOffId
    notice: MessageId

    async def replies(
        self, text: str, *, sender: str = MARCUS, to: str = "", made: Callable[[EmailMessage], None] | None = None
    ) -> Taken:
        to = to or f"{Purpose.REPLY}-{SIGNER.in_address(Purpose.REPLY, self.notice)}@{DOMAIN}"
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"Marcus Oyelaran <{sender}>", to, "Re: For you: Ana Torres"
        mail.set_content(f"{text}\n\nOn Tue, 3 Mar 2026, Samira Haddad wrote:\n> reject junk\n")
        if made:
            made(mail)
        return await returns.take(
            Reach(self.db), mail.as_bytes(), via="smtp-in", envelope_to=to, envelope_from=sender, at=LATER
        )

    async def stands(self) -> HandOff:
        async with self.db.read() as tx:
            return await hand_offs.get(tx, self.hand_off_id)

    async def letters(self) -> list[str]:
        """Mails about the hand-off besides the notice."""
        query = "SELECT mail FROM message WHERE hand_off_id = $1 AND step <> 'offer' ORDER BY asked_at"
        return [row["mail"] for row in await acts.rows(self.dsn, query, self.hand_off_id)]


@pytest.fixture
async def desk(db: Db, dsn: str, book: Book) -> Desk:
    _, hand_off_id = await offered(db, book)
    [row] = await acts.rows(dsn, "SELECT message_id FROM message WHERE hand_off_id = $1", hand_off_id)
    return Desk(db, dsn, book, hand_off_id, row["message_id"])


async def test_accept_by_reply_accepts_once_and_says_by_which_way(desk: Desk) -> None:
    taken = await desk.replies("Accept, calling now")
    assert (taken.done, taken.asks) == (("decided by reply: accept",), False)
    now = await desk.stands()
    assert (now.state, now.decided_by, now.decided_via) == ("accepted", "marcus-oyelaran", "reply")
    async with desk.db.read() as tx:
        [note] = await audit.notes(tx, f"hand-off {desk.hand_off_id}")
    assert note.actor == "marcus-oyelaran"
    assert isinstance(note.after, dict)
    assert note.after["via"] == "reply"
    assert (await desk.replies("Accept, calling now")).again
    assert await desk.letters() == []


@pytest.mark.parametrize(
    ("text", "state", "reason"),
    [
        ("reject no budget", "recycled", "no-budget"),
        ("Ablehnen: schon Kunde", "rejected", "already-ours"),
        ("reject no fit, size", "rejected", "no-fit"),
        ("recycle 4 May", "recycled", "not-yet"),
    ],
)
async def test_reject_and_recycle_by_reply_do_what_the_chip_does(
    desk: Desk, text: str, state: str, reason: str
) -> None:
    await desk.replies(text)
    now = await desk.stands()
    assert (now.state, now.reason) == (state, reason)
    if reason == "not-yet":
        assert str(now.recycle_until) == "2026-05-04 13:00:00+00:00"


@pytest.mark.parametrize(
    "text", ["reject", "Thanks, who is this?", "reject no fit", "reject can't reach", "recycle soon"]
)
async def test_an_unclear_answer_decides_nothing_and_is_asked_about_in_one_mail(desk: Desk, text: str) -> None:
    taken = await desk.replies(text)
    assert (taken.done[-1], taken.asks) == ("asked back, with the reasons to press", False)
    again = await desk.replies("reject, I said")
    assert (again.done[-1], again.asks) == ("not asked again", True)
    assert (await desk.stands()).state == "offered"
    assert await desk.letters() == ["unclear"]


async def test_who_answers_too_late_is_told_who_was_faster(desk: Desk) -> None:
    async with desk.db.transaction() as tx:
        faster = Decision(kind="accept", by="dana-whitlock", via="page")
        await answering.decide(tx, desk.hand_off_id, 1, faster, book=desk.book, at=LATER)
    taken = await desk.replies("reject junk")
    assert taken.done == ("nothing: somebody was faster", "who answered is told")
    assert ((await desk.stands()).decided_by, await desk.letters()) == ("dana-whitlock", ["too-late"])


async def test_who_accepted_may_tell_tries_and_give_it_back_by_reply(desk: Desk) -> None:
    await desk.replies("accept")
    assert (await desk.replies("Called, no answer")).done == ("noted: tried",)
    assert (await desk.stands()).first_try_at is not None
    assert (await desk.replies("reject junk")).done == ("given back by reply: reject",)
    now = await desk.stands()
    assert (now.state, now.reason, now.closed_at) == ("accepted", "junk", LATER)


async def test_only_the_owner_at_the_address_of_the_notice_decides(desk: Desk) -> None:
    forged = await desk.replies("accept", sender="mallory@elsewhere.example")
    assert forged.done == ("nothing: it came from another address than the notice went to",)
    bounced_at = f"{Purpose.BOUNCE}-{SIGNER.in_address(Purpose.BOUNCE, desk.notice)}@{DOMAIN}"
    elsewhere = await desk.replies("accept", to=bounced_at)
    assert elsewhere.done == ("nothing: it came to another address than the notice asked to be answered at",)

    def away(mail: EmailMessage) -> None:
        mail["Auto-Submitted"] = "auto-replied"

    machine = await desk.replies("accept", made=away)
    assert (machine.done, forged.asks, elsewhere.asks, machine.asks) == ((), True, True, False)
    assert ((await desk.stands()).state, await desk.letters()) == ("offered", [])


async def test_a_notice_that_came_back_brings_the_reminder_at_once(desk: Desk) -> None:
    report = (
        f"From: MAILER-DAEMON@mx.example\nTo: b@{DOMAIN}\nSubject: Undelivered Mail\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\n\n--x\nContent-Type: text/plain\n\n'
        f"failed\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {MARCUS}\nAction: failed\nStatus: 5.1.1\n--x--\n"
    )
    to = f"{Purpose.BOUNCE}-{SIGNER.in_address(Purpose.BOUNCE, desk.notice)}@{DOMAIN}"
    taken = await returns.take(
        Reach(desk.db), report.encode(), via="smtp-in", envelope_to=to, envelope_from="", at=LATER
    )  # fmt: skip
    assert taken.done == ("the notice came back: its reminder comes early",)
    await advance(desk.db, desk.book, desk.hand_off_id, LATER)
    assert await desk.letters() == ["remind"]
