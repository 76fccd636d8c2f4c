"""How does a person get or erase what we hold about them? Asked on their preference page, done through a mail to them.

Whoever calls passes the instant: the web its business time, the played world its virtual time.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from enum import StrEnum
from typing import Literal

from leadloom.domain.consent.reach import statement
from leadloom.domain.errors import Conflict
from leadloom.domain.lead import EventDraft
from leadloom.domain.mails.links import Purpose
from leadloom.domain.model import Json, MessageId, Value
from leadloom.domain.people.own_story import happened
from leadloom.runtime.preferences import WISHES, Wish, masked, may_ask
from leadloom.runtime.responses import Reach, origin
from leadloom.store import answered, erasure, events, held, leads, permissions, published
from leadloom.store.erasure import Erasure

Form = Literal["html", "json"]
_RIGHTS: dict[Form, str] = {"html": "own-data-read", "json": "own-data-file"}


class Heard(StrEnum):
    """What becomes of a wish."""

    MAILED = "a mail is on its way to you; its link does it"
    ASKED_BEFORE = "a mail is on its way to you since you asked earlier today; look in the spam folder, too"
    UNREACHABLE = "no mail goes to this address at the moment, so we can't send the link: write to the address below"


class OwnData(Value):
    """All we hold about one person."""

    address: str
    """Masked."""
    allowed: tuple[str, ...]
    """What they allowed and took back, as sentences, oldest first."""
    happened: tuple[str, ...]
    """What happened and which mails went, as sentences, oldest first."""
    nouns: dict[str, tuple[dict[str, Json], ...]]
    """Rows by the table they are in."""
    at: datetime


async def ask(reach: Reach, token: str, wish: Wish, *, at: datetime) -> Heard | None:
    """Ask for one's data or one's erasure through a preference link: the mail that does it goes to the mailbox alone.

    Once a day and kind. None when nothing is left of the mail or the lead. Raises BadLink; Conflict while no journey
    sends such a mail.
    """
    message_id = reach.signer.read_mail(Purpose.PREFERENCES, token)
    async with reach.db.transaction() as tx:
        if (mail := await answered.mail(tx, message_id)) is None:
            return None
        book = await published.book(tx)
        if not may_ask(book):
            raise Conflict("We can't do that by mail yet: write to the address below, and a person does it.")
        lead = await leads.get(tx, mail.lead_id)
        silences = await permissions.suppressions_of(tx, lead.email, lead.lead_id)
        if lead.email is None or any(one.purpose is None for one in silences):
            return Heard.UNREACHABLE
        kind = WISHES[wish]
        draft = EventDraft(kind=kind, at=at, key=f"{kind}:{at:%Y-%m-%d}", data=origin(mail))
        recorded = await events.record(tx, mail.lead_id, [draft], book=book, at=at)
        return Heard.MAILED if recorded.events else Heard.ASKED_BEFORE


async def whose(reach: Reach, token: str, purpose: Purpose, *, at: datetime) -> str | None:
    """The masked address a link is about; None when nothing is left of them. Changes nothing. Raises BadLink."""
    message_id = reach.signer.read_ending(purpose, token, at=at)
    async with reach.db.read() as tx:
        if (mail := await answered.mail(tx, message_id)) is None:
            return None
        return masked((await leads.get(tx, mail.lead_id)).email)


async def read(reach: Reach, token: str, form: Form, *, at: datetime) -> OwnData | None:
    """Everything we hold about them, once in each form; None when nothing is left.

    Raises BadLink; Conflict when the link was used before.
    """
    message_id = reach.signer.read_ending(Purpose.OWN_DATA, token, at=at)
    async with reach.db.transaction() as tx:
        if (mail := await answered.mail(tx, message_id)) is None:
            return None
        if not await answered.use_once(tx, _RIGHTS[form], message_id, at=at):
            raise Conflict("This link was used before: it works once. Ask for a new one on your preference page.")
        nouns: defaultdict[str, list[dict[str, Json]]] = defaultdict(list)
        for row in await held.of_lead(tx, mail.lead_id):
            nouns[row.noun].append(row.row)
        address = masked((await leads.get(tx, mail.lead_id)).email)
        return OwnData(
            address=address,
            allowed=statement(await permissions.of_lead(tx, mail.lead_id), at),
            happened=happened(nouns, (await published.book(tx)).definition),
            nouns={noun: tuple(rows) for noun, rows in nouns.items()},
            at=at,
        )


async def erase(reach: Reach, token: str, *, at: datetime) -> bool:
    """Forget them; False when nothing was left of them before. Raises BadLink."""
    message_id = reach.signer.read_ending(Purpose.ERASE, token, at=at)
    async with reach.db.transaction() as tx:
        if (mail := await answered.mail(tx, message_id)) is None:
            return False
        what = Erasure(lead_id=mail.lead_id, by="lead", why=_why(message_id))
        await erasure.erase(tx, what, book=await published.book(tx), at=at)
        return True


def _why(message_id: MessageId) -> str:
    return f"they confirmed it through the link of the mail {message_id}"
