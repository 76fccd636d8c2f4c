"""Does an owner want to see a card later? It is hidden, and no clock moves: reminders and the ladder come as ever."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.handoffs.snoozing import check_snooze
from leadloom.domain.model import HandOffId
from leadloom.store import hand_offs
from leadloom.store.hand_offs import HandOff
from leadloom.store.published import Book
from leadloom.store.tx import Tx


async def snooze(tx: Tx, hand_off_id: HandOffId, by: str, until: datetime, *, book: Book, at: datetime) -> HandOff:
    """Hide the card until then; a new offer shows it at once. Raises Conflict, BadInput, NotFound."""
    await hand_offs.hold(tx, hand_off_id)
    now = await hand_offs.get(tx, hand_off_id)
    check_snooze(book.definition, now.state_now(), by, until, at)
    await tx.run("snooze_hand_off", hand_off_id=hand_off_id, until=until)
    return await hand_offs.get(tx, hand_off_id)


async def wake(tx: Tx, hand_off_id: HandOffId) -> HandOff:
    """Show the card again. Twice is once. Raises NotFound."""
    await hand_offs.hold(tx, hand_off_id)
    await tx.run("snooze_hand_off", hand_off_id=hand_off_id, until=None)
    return await hand_offs.get(tx, hand_off_id)
