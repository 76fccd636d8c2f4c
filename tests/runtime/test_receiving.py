"""Does mail that comes back reach the house by every way that is set, once, whatever is away or killed meanwhile?"""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from leadloom.domain.errors import BadInput, Unreachable
from leadloom.domain.mails.links import Purpose
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.model import MessageId
from leadloom.mail.mailbox import Mailbox, MailboxAddress
from leadloom.runtime import mailbox_door, returns, smtp_door
from leadloom.runtime.receiving import receiving
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.imap_server import imap_server
from tests.web.site import Site, open_site


def reply_to(site: Site, message_id: MessageId, *, said: str = "Tuesday at ten suits us.") -> tuple[str, bytes]:
    """A person's answer, and the mailbox of ours it goes to."""
    urls = MailUrls("https://kelvance.example", site.signer, message_id, marketing=True)
    to = urls.mailbox(Purpose.REPLY, "kelvance.example")
    lines = [
        "From: Ana Torres <ana.torres@meridian-pharma.example>",
        f"To: <{to}>",
        "Subject: Re: Nine minutes on the dock",
        "Message-ID: <answer-1@meridian-pharma.example>",
        "Date: Tue, 03 Mar 2026 10:00:00 +0100",
        "Content-Type: text/plain; charset=utf-8",
        "",
        said,
        "",
    ]
    return to, "\r\n".join(lines).encode()


STRANGE = b"From: eve@attacker.example\r\nSubject: Buy now\r\nMessage-ID: <x@attacker.example>\r\n\r\nhello\r\n"


async def kinds(site: Site) -> list[tuple[object, ...]]:
    rows = await site.rows("SELECT via, kind, matched_by FROM mail_return ORDER BY at, key")
    return [tuple(row.values()) for row in rows]


@asynccontextmanager
async def smtp(site: Site) -> AsyncIterator[int]:
    port = await smtp_door.port_of(site.house)
    async with port.serving("127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def send(port: int, sender: str, to: str, raw: bytes) -> tuple[int, bytes]:
    """What the port says in the end, as a foreign client hears it."""
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.ehlo()
        client.mail(sender)
        code, said = client.rcpt(to)
        return client.data(raw) if code == 250 else (code, said)


async def test_our_port_takes_mail_for_our_tokens_and_roles_and_for_nobody_else(site: Site) -> None:
    to, raw = reply_to(site, await site.sent_mail())
    async with smtp(site) as port:
        for address in (
            to,
            to.upper(),
            f"prvs=0123456789={to}",
            "postmaster@kelvance.example",
            "abuse@kelvance.example",
        ):
            assert (await asyncio.to_thread(send, port, "ana.torres@meridian-pharma.example", address, raw))[0] == 250
        assert (await asyncio.to_thread(send, port, "eve@attacker.example", "postmaster", STRANGE))[0] == 250
        for address in (
            to[:-20] + ("y" if to[-20] == "z" else "z") + to[-19:],
            to.replace("kelvance.example", "elsewhere.example"),
            f"c{to[1:]}",
            "ines.carvalho@kelvance.example",
            "postmaster@elsewhere.example",
        ):
            code, _ = await asyncio.to_thread(send, port, "eve@attacker.example", address, raw)
            assert code in (550, 501), address
    assert await kinds(site) == [("smtp-in", "reply", "token"), ("smtp-in", "reply", None)]
    assert len(await site.events("reply")) == 1


async def test_250_is_said_only_when_the_mail_is_kept(site: Site, dsn: str, tmp_path: Path) -> None:
    to, raw = reply_to(site, await site.sent_mail())
    async with smtp(site) as port:
        assert (await asyncio.to_thread(send, port, "", to, raw))[0] == 250
        assert len(await kinds(site)) == 1
        await site.db.close()
        code, said = await asyncio.to_thread(send, port, "", to, raw.replace(b"answer-1", b"answer-2"))
        assert (code, said[:5]) == (451, b"4.3.0")


async def test_a_mailbox_is_emptied_into_folders_each_mail_once(db: Db, dsn: str, book: Book, tmp_path: Path) -> None:
    async with imap_server() as server, open_site(db, dsn, book, tmp_path, imap_url=server.url) as site:
        _, raw = reply_to(site, await site.sent_mail())
        server.deliver(raw, STRANGE)
        await asyncio.to_thread(server.look_at_everything)
        # Killed after the commit and before the move: the mail is kept, and still lies in the inbox.
        await returns.take(site.house, raw, via="imap", envelope_to=None, envelope_from=None, at=site.house.now())
        mailbox = await asyncio.to_thread(Mailbox.open, MailboxAddress.from_url(server.url))
        assert await mailbox_door.take_all(site.house, mailbox) == 2
        assert await mailbox_door.take_all(site.house, mailbox) == 0
        mailbox.close()
        assert server.holds() == []
        assert server.holds("Leadloom/Taken") == [raw]
        assert server.holds("Leadloom/Unknown") == [STRANGE]
        assert len(await kinds(site)) == 2
        assert len(await site.events("reply")) == 1


async def test_with_postgres_away_the_mail_stays_in_the_mailbox(db: Db, dsn: str, book: Book, tmp_path: Path) -> None:
    async with imap_server() as server, open_site(db, dsn, book, tmp_path, imap_url=server.url) as site:
        _, raw = reply_to(site, await site.sent_mail())
        server.deliver(raw)
        mailbox = await asyncio.to_thread(Mailbox.open, MailboxAddress.from_url(server.url))
        await site.db.close()
        with pytest.raises(Unreachable):
            await mailbox_door.take_all(site.house, mailbox)
        mailbox.close()
        assert server.holds() == [raw]


async def test_both_ways_are_open_at_once_and_a_mailbox_tells_of_new_mail_by_itself(
    db: Db, dsn: str, book: Book, tmp_path: Path
) -> None:
    async with imap_server() as server:
        settings = {"imap_url": server.url, "inbound_listen": "127.0.0.1:0", "imap_every_s": 3600.0}
        async with open_site(db, dsn, book, tmp_path, **settings) as site, receiving(site.house) as ways:
            assert [way.partition(" 127")[0] for way in ways] == ["SMTP on", "the mailbox at"]
            _, raw = reply_to(site, await site.sent_mail())
            server.deliver(STRANGE)
            await _until(lambda: server.holds("Leadloom/Unknown") == [STRANGE])
            server.deliver(raw)
            await _until(lambda: server.holds("Leadloom/Taken") == [raw])
    assert len(await kinds(site)) == 2


async def _until(holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if await asyncio.to_thread(holds):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came to hold")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "Set LEADLOOM_INBOUND_LISTEN"),
        ({"inbound_listen": "mx.kelvance.example"}, "Write host:port"),
        ({"inbound_listen": "127.0.0.1:0", "inbound_certificate": Path("none.pem")}, "It can't be read"),
        ({"imap_url": "imaps://mail.example:secret"}, "Write imaps://user"),
        ({"imap_url": "pop3://user:secret@mail.example"}, "Write imaps://user"),
    ],
)
async def test_a_way_in_that_is_written_wrong_says_how_to_write_it(
    db: Db, dsn: str, book: Book, tmp_path: Path, settings: dict[str, object], says: str
) -> None:
    async with open_site(db, dsn, book, tmp_path, **settings) as site:
        with pytest.raises(BadInput, match=says) as refused:
            async with receiving(site.house):
                pass
    assert "secret" not in str(refused.value)


async def test_a_mailbox_that_is_not_there_is_named_without_its_password() -> None:
    address = MailboxAddress.from_url("imap://returns:secret@127.0.0.1:9")
    with pytest.raises(Unreachable, match=r"The mailbox at 127\.0\.0\.1:9") as away:
        await mailbox_door.look(address)
    assert "secret" not in str(away.value)


@pytest.fixture
async def site(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[Site]:
    """A house of which a mail went to Ana."""
    async with open_site(db, dsn, book, tmp_path) as opened:
        yield opened
