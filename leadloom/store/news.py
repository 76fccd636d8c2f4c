"""Who hears of a hand-off that isn't theirs to answer? A mail of the ledger, once; and what it says, when it goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.errors import NotFound
from leadloom.domain.mails.mail_class import MailClass
from leadloom.store import asking, audit, owners, published
from leadloom.store.hand_offs import HandOff
from leadloom.store.published import Book
from leadloom.store.tx import Tx

FOLDER = "hand-off-news"
_WORTH = timedelta(days=14)


async def tell(tx: Tx, now: HandOff, to: str, mail: str, *, no: int, book: Book, at: datetime) -> None:
    """Ask for the mail; the same `mail` and `no` to the same reader twice is once. Nobody who left is told.

    Where the mail was never published nobody is told either, and a note says so: no decision fails for that.
    """
    if to not in {entry.handle for entry in book.definition.owners}:
        return
    try:
        await published.template_hash(tx, FOLDER, mail)
    except NotFound:
        subject = f"hand-off {now.hand_off_id}"
        why = f"the mail {FOLDER}/{mail} was never published"
        await audit.note(tx, audit.Note(at=at, actor="system", action=f"did not tell {to}", subject=subject, why=why))
        return
    reader = await owners.named(tx, to)
    order = asking.MessageOrder(
        lead_id=now.lead_id,
        owner_id=reader.owner_id,
        hand_off_id=now.hand_off_id,
        step=f"{mail} {to}",
        visit=no,
        journey=FOLDER,
        mail=mail,
        mail_class=MailClass.OWNER_NOTICE,
        sender=book.definition.owner,
        worth=_WORTH,
    )
    await asking.ask(tx, order, book=book, at=at)
