"""Does our SMTP port keep every mail it says 250 for, pass nothing on, and stay up whatever a client does?"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from leadloom.domain.errors import Transient
from leadloom.mail.reception import Handed, Limits, Port

OURS = "r-token@kelvance.example"
ALSO_OURS = "postmaster@kelvance.example"


class Box:
    """Two mailboxes, and what was put in."""

    def __init__(self) -> None:
        self.mails: list[Handed] = []
        self.away = False

    def knows(self, address: str) -> bool:
        return address.lower() in (OURS, ALSO_OURS)

    async def take(self, mail: Handed) -> None:
        await asyncio.sleep(0)
        if self.away:
            raise Transient("away")
        self.mails.append(mail)


class Talk:
    """A client, byte for byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def hear(self) -> str:
        """The next answer, all its lines."""
        lines = [await asyncio.wait_for(self.reader.readline(), 5)]
        while lines[-1][3:4] == b"-":
            lines.append(await asyncio.wait_for(self.reader.readline(), 5))
        return b"".join(lines).decode()

    def tell(self, *lines: bytes) -> None:
        self.writer.write(b"".join(line + b"\r\n" for line in lines))

    async def ask(self, line: bytes) -> str:
        self.tell(line)
        return await self.hear()

    async def codes(self, *lines: bytes) -> list[str]:
        """One by one."""
        return [(await self.ask(line))[:3] for line in lines]

    async def is_over(self) -> bool:
        return await asyncio.wait_for(self.reader.read(), 5) == b""


@asynccontextmanager
async def port(box: Box, *, tls: ssl.SSLContext | None = None, **limits: Any) -> AsyncIterator[int]:
    served = Port(box, "mx.kelvance.example", tls, Limits(**limits))
    async with served.serving("127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        assert served.waiting == 0


@asynccontextmanager
async def talk(where: int) -> AsyncIterator[Talk]:
    reader, writer = await asyncio.open_connection("127.0.0.1", where)
    yield Talk(reader, writer)
    writer.close()


@asynccontextmanager
async def greeted(box: Box, **limits: Any) -> AsyncIterator[Talk]:
    async with port(box, **limits) as where, talk(where) as client:
        assert (await client.hear()).startswith("220 mx.kelvance.example")
        assert (await client.ask(b"EHLO client.example")).startswith("250-mx.kelvance.example")
        yield client


@pytest.fixture
def box() -> Box:
    return Box()


BEGIN = (b"MAIL FROM:<>", b"RCPT TO:<" + OURS.encode() + b">", b"DATA")


async def test_a_foreign_client_hands_over_a_report_from_nobody(box: Box) -> None:
    report = "From: mailer-daemon@mx.example\r\nSubject: Undelivered\r\n\r\n.dots\r\n..and two\r\nGrüße\r\n".encode()

    def send(where: int) -> None:
        with smtplib.SMTP("127.0.0.1", where, timeout=5) as client:
            client.sendmail(
                "", [OURS, ALSO_OURS.upper()], report, mail_options=["BODY=8BITMIME", f"SIZE={len(report)}"]
            )

    async with port(box) as where:
        await asyncio.to_thread(send, where)
    assert [(mail.raw, mail.envelope_from, mail.envelope_to) for mail in box.mails] == [
        (report, "", OURS),
        (report, "", ALSO_OURS.upper()),
    ]


async def test_pipelined_commands_are_answered_in_their_order(box: Box) -> None:
    async with greeted(box) as client:
        client.tell(*BEGIN[:2], b"RCPT TO:<nobody@kelvance.example>", b"DATA")
        assert [(await client.hear())[:9] for _ in range(4)] == ["250 2.1.0", "250 2.1.5", "550 5.1.1", "354 End w"]
        client.tell(b"Subject: one", b"", b"x", b".", *BEGIN, b".", b"QUIT")
        assert [(await client.hear())[:3] for _ in range(6)] == ["250", "250", "250", "354", "250", "221"]
        assert await client.is_over()
    assert [mail.raw for mail in box.mails] == [b"Subject: one\r\n\r\nx\r\n", b""]


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\n.\r", b"\r\n\x00.\r\n"])
async def test_only_crlf_dot_crlf_ends_a_mail_so_none_is_smuggled_in(box: Box, end: bytes) -> None:
    smuggled = b"MAIL FROM:<ceo@kelvance.example>\r\nRCPT TO:<" + OURS.encode() + b">\r\nDATA\r\nPay.\r\n"
    async with greeted(box) as client:
        assert await client.codes(*BEGIN) == ["250", "250", "354"]
        client.writer.write(b"Subject: x\r\n\r\nhello" + end + smuggled + b".\r\n")
        assert (await client.hear()).startswith("250 2.0.0")
        assert await client.codes(b"NOOP") == ["250"]
    (mail,) = box.mails
    assert b"Pay." in mail.raw
    assert mail.envelope_from == ""


async def test_a_body_in_single_bytes_is_the_same_body(box: Box) -> None:
    async with greeted(box) as client:
        assert await client.codes(*BEGIN) == ["250", "250", "354"]
        for byte in b"..a\r\n...\r\n.\r\n":
            client.writer.write(bytes([byte]))
            await asyncio.sleep(0)
        assert (await client.hear())[:3] == "250"
    assert box.mails[0].raw == b".a\r\n..\r\n"


async def test_nothing_is_passed_on_and_who_guesses_is_sent_away(box: Box) -> None:
    async with greeted(box, faults=3) as client:
        assert await client.codes(
            b"MAIL FROM:<eve@attacker.example>",
            b"RCPT TO:<victim@elsewhere.example>",
            b"RCPT TO:<r-token@kelvance.example@elsewhere.example>",
            b"DATA",
            b"RCPT TO:<a@kelvance.example>",
        ) == ["250", "550", "550", "503", "421"]
        assert await client.is_over()
    assert box.mails == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"MAIL FROM:eve@attacker.example", "501"),
        (b"MAIL FROM:<a b@attacker.example>", "501"),
        (b"MAIL FROM:<\xff\xfe@attacker.example>", "501"),
        (b"MAIL FROM:<a@b.example> SIZE=99999999999999999999", "552"),
        (b"MAIL FROM:<a@b.example> AUTH=<>", "555"),
        (b"MAIL FROM:<a@b.example> body=8bitmime SMTPUTF8", "250"),
        (b"MAIL FROM:<grete@m\xc3\xbcller.example> SMTPUTF8", "250"),
        (b"MAIL FROM:<@relay.example:a@b.example>", "250"),
        (b"mail from: <>", "250"),
        (b"RCPT TO:<" + OURS.encode() + b">", "503"),
        (b"DATA", "503"),
        (b"DATA now", "501"),
        (b"VRFY postmaster", "252"),
        (b"EXPN all", "502"),
        (b"AUTH PLAIN AGEAYg==", "502"),
        (b"BDAT 5", "502"),
        (b"STARTTLS", "502"),
        (b"EHLO", "501"),
        (b"", "500"),
        (b"GET / HTTP/1.1", "500"),
        (b"NOOP\nQUIT", "500"),
        (b"RSET", "250"),
    ],
)
async def test_each_command_has_its_answer(box: Box, line: bytes, code: str) -> None:
    async with greeted(box) as client:
        assert await client.codes(line, b"NOOP") == [code, "250"]


async def test_a_mail_before_ehlo_and_a_second_sender_are_refused(box: Box) -> None:
    async with port(box) as where, talk(where) as client:
        await client.hear()
        assert await client.codes(b"MAIL FROM:<>", b"HELO old", b"MAIL FROM:<>", b"MAIL FROM:<>") == [
            "503", "250", "250", "503",
        ]  # fmt: skip


async def test_while_the_house_is_away_the_client_is_told_to_come_again(box: Box) -> None:
    box.away = True
    async with greeted(box) as client:
        assert await client.codes(*BEGIN, b"x\r\n.") == ["250", "250", "354", "451"]
        box.away = False
        assert await client.codes(*BEGIN, b"x\r\n.") == ["250", "250", "354", "250"]
    assert len(box.mails) == 1


async def test_too_large_is_read_to_its_end_and_the_next_mail_fits(box: Box) -> None:
    async with greeted(box, largest=1000) as client:
        assert await client.codes(b"MAIL FROM:<> SIZE=1001") == ["552"]
        assert await client.codes(*BEGIN, b"x" * 3000 + b"\r\n.") == ["250", "250", "354", "552"]
        assert await client.codes(*BEGIN, b"small\r\n.") == ["250", "250", "354", "250"]
    assert [mail.raw for mail in box.mails] == [b"small\r\n"]


async def test_all_connections_together_hold_no_more_than_they_may(box: Box) -> None:
    async with port(box, largest=1000, waiting=1500) as where, talk(where) as one, talk(where) as other:
        for client in (one, other):
            await client.hear()
            assert await client.codes(b"EHLO x", *BEGIN) == ["250", "250", "250", "354"]
        one.tell(b"x" * 900)
        await one.writer.drain()
        await asyncio.sleep(0.05)
        other.tell(b"x" * 900, b".")
        assert (await other.hear())[:9] == "452 4.3.1"
        one.tell(b".")
        assert (await one.hear())[:3] == "250"


async def test_too_many_connections_recipients_and_commands(box: Box) -> None:
    async with port(box, per_host=2, recipients=1, commands=7) as where, talk(where) as one, talk(where) as two:
        await two.hear()
        async with talk(where) as three:
            assert (await three.hear()).startswith("421 4.3.2")
            assert await three.is_over()
        await one.hear()
        assert await one.codes(b"EHLO x", *BEGIN[:2], b"RCPT TO:<" + ALSO_OURS.encode() + b">") == [
            "250", "250", "250", "452",
        ]  # fmt: skip
        assert await one.codes(b"NOOP", b"NOOP", b"NOOP") == ["250"] * 3
        assert (await one.hear()).startswith("421 4.7.0")
        assert await one.is_over()


async def test_a_silent_client_and_one_that_drips_are_hung_up_on(box: Box) -> None:
    async with port(box, idle_s=0.1) as where, talk(where) as client:
        await client.hear()
        assert (await client.hear()).startswith("421 4.4.2")
    async with port(box, whole_s=0.2) as where, talk(where) as client:
        await client.hear()
        assert await client.codes(b"EHLO x", *BEGIN) == ["250", "250", "250", "354"]
        with pytest.raises(ConnectionError):
            for _ in range(200):
                client.writer.write(b"x")
                await client.writer.drain()
                await asyncio.sleep(0.01)
    assert box.mails == []


async def test_a_line_without_end_is_not_waited_for(box: Box) -> None:
    async with greeted(box) as client:
        client.writer.write(b"x" * 5000)
        assert (await client.hear()).startswith("500 5.5.6")
        assert await client.is_over()


async def test_a_mail_cut_short_is_no_mail(box: Box) -> None:
    async with greeted(box) as client:
        assert await client.codes(*BEGIN) == ["250", "250", "354"]
        client.tell(b"half a mail")
        client.writer.write_eof()
        assert await client.is_over()
    assert box.mails == []


class BrokenBox(Box):
    """Fails as nobody foresaw."""

    async def take(self, mail: Handed) -> None:
        raise ZeroDivisionError(OURS)


async def test_an_error_of_ours_is_no_250_and_tells_nothing() -> None:
    async with greeted(BrokenBox()) as client:
        assert await client.codes(*BEGIN) == ["250", "250", "354"]
        answer = await client.ask(b"x\r\n.")
    assert answer.startswith("421 4.3.0")
    assert OURS not in answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with its key, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1)).sign(key, SHA256())
    path = tmp_path_factory.mktemp("tls") / "mx.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(signed.public_bytes(Encoding.PEM) + private)
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def test_under_tls_a_client_begins_anew(box: Box, tls: ssl.SSLContext) -> None:
    def send(where: int) -> None:
        with smtplib.SMTP("127.0.0.1", where, timeout=5) as client:
            client.ehlo()
            assert client.has_extn("starttls")
            client.starttls(context=_trusting())
            assert client.docmd("MAIL", "FROM:<>")[0] == 503
            client.ehlo()
            assert not client.has_extn("starttls")
            client.sendmail("a@b.example", [OURS], b"Subject: under TLS\r\n\r\n" + b"x" * 100_000 + b"\r\n")

    async with port(box, tls=tls) as where:
        await asyncio.to_thread(send, where)
    assert box.mails[0].raw.startswith(b"Subject: under TLS\r\n")
    assert len(box.mails[0].raw) > 100_000


async def test_what_is_said_before_tls_is_never_taken_for_said_under_it(box: Box, tls: ssl.SSLContext) -> None:
    async with port(box, tls=tls) as where, talk(where) as client:
        await client.hear()
        assert (await client.ask(b"EHLO x")).startswith("250")
        client.tell(b"STARTTLS", b"MAIL FROM:<eve@attacker.example>")
        assert (await client.hear()).startswith("421 5.5.1")
        assert await client.is_over()
