"""Is every mail our port said 250 for kept, and none twice, though its process is killed again and again?"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import smtplib
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from leadloom.domain.mails.links import Purpose
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.web.site import SECRET, Site, open_site

MAILS, KILLS, BETWEEN = 20, 1, 8
"""A process takes a second or more to start: 60 mails under 6 kills take half a minute, and come to the same."""
ROOT = Path(__file__).resolve().parents[2]


def answer(no: int) -> bytes:
    return (
        f"From: Ana Torres <ana.torres@meridian-pharma.example>\r\nSubject: Re: {no}\r\n"
        f"Message-ID: <answer-{no}@meridian-pharma.example>\r\n\r\nAnswer {no}.\r\n" + "x" * 70 + "\r\n"
    ).encode()


def send(port: int, to: str, no: int) -> bool:
    """Whether the port said 250; a sender that hears nothing sends again."""
    with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail("ana.torres@meridian-pharma.example", [to], answer(no))
        return True
    return False


@asynccontextmanager
async def receiver(site: Site, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """`mail receive` as operators run it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "starter.py", "mail", "receive", cwd=ROOT, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": site.dsn, "LEADLOOM_SECRET": SECRET, "TEMPORAL_ADDRESS": "127.0.0.1:1",
             "LEADLOOM_STATE": str(site.house.settings.state), "LEADLOOM_INBOUND_LISTEN": f"127.0.0.1:{port}"},
    )  # fmt: skip
    assert process.stderr is not None
    try:
        said = await asyncio.wait_for(process.stderr.readline(), 30)
        assert said.decode().startswith(f"Taking mail: SMTP on 127.0.0.1:{port}")
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_what_was_said_250_for_is_kept_once(db: Db, dsn: str, book: Book, tmp_path: Path) -> None:
    async with open_site(db, dsn, book, tmp_path) as site:
        urls = MailUrls("https://kelvance.example", site.signer, await site.sent_mail(), marketing=True)
        to = urls.mailbox(Purpose.REPLY, "kelvance.example")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        waiting, lot, said = set(range(MAILS)), random.Random(7), asyncio.Semaphore(0)

        async def carry() -> None:
            while waiting:
                no = lot.choice(sorted(waiting))
                if await asyncio.to_thread(send, port, to, no):
                    waiting.discard(no)
                    said.release()
                else:
                    await asyncio.sleep(0.05)

        senders = [asyncio.create_task(carry()) for _ in range(4)]
        for _ in range(KILLS):
            async with receiver(site, port) as process:
                for _ in range(BETWEEN):
                    await said.acquire()
                process.kill()
        async with receiver(site, port) as process:
            await asyncio.wait_for(asyncio.gather(*senders), 60)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 10) == 0
        kept = await site.rows("SELECT subject, count(*) AS n FROM mail_return GROUP BY subject ORDER BY subject")
        assert {str(row["subject"]): row["n"] for row in kept} == {f"Re: {no}": 1 for no in range(MAILS)}
