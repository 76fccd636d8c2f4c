"""Is a mail whose relay hangs up within its body due again, though its mark was asked for before the body went out?"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from leadloom.mail.smtp import SmtpPool
from tests.chaos.conftest import PostOffice
from tests.store.acts import TUESDAY

HELLO = b"250-relay\r\n250 PIPELINING\r\n"


@asynccontextmanager
async def hangs_up_in_bodies() -> AsyncGenerator[str]:
    """The URL of a relay that says 354 and is gone with the first of what follows."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while line := (await reader.readline()).upper():
            if line == b"DATA\r\n":
                writer.write(b"354 go on\r\n")
                await reader.read(1)
                break
            writer.write(HELLO if line.startswith(b"EHLO") else b"250 ok\r\n")
        writer.transport.abort()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}?starttls=never"
    server.close()


async def test_what_was_marked_and_never_had_its_dot_is_deferred_and_goes_once_later(post: PostOffice) -> None:
    runs = [await post.reader(f"reader{no}.torres") for no in range(3)]
    mails = [await post.plan(run, mail_class="service") for run in runs]
    page = [draft for run in runs for draft in await post.claim(run[0])]
    async with hangs_up_in_bodies() as url:
        away = dataclasses.replace(post.tools, smtp=SmtpPool.from_url(url, size=2))
        assert set(await post.deliver(page, tools=away)) <= {"deferred", "released"}
        await away.smtp.close()
    assert {await post.status(mail) for mail in mails} <= {"deferred", "reserved"}
    [row] = await post.rows("SELECT count(*) FROM message WHERE claim IS NOT NULL OR dot_at IS NOT NULL")
    assert row["count"] == 0, "nobody holds them, and none stands at a dot it never had"
    await post.rows("UPDATE message SET slot_at = $1, status = 'reserved'", TUESDAY)
    again = [draft for run in runs for draft in await post.claim(run[0])]
    assert await post.deliver(again) == ["sent"] * 3
    assert len(post.trap.mails) == 3
