"""Can an operator see what came back, say that they looked, and try the rules on mails of their own?"""

from __future__ import annotations

from pathlib import Path

from leadloom.domain.mails.links import Signer
from leadloom.runtime import returns
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.cli.conftest import Command
from tests.store import acts
from tests.store.acts import TUESDAY

BOUNCE = b"""From: mailer-daemon@alder.example
Subject: Undelivered mail

<ana.torres@meridian-pharma.example>: no such user
"""
REPLY = b"From: Ana Torres <ana.torres@meridian-pharma.example>\nSubject: Re: Nine minutes\n\nCall me.\n"
AWAY = (
    b"From: bo@alder.example\nSubject: Automatic reply: x\nDate: Tue, 3 Mar 2026 09:00:00 +0000\n\nBack on 9 March.\n"
)


class Reach:
    """What `returns` needs of a process."""

    def __init__(self, db: Db) -> None:
        self.db, self.signer = db, Signer(["a secret of these tests alone"])


async def test_what_a_person_should_look_at_is_listed_shown_and_done(
    command: Command, db: Db, book: Book, dsn: str
) -> None:
    await acts.in_journey(db, book)
    envelope = {"via": "smtp-in", "envelope_to": None, "envelope_from": ""}
    taken = await returns.take(Reach(db), BOUNCE, **envelope, at=TUESDAY)
    [listed] = (await command("mail", "returns", "list", "--json")).json
    assert (listed["address"], listed["matched_by"]) == ("a•••@meridian-pharma.example", "address")
    shown = await command("mail", "returns", "show", taken.return_id)
    assert "no such user" in shown.out
    assert (await command("mail", "returns", "retry", taken.return_id, "--json")).json[0]["again"]
    looked = ("mail", "returns", "done", taken.return_id, "--why", "their relay", "--by", "leo-novak")
    assert (await command(*looked)).code == 0
    assert "Nothing to look at" in (await command("mail", "returns", "list")).out
    assert len((await command("mail", "returns", "list", "--all", "--json")).json) == 1
    missing = await command("mail", "returns", "show", "00000000-0000-0000-0000-000000000007")
    assert missing.code == 3
    assert (await command("mail", "returns", "list", "--kind", "what")).code == 2


async def test_mails_of_your_own_are_classed_a_line_for_each(command: Command, tmp_path: Path) -> None:
    (tmp_path / "cur").mkdir()
    (tmp_path / "cur" / "1.eml").write_bytes(REPLY)
    mbox = tmp_path / "box.mbox"
    head = b"From someone@alder.example Tue Mar  3 09:00:00 2026\n"
    mbox.write_bytes(head + BOUNCE + b"\n>From here on\n\n" + head + AWAY)
    ran = await command("mail", "returns", "read", tmp_path)
    lines = [line.split("\t")[:4] for line in ran.out.splitlines()]
    assert lines == [
        ["box.mbox#1", "bounce", "unknown_user", "suppress"],
        ["box.mbox#2", "auto_reply", "-", "-"],
        ["cur/1.eml", "reply", "-", "-"],
    ]
    assert "3  mails" in ran.err
    away = (await command("mail", "returns", "read", mbox, "--json")).out.splitlines()[1]
    assert '"returns_on": "2026-03-09"' in away
    assert (await command("mail", "returns", "read", tmp_path / "nothing")).code == 2
