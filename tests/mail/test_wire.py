"""Is each answer paired with its command, however the packets fall, and is what nobody asked for no answer?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from leadloom.mail.answer import though_cancelled
from leadloom.mail.wire import Wire, WireLost


@asynccontextmanager
async def a_wire() -> AsyncGenerator[tuple[Wire, asyncio.StreamWriter]]:
    """A wire, and the relay's end of it."""
    there: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()

    async def come(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there.set_result(writer)

    server = await asyncio.start_server(come, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, host, port)
    wire, relay = Wire(transport), await there
    yield wire, relay
    wire.abort()
    relay.close()
    server.close()


async def reply(wire: Wire, seconds: float) -> tuple[int, str]:
    await wire.arrived(1, seconds)
    said = wire.take()
    return said.code, said.text


async def test_answers_of_one_packet_are_told_one_by_one_in_order() -> None:
    async with a_wire() as (wire, relay):
        wire.write(b"MAIL\r\nRCPT\r\nDATA\r\nNOOP\r\n", replies=4)
        relay.write(b"250-2.1.0 first\r\n250 line\r\n550 5.1.1 nobody\r\n354 go on\r\n250\n")
        assert [await reply(wire, 5) for _ in range(4)] == [
            (250, "2.1.0 first\nline"), (550, "5.1.1 nobody"), (354, "go on"), (250, ""),
        ]  # fmt: skip


async def test_an_answer_in_pieces_is_told_when_it_is_whole() -> None:
    async with a_wire() as (wire, relay):
        wire.write(b"MAIL\r\n", replies=1)
        answer = asyncio.create_task(reply(wire, 5))
        for piece in (b"2", b"50-a\r", b"\n250 ", b"b\r\n"):
            assert not answer.done()
            relay.write(piece)
            await asyncio.sleep(0.01)
        assert await answer == (250, "a\nb")


async def test_who_waits_for_what_became_of_a_mail_hears_it_before_it_is_cancelled() -> None:
    heard: list[int] = []

    async def carry(wire: Wire) -> None:
        await though_cancelled(wire.decided(5))
        heard.append(wire.take().code)
        await asyncio.sleep(5)
        heard.append(0)

    async with a_wire() as (wire, relay):
        wire.write(b".\r\n", replies=1)
        carrying = asyncio.create_task(carry(wire))
        for _ in range(3):  # asked more than once: the answer is still worth more
            await asyncio.sleep(0.01)
            carrying.cancel()
        relay.write(b"250 taken\r\n")
        with pytest.raises(asyncio.CancelledError):
            await carrying
        assert heard == [250]


async def test_a_deadline_around_the_answer_ends_the_block_once_it_has_come() -> None:
    async with a_wire() as (wire, relay):
        wire.write(b".\r\n", replies=1)
        asyncio.get_running_loop().call_later(0.1, relay.write, b"250 taken\r\n")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await though_cancelled(wire.decided(5))
                assert wire.take().code == 250
                await asyncio.sleep(5)


async def test_an_answer_that_came_before_the_end_of_the_connection_counts() -> None:
    async with a_wire() as (wire, relay):
        wire.write(b".\r\n", replies=1)
        relay.write(b"250 kept\r\n")
        relay.close()
        while wire.is_open:  # noqa: ASYNC110  the socket tells the wire, and it tells nobody
            await asyncio.sleep(0.001)
        assert await reply(wire, 5) == (250, "kept")
        with pytest.raises(WireLost):
            wire.write(b"MAIL\r\n", replies=1)


async def test_a_goodbye_nobody_asked_for_ends_the_connection_and_answers_nothing() -> None:
    async with a_wire() as (wire, relay):
        relay.write(b"421 idle for too long\r\n")
        while wire.is_open:  # noqa: ASYNC110  the socket tells the wire, and it tells nobody
            await asyncio.sleep(0.001)
        with pytest.raises(WireLost, match="421 unasked"):
            wire.write(b"MAIL\r\n", replies=1)


@pytest.mark.parametrize("noise", [b"HTTP/1.1 400 Bad\r\n", b"250" + b"x" * 9000 + b"\r\n", b"250-a\r\n" * 10_000])
async def test_what_is_no_smtp_ends_the_connection(noise: bytes) -> None:
    async with a_wire() as (wire, relay):
        wire.write(b"MAIL\r\n", replies=1)
        relay.write(noise)
        with pytest.raises(WireLost, match="no SMTP"):
            await reply(wire, 5)
        assert not wire.is_open


async def test_silence_is_given_up_after_its_time_and_its_late_answer_is_nobodys() -> None:
    async with a_wire() as (wire, _):
        wire.write(b".\r\n", replies=1)
        with pytest.raises(WireLost, match="too long"):
            await reply(wire, 0.02)
        assert not wire.is_open


async def test_each_answer_is_waited_for_as_long_as_was_said_whatever_was_waited_for_before() -> None:
    async with a_wire() as (wire, relay):
        for seconds in (600.0, 0.2):
            wire.write(b"MAIL\r\n", replies=1)
            relay.write(b"250 ok\r\n")
            await reply(wire, seconds)
        wire.write(b".\r\n", replies=1)
        longer = asyncio.create_task(reply(wire, 600))
        await asyncio.sleep(0.3)
        relay.write(b"250 slow\r\n")
        assert await longer == (250, "slow"), "the shorter wait before it is over and forgotten"
        wire.write(b"MAIL\r\n", replies=1)
        with pytest.raises(WireLost):
            await asyncio.wait_for(reply(wire, 0.05), 5)
