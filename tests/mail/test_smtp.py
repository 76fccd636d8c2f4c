"""Does each failure of a relay come out as what it means for the mail? The real pool against the real trap."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from leadloom.domain.errors import BadInput, Unreachable
from leadloom.mail.connection import MAILS_PER_CONNECTION
from leadloom.mail.envelope import Envelope
from leadloom.mail.phases import Deferred, LostAfterDot, LostBeforeDot, Refused, Reply
from leadloom.mail.relay import Relay
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime.local.mail_trap import Fault, MailTrap
from leadloom.runtime.local.trapped_mail import TrappedMail

ME, ANA = "marcus.oyelaran@kelvance.example", "ana.ortiz@alder.example"
WIRE = b"Message-ID: <one@kelvance.example>\r\nSubject: Hello\r\n\r\n.\r\n..two\r\n.three\r\nend\r\n"


@pytest_asyncio.fixture(params=[True, False], ids=["pipelined", "one by one"])
async def trap(request: pytest.FixtureRequest) -> AsyncIterator[MailTrap]:
    async with MailTrap(pipelining=request.param) as running:
        yield running


@pytest_asyncio.fixture
async def pool(trap: MailTrap) -> AsyncIterator[SmtpPool]:
    running = SmtpPool.from_url(trap.url, size=2)
    yield running
    await running.close()


async def send(pool: SmtpPool, recipient: str = ANA, wire: bytes = WIRE) -> Reply:
    async with pool.connection() as connection:
        await connection.hand_over(ME, recipient, wire)
        return await connection.dot()


async def test_a_mail_arrives_byte_for_byte_and_the_reply_is_kept(pool: SmtpPool, trap: MailTrap) -> None:
    reply = await send(pool)
    assert reply == Reply(250, "2.0.0", "2.0.0 kept as 1")
    assert [(mail.sender, mail.recipients, mail.raw) for mail in trap.mails] == [(ME, (ANA,), WIRE)]


async def test_connections_are_kept_and_end_after_a_hundred_mails(pool: SmtpPool, trap: MailTrap) -> None:
    for _ in range(MAILS_PER_CONNECTION):
        await send(pool)
    assert trap.connections == 1
    await send(pool)
    assert trap.connections == 2
    assert trap.resets == 0


async def test_one_use_of_a_connection_may_carry_more_than_a_hundred(pool: SmtpPool, trap: MailTrap) -> None:
    async with pool.connection() as connection:
        for _ in range(MAILS_PER_CONNECTION + 1):
            await connection.hand_over(ME, ANA, WIRE)
            await connection.dot()
    assert (len(trap.mails), trap.connections) == (MAILS_PER_CONNECTION + 1, 2)


async def test_a_pool_never_opens_more_than_its_size(pool: SmtpPool, trap: MailTrap) -> None:
    await asyncio.gather(*(send(pool) for _ in range(40)))
    assert (len(trap.mails), trap.connections) == (40, 2)


async def test_a_refused_recipient_is_refused_and_the_next_mail_goes_out(pool: SmtpPool, trap: MailTrap) -> None:
    trap.fail(Fault.REFUSE, times=1)
    with pytest.raises(Refused) as caught:
        await send(pool)
    assert (caught.value.phase, caught.value.code, caught.value.enhanced) == ("rcpt", 550, "5.1.1")
    assert caught.value.reply == "5.1.1 <address> nobody of that name"
    await send(pool)
    assert (len(trap.mails), trap.connections, trap.resets) == (1, 1, 1)


async def test_a_deferred_recipient_is_deferred_and_the_address_stays_out_of_the_words(
    pool: SmtpPool, trap: MailTrap
) -> None:
    trap.fail(Fault.DEFER, to=ANA.upper())
    with pytest.raises(Deferred) as caught:
        await send(pool)
    assert (caught.value.phase, caught.value.code, caught.value.enhanced) == ("rcpt", 451, "4.2.1")
    assert "@" not in str(caught.value)
    await send(pool, "ben.kaya@alder.example")
    trap.recover()
    await send(pool)
    assert len(trap.mails) == 2


@pytest.mark.parametrize(("fault", "error"), [(Fault.DEFER_AT_DOT, Deferred), (Fault.REFUSE_AT_DOT, Refused)])
async def test_an_answer_to_the_dot_is_sure_and_the_connection_stays(
    pool: SmtpPool, trap: MailTrap, fault: Fault, error: type[Deferred | Refused]
) -> None:
    trap.fail(fault, times=1)
    with pytest.raises(error) as caught:
        await send(pool)
    assert caught.value.phase == "dot"
    await send(pool)
    assert (len(trap.mails), trap.connections, trap.resets) == (1, 1, 0)


async def test_a_connection_lost_before_354_is_safe_to_try_again(pool: SmtpPool, trap: MailTrap) -> None:
    trap.fail(Fault.DROP_BEFORE_354, times=1)
    with pytest.raises(LostBeforeDot) as caught:
        await send(pool)
    assert caught.value.phase == "data"
    await send(pool)
    assert (len(trap.mails), trap.connections) == (1, 2)


async def test_a_relay_that_dies_in_the_body_has_accepted_nothing(pool: SmtpPool, trap: MailTrap) -> None:
    trap.fail(Fault.DIE_IN_BODY, times=1)
    # Whether its death is seen before our dot goes out is a race; both words are right, "sent" never is.
    with pytest.raises((LostBeforeDot, LostAfterDot)):
        await send(pool)
    await trap.until(lambda: trap.unfinished == 1)
    assert trap.mails == []


async def test_a_death_in_the_body_that_is_seen_in_time_is_safe(pool: SmtpPool, trap: MailTrap) -> None:
    trap.fail(Fault.DIE_IN_BODY, times=1)
    async with pool.connection() as connection:
        await connection.hand_over(ME, ANA, WIRE)
        while connection.is_open:  # noqa: ASYNC110 the socket tells the connection, and it tells nobody
            await asyncio.sleep(0)
        with pytest.raises(LostBeforeDot):
            await connection.dot()


async def test_an_answer_lost_after_the_dot_is_uncertain(pool: SmtpPool, trap: MailTrap) -> None:
    trap.fail(Fault.DROP_AFTER_DOT, times=1)
    with pytest.raises(LostAfterDot):
        await send(pool)
    assert len(trap.mails) == 1


async def test_silence_after_the_dot_is_uncertain_when_its_time_is_over(trap: MailTrap) -> None:
    pool = SmtpPool(Relay.from_url(trap.url), size=1, dot_seconds=0.05)
    trap.fail(Fault.SILENCE, times=1)
    with pytest.raises(LostAfterDot):
        await send(pool)
    # A late answer must never be taken for the next mail's.
    assert await send(pool) == Reply(250, "2.0.0", "2.0.0 kept as 2")
    assert trap.connections == 2
    await pool.close()


async def test_a_vetoed_mail_is_aborted_before_the_dot_and_never_arrives(pool: SmtpPool, trap: MailTrap) -> None:
    async with pool.connection() as connection:
        await connection.hand_over(ME, ANA, WIRE)
        connection.abort()
        await connection.hand_over(ME, "ben.kaya@alder.example", WIRE)
        await connection.dot()
    assert [mail.recipients for mail in trap.mails] == [("ben.kaya@alder.example",)]
    assert (trap.connections, trap.resets) == (2, 0)


async def test_a_mail_vetoed_before_its_body_keeps_the_connection(pool: SmtpPool, trap: MailTrap) -> None:
    async with pool.connection() as connection:
        await connection.envelope(ME, ANA)
        connection.abort()
        await connection.envelope(ME, "ben.kaya@alder.example")
        await connection.body(WIRE)
        await connection.dot()
    assert [mail.recipients for mail in trap.mails] == [("ben.kaya@alder.example",)]
    assert (trap.connections, trap.resets) == (1, 1)


async def test_a_body_left_behind_by_a_failing_caller_is_aborted(pool: SmtpPool, trap: MailTrap) -> None:
    async def mark_fails() -> None:
        async with pool.connection() as connection:
            await connection.hand_over(ME, ANA, WIRE)
            raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError, match="the database is gone"):
        await mark_fails()
    await send(pool, "ben.kaya@alder.example")
    assert [mail.recipients for mail in trap.mails] == [("ben.kaya@alder.example",)]


async def test_a_kept_connection_the_relay_hung_up_on_is_replaced(pool: SmtpPool, trap: MailTrap) -> None:
    await send(pool)
    async with pool.connection() as connection:
        await connection.hand_over(ME, ANA, WIRE)
        await connection.dot()
        trap.drop_connections()
        await connection.hand_over(ME, ANA, WIRE)
        await connection.dot()
    assert (len(trap.mails), trap.connections) == (3, 2)


async def test_an_idle_connection_grows_cold(trap: MailTrap) -> None:
    pool = SmtpPool(Relay.from_url(trap.url), size=1, idle_seconds=0.001)
    await send(pool)
    await trap.until(lambda: trap.open_connections == 0)
    await send(pool)
    assert trap.connections == 2
    await pool.close()


async def test_a_cancel_during_the_dot_waits_for_the_answer_and_comes_after_it(trap: MailTrap) -> None:
    pool = SmtpPool.from_url(trap.url, size=1)
    arrived, answer = asyncio.Event(), asyncio.Event()

    async def hold(_: TrappedMail) -> None:
        arrived.set()
        await answer.wait()

    trap.on_mail = hold
    outcomes: list[Reply] = []

    async def send_and_note() -> None:
        async with pool.connection() as connection:
            await connection.hand_over(ME, ANA, WIRE)
            outcomes.append(await connection.dot())
            await asyncio.Event().wait()  # where the cancel is delivered

    sending = asyncio.create_task(send_and_note())
    await arrived.wait()
    sending.cancel()
    await asyncio.sleep(0)
    assert not sending.done()
    answer.set()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert [reply.code for reply in outcomes] == [250]
    await send(pool)
    assert trap.connections == 2
    await pool.close()


async def test_a_connection_cancelled_before_the_dot_is_closed_and_nothing_is_sent(
    pool: SmtpPool, trap: MailTrap
) -> None:
    ready = asyncio.Event()

    async def stall() -> None:
        async with pool.connection() as connection:
            await connection.hand_over(ME, ANA, WIRE)
            ready.set()
            await asyncio.Event().wait()

    sending = asyncio.create_task(stall())
    await ready.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await send(pool, "ben.kaya@alder.example")
    assert [mail.recipients for mail in trap.mails] == [("ben.kaya@alder.example",)]


async def test_an_address_outside_of_ascii_goes_out_when_the_relay_takes_it(pool: SmtpPool, trap: MailTrap) -> None:
    await send(pool, "jörg@kühl.example")
    assert trap.mails[0].recipients == ("jörg@xn--khl-hoa.example",)


async def test_an_address_outside_of_ascii_is_unsupported_otherwise(pool: SmtpPool, trap: MailTrap) -> None:
    trap.smtputf8 = False
    with pytest.raises(Refused, match="unsupported") as caught:
        await send(pool, "jörg@kühl.example")
    assert caught.value.enhanced == "5.6.7"
    await send(pool, "jorg@kühl.example")
    assert trap.mails[0].recipients == ("jorg@xn--khl-hoa.example",)


async def test_an_address_with_a_line_break_never_reaches_the_relay(pool: SmtpPool, trap: MailTrap) -> None:
    with pytest.raises(BadInput):
        await send(pool, "ana@alder.example>\r\nRCPT TO:<eve@evil.example")
    assert trap.mails == []


async def test_ping_says_who_answers(pool: SmtpPool) -> None:
    assert await pool.ping() == "mail.trap.example ESMTP"


async def test_a_relay_that_is_not_there_is_unreachable_by_name() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    pool = SmtpPool.from_url(f"smtp://127.0.0.1:{port}?starttls=never", size=1)
    with pytest.raises(Unreachable, match=f"The mail relay at 127.0.0.1:{port} can't be reached"):
        await pool.ping()
    with pytest.raises(Unreachable):
        await send(pool)


async def test_a_password_never_travels_to_a_relay_without_tls(trap: MailTrap) -> None:
    pool = SmtpPool.from_url(f"smtp://ana:s%40cret@127.0.0.1:{trap.port}", size=1)
    with pytest.raises(Unreachable) as caught:
        await pool.ping()
    assert "s@cret" not in f"{caught.value} {pool.relay!r}"


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://relay.example", Relay("relay.example", 587, "auto")),
        ("smtps://a:b%40c@relay.example", Relay("relay.example", 465, "smtps", "a", "b@c")),
        ("smtp://a:b@relay.example:25", Relay("relay.example", 25, "always", "a", "b")),
        (
            "smtp://localhost:1025?starttls=never&hello=us.example",
            Relay("localhost", 1025, "never", hello="us.example"),
        ),
    ],
)
def test_smtp_url_says_host_security_and_login(url: str, relay: Relay) -> None:
    assert Relay.from_url(url) == relay


@pytest.mark.parametrize("url", ["", "relay.example", "http://relay.example", "smtp://", "smtp://h?starttls=maybe"])
def test_a_wrong_smtp_url_says_how_to_write_it(url: str) -> None:
    with pytest.raises(BadInput, match="SMTP_URL"):
        Relay.from_url(url)


def test_a_wrong_smtp_url_does_not_repeat_its_password() -> None:
    with pytest.raises(BadInput) as caught:
        Relay.from_url("smtp://ana:hush@relay.example?tls=yes")
    assert "hush" not in str(caught.value)


async def test_envelope_and_data_travel_together_where_the_relay_offers_it(pool: SmtpPool, trap: MailTrap) -> None:
    await asyncio.gather(*(send(pool) for _ in range(4)))
    # RCPT and DATA come with MAIL, and the body with nothing: each answer but the dot's is read before it.
    assert trap.grouped == (8 if trap.pipelining else 0)


async def test_a_relay_that_refuses_the_reader_and_still_says_354_gets_a_lone_dot(
    pool: SmtpPool, trap: MailTrap
) -> None:
    trap.fail(Fault.REFUSE_YET_354, times=1)
    with pytest.raises(Refused) as caught:
        await send(pool)
    assert (caught.value.phase, caught.value.code) == ("rcpt", 550)
    await send(pool)
    assert (len(trap.mails), trap.connections, trap.unfinished) == (1, 1, 0)


async def test_after_a_refusal_in_a_group_the_next_mail_gets_its_own_answers(pool: SmtpPool, trap: MailTrap) -> None:
    trap.fail(Fault.REFUSE, to=ANA)
    async with pool.connection() as connection:
        for _ in range(3):
            with pytest.raises(Refused):
                await connection.hand_over(ME, ANA, WIRE)
            await connection.hand_over(ME, "ben.kaya@alder.example", WIRE)
            assert (await connection.dot()).code == 250
    assert [mail.recipients for mail in trap.mails] == [("ben.kaya@alder.example",)] * 3
    assert trap.connections == 1


BEN = "ben.kaya@alder.example"
"""Whose mail follows."""


async def test_the_next_envelope_travels_with_the_dot_where_the_relay_offers_it(pool: SmtpPool, trap: MailTrap) -> None:
    async with pool.connection() as connection:
        await connection.hand_over(ME, ANA, WIRE)
        await connection.dot(then=Envelope(ME, BEN))
        await connection.hand_over(ME, BEN, WIRE)
        await connection.dot()
    assert [mail.recipients[0] for mail in trap.mails] == [ANA, BEN]
    # RCPT and DATA of the first with its MAIL; all three of the second with the dot.
    assert (trap.grouped, trap.connections, trap.resets) == (5 if trap.pipelining else 0, 1, 0)


async def test_a_mail_begun_with_a_dot_and_given_up_is_never_sent(pool: SmtpPool, trap: MailTrap) -> None:
    async with pool.connection() as connection:
        await connection.hand_over(ME, ANA, WIRE)
        await connection.dot(then=Envelope(ME, BEN))
        await connection.hand_over(ME, "cleo.marsh@alder.example", WIRE)
        await connection.dot(then=Envelope(ME, BEN))
        connection.abort()
    assert [mail.recipients[0] for mail in trap.mails] == [ANA, "cleo.marsh@alder.example"]
    assert trap.connections == (2 if trap.pipelining else 1)


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER_DOT, Fault.DEFER_AT_DOT, Fault.REFUSE_AT_DOT])
async def test_how_a_mail_ends_says_nothing_of_the_one_begun_with_its_dot(
    pool: SmtpPool, trap: MailTrap, fault: Fault
) -> None:
    trap.fail(fault, times=1)
    async with pool.connection() as connection:
        await connection.hand_over(ME, ANA, WIRE)
        with pytest.raises((LostAfterDot, Deferred, Refused)):
            await connection.dot(then=Envelope(ME, BEN))
        await connection.hand_over(ME, BEN, WIRE)
        assert (await connection.dot()).code == 250
    assert [mail.recipients for mail in trap.mails if mail.recipients == (BEN,)] == [(BEN,)]


async def test_a_reader_refused_in_the_group_of_a_dot_leaves_the_connection_to_the_next(
    pool: SmtpPool, trap: MailTrap
) -> None:
    trap.fail(Fault.REFUSE, to=BEN)
    async with pool.connection() as connection:
        await connection.hand_over(ME, ANA, WIRE)
        await connection.dot(then=Envelope(ME, BEN))
        with pytest.raises(Refused) as caught:
            await connection.hand_over(ME, BEN, WIRE)
        await connection.hand_over(ME, ANA, WIRE)
        await connection.dot()
    assert (caught.value.phase, len(trap.mails), trap.connections) == ("rcpt", 2, 1)


async def test_nothing_is_begun_with_the_dot_of_a_connections_last_mail(pool: SmtpPool, trap: MailTrap) -> None:
    async with pool.connection() as connection:
        for _ in range(MAILS_PER_CONNECTION):
            await connection.hand_over(ME, ANA, WIRE)
            await connection.dot(then=Envelope(ME, ANA))
        await connection.hand_over(ME, ANA, WIRE)
        await connection.dot()
    assert (len(trap.mails), trap.connections, trap.unfinished) == (MAILS_PER_CONNECTION + 1, 2, 0)
