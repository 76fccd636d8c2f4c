"""Does the relay of `make chaos` fail as it says, and tell the truth about what it accepted, even when it is killed?"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.chaos.parts import RelayPart
from benchmarks.chaos.relay import ChaosRelay
from benchmarks.chaos.relay_log import Accepted, Fault, Order, RelayLog, Watched, tell
from leadloom.domain.errors import Unreachable
from leadloom.mail.phases import Deferred, LostAfterDot, LostBeforeDot, Reply
from leadloom.mail.relay import Relay
from leadloom.mail.smtp import SmtpPool

MAIL = (
    b"Message-ID: <one@kelvance.example>\r\nFeedback-ID: deliver-guide:welcome:service:kelvance\r\n\r\n.\r\nHello\r\n"
)


@dataclass
class Scene:
    """A relay of its own and a sender."""

    relay: ChaosRelay
    pool: SmtpPool
    orders: Path
    watched: Watched

    async def fail(self, **words: object) -> None:
        """Give an order; returns when the relay obeys it."""
        order = Order.model_validate(words)
        tell(self.orders, order)
        async with asyncio.timeout(5):
            while not self.relay.has_read_all:  # noqa: ASYNC110  a file tells nobody
                await asyncio.sleep(0.005)

    async def send(self) -> Reply:
        """One mail, as a lane sends it."""
        async with self.pool.connection() as connection:
            await connection.envelope("bounce@kelvance.example", "12@leads.example")
            await connection.body(MAIL)
            await asyncio.sleep(0.02)  # a lane makes its durable mark here
            return await connection.dot()

    def accepted(self) -> list[Accepted]:
        """What the relay has taken, by its log."""
        self.watched.look()
        return self.watched.accepted


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """A relay that listens."""
    log, orders = tmp_path / "log", tmp_path / "orders"
    relay = ChaosRelay(0, log, orders)
    serving = asyncio.create_task(relay.serve())
    async with asyncio.timeout(5):
        while not relay.port:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.005)
    pool = SmtpPool(Relay.from_url(f"smtp://127.0.0.1:{relay.port}?starttls=never"), size=2, dot_seconds=0.2)
    yield Scene(relay, pool, orders, Watched(log))
    await pool.close()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def test_a_mail_is_on_record_with_its_id_recipient_and_step(scene: Scene) -> None:
    assert (await scene.send()).code == 250
    [mail] = scene.accepted()
    assert (mail.wire_id, mail.recipient) == ("one@kelvance.example", "12@leads.example")
    assert mail.step == "welcome/deliver-guide"


@pytest.mark.parametrize("at", ["mail", "rcpt", "dot"])
async def test_451_takes_no_mail_wherever_it_is_said_and_ends_after_its_time(scene: Scene, at: str) -> None:
    await scene.fail(fault=Fault.LATER, seconds=0.2, at=at)
    with pytest.raises(Deferred) as caught:
        await scene.send()
    assert caught.value.phase == at
    assert scene.accepted() == []
    await asyncio.sleep(0.25)
    assert (await scene.send()).code == 250
    assert scene.watched.hits[0].fault is Fault.LATER


async def test_451_without_a_time_ends_when_it_is_told_so(scene: Scene) -> None:
    await scene.fail(fault=Fault.LATER)
    for _ in range(2):
        with pytest.raises(Deferred):
            await scene.send()
    await scene.fail(fault=None)
    assert (await scene.send()).code == 250


async def test_refused_is_nobody_there_also_for_who_was_connected(scene: Scene) -> None:
    await scene.send()
    await scene.fail(fault=Fault.REFUSE, seconds=0.3)
    await asyncio.sleep(0.02)
    with pytest.raises(Unreachable):
        await scene.send()
    async with asyncio.timeout(5):
        while True:
            with contextlib.suppress(Unreachable):
                await scene.send()
                break
            await asyncio.sleep(0.05)
    assert len(scene.accepted()) == 2


@pytest.mark.parametrize(("fault", "phase"), [(Fault.BEFORE_354, "data"), (Fault.IN_BODY, "body")])
async def test_a_connection_lost_before_the_dot_takes_no_mail(scene: Scene, fault: Fault, phase: str) -> None:
    await scene.fail(fault=fault, mails=1)
    with pytest.raises(LostBeforeDot) as caught:
        await scene.send()
    assert caught.value.phase == phase
    assert scene.accepted() == []
    assert (await scene.send()).code == 250


async def test_a_held_354_comes_late_and_its_mail_arrives(scene: Scene) -> None:
    await scene.fail(fault=Fault.HOLD_354, mails=1)
    began = time.monotonic()
    assert (await scene.send()).code == 250
    assert time.monotonic() - began > 1
    assert [hit.fault for hit in (scene.accepted(), scene.watched.hits)[1]] == [Fault.HOLD_354]


@pytest.mark.parametrize("fault", [Fault.AFTER_DOT, Fault.SILENCE])
async def test_a_lost_reply_leaves_a_mail_that_was_taken(scene: Scene, fault: Fault) -> None:
    await scene.fail(fault=fault, mails=1)
    with pytest.raises(LostAfterDot):
        await scene.send()
    assert len(scene.accepted()) == 1
    assert scene.watched.lost_replies() == 1
    assert (await scene.send()).code == 250


async def test_what_a_killed_relay_had_accepted_is_on_record_and_its_orders_died_with_it(tmp_path: Path) -> None:
    relay = RelayPart(tmp_path)
    await relay.start()
    try:
        pool = SmtpPool.from_url(relay.url, size=1)
        scene = Scene(ChaosRelay(0, tmp_path / "unused", tmp_path / "none"), pool, tmp_path, Watched(relay.log_file))
        assert (await scene.send()).code == 250
        relay.order(Order(fault=Fault.AFTER_DOT, mails=1))
        with pytest.raises(LostAfterDot):
            for _ in range(50):
                await scene.send()
        taken = len(scene.accepted())
        relay.order(Order(fault=Fault.LATER))
        await relay.die()
        with pytest.raises((Unreachable, LostBeforeDot)):
            await scene.send()
        await relay.start()
        assert (await scene.send()).code == 250
        assert len(scene.accepted()) == taken + 1
        await pool.close()
    finally:
        await relay.stop()


def test_a_line_torn_by_a_kill_is_no_mail_and_hides_no_other(tmp_path: Path) -> None:
    log = tmp_path / "log"
    mail = Accepted(wire_id="a", recipient="b", step="c", sha256="d", at=1.0)
    RelayLog(log).write(mail)
    with log.open("ab") as file:
        file.write(b'{"kind":"accepted","wire_id":"to')
    RelayLog(log).write(mail.model_copy(update={"wire_id": "next"}))
    watched = Watched(log)
    watched.look()
    assert [each.wire_id for each in watched.accepted] == ["a", "next"]
