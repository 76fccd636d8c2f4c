"""How does mail come in from a mailbox? Each is taken, and put away only after it is kept; killed between, it is twice
once.
"""

from __future__ import annotations

import asyncio
import logging

from leadloom.domain.errors import Transient, Unreachable
from leadloom.mail.mailbox import Mailbox, MailboxAddress
from leadloom.runtime import returns
from leadloom.runtime.mail_intake import Gate
from leadloom.runtime.wiring import House

log = logging.getLogger(__name__)

VIA = "imap"
TAKEN, UNKNOWN = "Leadloom/Taken", "Leadloom/Unknown"
"""Where mails go when they are kept: those of leads of ours, and the rest, which a person may look at there too."""

_HEARS_S = 20.0
"""Seconds in IDLE before we look again; also how long stopping may take."""
_AWAY_S, _LONGEST_AWAY_S = 5.0, 300.0
"""Seconds before a mailbox that is out of reach is asked again: twice as long each time."""


async def watch(house: House, address: MailboxAddress) -> None:
    """Take what comes, until cancelled. A mailbox or a Postgres that is away is waited for; nothing is lost by it."""
    away_s = _AWAY_S
    while True:
        try:
            mailbox = await asyncio.to_thread(Mailbox.open, address)
            try:
                await take_all(house, mailbox)
                away_s = _AWAY_S
                await _until_new(house, mailbox)
            finally:
                await asyncio.to_thread(mailbox.close)
        except Transient as error:
            log.warning("mailbox not read", extra={"error": str(error)})
            await asyncio.sleep(away_s)
            away_s = min(2 * away_s, _LONGEST_AWAY_S)


async def _until_new(house: House, mailbox: Mailbox) -> None:
    """Go on taking over the same connection as long as it holds."""
    while True:
        if not await asyncio.to_thread(mailbox.wait, _HEARS_S):
            await asyncio.sleep(house.settings.imap_every_s)
        await take_all(house, mailbox)


async def take_all(house: House, mailbox: Mailbox) -> int:
    """Take every mail of the folder; how many. Raises Unreachable when the mailbox or Postgres is away.

    A mail nobody foresaw stays where it is, and harms no other: it is tried again at the next look.
    """
    taken = 0
    for uid in await asyncio.to_thread(mailbox.ids):
        raw = await asyncio.to_thread(mailbox.read, uid)
        if raw is None:
            continue
        try:
            found = await returns.take(
                house, raw, via=VIA, envelope_to=None, envelope_from=None, at=house.now(), gate=Gate.of(house.settings)
            )
        except Transient:
            raise
        except Exception:
            log.exception("mail not taken", extra={"uid": uid})
            continue
        # Kept by now. Killed here, it is taken again, which changes nothing.
        await asyncio.to_thread(mailbox.move, uid, TAKEN if found.lead_id or found.owner_id else UNKNOWN)
        taken += 1
    return taken


async def look(address: MailboxAddress) -> int:
    """How many mails wait in the folder. Raises Unreachable."""
    mailbox = await asyncio.to_thread(Mailbox.open, address)
    try:
        return len(await asyncio.to_thread(mailbox.ids))
    except Unreachable:
        raise
    finally:
        await asyncio.to_thread(mailbox.close)
