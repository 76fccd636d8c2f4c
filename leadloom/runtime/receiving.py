"""Which ways in for mail does a process keep open? Those that the settings name, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from leadloom.domain.errors import BadInput
from leadloom.mail.mailbox import MailboxAddress
from leadloom.runtime import mailbox_door, smtp_door
from leadloom.runtime.wiring import House


@contextlib.asynccontextmanager
async def receiving(house: House) -> AsyncGenerator[tuple[str, ...]]:
    """Take mail for the length of the block; gives what is open, in words.

    Raises BadInput when no way in is set or one is written wrong, NotFound before a definition is in force, OSError
    when somebody else has the port.
    """
    listens = smtp_door.listens_on(house.settings)
    mailbox = MailboxAddress.from_url(house.settings.imap_url) if house.settings.imap_url else None
    if listens is None and mailbox is None:
        remedy = "Set LEADLOOM_INBOUND_LISTEN (SMTP), LEADLOOM_IMAP_URL (a mailbox), or both."
        raise BadInput("LEADLOOM_INBOUND_LISTEN", "", remedy)
    words: list[str] = []
    async with contextlib.AsyncExitStack() as open_doors:
        if listens is not None:
            port = await smtp_door.port_of(house)
            server = await open_doors.enter_async_context(port.serving(*listens))
            host, number = server.sockets[0].getsockname()[:2]
            words.append(f"SMTP on {host}:{number}{'' if port.tls else ', without TLS'}")
        if mailbox is not None:
            open_doors.push_async_callback(_stopped, asyncio.create_task(mailbox_door.watch(house, mailbox)))
            words.append(f"the mailbox at {mailbox.where}")
        yield tuple(words)


async def _stopped(watching: asyncio.Task[None]) -> None:
    """Its thread ends with the answer it waits for; what is half done is done again next time."""
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
