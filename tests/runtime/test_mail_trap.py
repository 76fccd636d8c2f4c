"""Does the trap keep what it accepts, and only that? Spoken to in raw SMTP, as a stranger would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest_asyncio

from leadloom.domain.model import MessageId
from leadloom.mail.compose import compose
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.runtime.local.trapped_mail import TrappedMail
from tests.mail.test_compose import LETTER, SECRET

ENVELOPE = b"MAIL FROM:<a@kelvance.example>\r\nRCPT TO:<b@alder.example>\r\nDATA\r\n"


@pytest_asyncio.fixture
async def trap() -> AsyncIterator[MailTrap]:
    async with MailTrap() as running:
        yield running


async def talk(trap: MailTrap, *chunks: bytes) -> list[str]:
    """Write the chunks, say goodbye, and return the lines of the answer."""
    reader, writer = await asyncio.open_connection(trap.host, trap.port)
    for chunk in chunks:
        writer.write(chunk)
        await writer.drain()
        await asyncio.sleep(0)  # let the trap see the chunk by itself
    writer.write(b"QUIT\r\n")
    answer = (await reader.read()).decode().splitlines()
    writer.close()
    return answer


async def send(trap: MailTrap, wire: bytes) -> None:
    pool = SmtpPool.from_url(trap.url, size=1)
    async with pool.connection() as connection:
        await connection.envelope("a@kelvance.example", "b@alder.example")
        await connection.body(wire)
        await connection.dot()
    await pool.close()


async def test_a_mail_is_readable_as_its_reader_sees_it(trap: MailTrap) -> None:
    letter = LETTER.model_copy(update={"text": "See https://kelvance.example/t/c/x-_, or\nhttps://k.example/u/y.\n"})
    await send(trap, compose(letter, secret=SECRET))
    mail = trap.mails[0]
    assert (mail.no, mail.subject) == (1, LETTER.subject)
    assert mail.links == ("https://kelvance.example/t/c/x-_", "https://k.example/u/y")
    assert mail.html.startswith("<p>Hello Ana,</p>")
    assert mail.header("Feedback-ID") == "hello:welcome-four-degrees:marketing:kelvance"
    assert mail.header("X-Nothing") == ""


async def test_a_copy_is_counted_by_its_message_id(trap: MailTrap) -> None:
    other = LETTER.model_copy(update={"message_id": MessageId(UUID(int=77))})
    for letter in (LETTER, other, LETTER):
        await send(trap, compose(letter, secret=SECRET))
    assert trap.duplicates() == {trap.mails[0].message_id: 2}


async def test_the_confirmation_waits_until_whoever_listens_has_reacted(trap: MailTrap) -> None:
    seen: list[int] = []

    async def react(mail: TrappedMail) -> None:
        await asyncio.sleep(0)
        seen.append(mail.no)

    trap.on_mail = react
    await send(trap, compose(LETTER, secret=SECRET))
    assert seen == [1]


async def test_mails_are_also_written_to_a_folder(tmp_path: Path) -> None:
    async with MailTrap(folder=tmp_path / "mails") as trap:
        await send(trap, compose(LETTER, secret=SECRET))
        assert (tmp_path / "mails" / "000001.eml").read_bytes() == trap.mails[0].raw


async def test_two_mails_in_one_write_are_two_mails(trap: MailTrap) -> None:
    answer = await talk(trap, b"EHLO us\r\n", ENVELOPE + b"one\r\n.\r\n" + ENVELOPE + b"two\r\n.\r\n")
    assert [mail.raw for mail in trap.mails] == [b"one\r\n", b"two\r\n"]
    assert [line[:3] for line in answer[-9:]] == ["250", "250", "354", "250", "250", "250", "354", "250", "221"]


async def test_an_end_mark_cut_anywhere_is_found(trap: MailTrap) -> None:
    whole = b"line\r\n..dot\r\n.\r\n"
    for cut in range(1, len(whole)):
        await talk(trap, ENVELOPE, whole[:cut], whole[cut:])
    assert {mail.raw for mail in trap.mails} == {b"line\r\n.dot\r\n"}
    assert len(trap.mails) == len(whole) - 1


async def test_an_empty_body_is_a_mail(trap: MailTrap) -> None:
    await talk(trap, ENVELOPE + b".\r\n")
    assert [mail.raw for mail in trap.mails] == [b""]


async def test_a_connection_that_ends_before_the_dot_leaves_nothing(trap: MailTrap) -> None:
    reader, writer = await asyncio.open_connection(trap.host, trap.port)
    writer.write(ENVELOPE + b"half a mail")
    while b"354" not in await reader.readline():
        pass
    writer.close()
    await trap.until(lambda: trap.unfinished == 1)
    assert trap.mails == []


async def test_what_it_offers_can_be_switched(trap: MailTrap) -> None:
    offered = await talk(trap, b"EHLO us\r\n")
    assert [line[4:] for line in offered[2:-1]] == ["8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES", "SMTPUTF8"]
    trap.smtputf8 = False
    assert not any("SMTPUTF8" in line for line in await talk(trap, b"EHLO us\r\n"))


async def test_commands_out_of_order_are_refused_and_change_nothing(trap: MailTrap) -> None:
    answer = await talk(trap, b"DATA\r\nRCPT TO:<b@alder.example>\r\nMAIL FROM:a@b\r\nWHO\r\n")
    assert [line[:3] for line in answer] == ["220", "503", "503", "501", "502", "221"]
    assert trap.mails == []


async def test_who_waits_for_mails_is_told_when_they_are_there(trap: MailTrap) -> None:
    waiting = asyncio.create_task(trap.arrived(2))
    await send(trap, compose(LETTER, secret=SECRET))
    assert not waiting.done()
    await send(trap, compose(LETTER, secret=SECRET))
    await waiting


async def test_it_keeps_every_one_of_many_mails_sent_in_one_stream(trap: MailTrap) -> None:
    wire = compose(LETTER, secret=SECRET)
    stream = b"".join(ENVELOPE + wire + b".\r\n" for _ in range(500))
    await talk(trap, stream)
    assert len(trap.mails) == 500
