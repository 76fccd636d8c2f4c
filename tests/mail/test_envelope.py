"""Is a relay asked for reports where it makes them, and for nothing it doesn't offer?"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from leadloom.mail.envelope import envelope_commands
from leadloom.mail.phases import Refused
from leadloom.mail.smtp import SmtpPool

ME, ANA = "b-abc@kelvance.example", "ana.ortiz@alder.example"
ID = str(UUID(int=5))


@contextlib.asynccontextmanager
async def a_relay(*offers: str) -> AsyncIterator[tuple[str, list[str]]]:
    """A relay that takes everything: its URL, and what it was told."""
    told: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            told.append(line.decode().rstrip("\r\n"))
            is_hello = told[-1].startswith("EHLO")
            lines = ["relay.example", *offers] if is_hello else ["ok"]
            writer.write("".join(f"250{'-' if one != lines[-1] else ' '}{one}\r\n" for one in lines).encode())
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}", told


async def said(*offers: str) -> list[str]:
    """What a relay with those extensions is told of one envelope."""
    async with a_relay(*offers) as (url, told):
        pool = SmtpPool.from_url(url, size=1)
        async with pool.connection() as connection:
            await connection.envelope(ME, ANA, envelope_id=ID)
        await pool.close()
        return [line for line in told if line.startswith(("MAIL", "RCPT"))]


async def test_a_relay_that_makes_reports_is_asked_for_failure_and_delay_by_our_id() -> None:
    assert await said("DSN", "8BITMIME") == [
        f"MAIL FROM:<{ME}> RET=HDRS ENVID={ID}",
        f"RCPT TO:<{ANA}> NOTIFY=FAILURE,DELAY",
    ]


async def test_a_relay_that_makes_none_is_told_addresses_only() -> None:
    assert await said("8BITMIME") == [f"MAIL FROM:<{ME}>", f"RCPT TO:<{ANA}>"]


def test_without_an_id_no_report_is_asked_for() -> None:
    assert envelope_commands(ME, ANA, offers=lambda name: True) == (
        f"MAIL FROM:<{ME}>".encode(),
        f"RCPT TO:<{ANA}>".encode(),
    )


def test_an_address_outside_of_ascii_needs_a_relay_that_takes_it() -> None:
    mail, rcpt = envelope_commands(ME, "jörg@kühl.example", offers=lambda name: True, envelope_id=ID)
    assert mail.decode() == f"MAIL FROM:<{ME}> SMTPUTF8 RET=HDRS ENVID={ID}"
    assert rcpt.decode() == "RCPT TO:<jörg@xn--khl-hoa.example> NOTIFY=FAILURE,DELAY"
    with pytest.raises(Refused, match="ASCII addresses only"):
        envelope_commands(ME, "jörg@kühl.example", offers=lambda name: False)
