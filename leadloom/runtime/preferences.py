"""What does a reader choose to get from us, through the signed link of a mail? Each choice one transaction.

Whoever calls passes the instant: the web its business time, the played world its virtual time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from leadloom.domain.consent.reach import statement
from leadloom.domain.errors import Conflict
from leadloom.domain.lead import BasisDraft, BasisKind, Lead
from leadloom.domain.mails.links import Purpose
from leadloom.domain.mails.preferences import LANGUAGES, Choices, changes
from leadloom.domain.model import Json, Value
from leadloom.runtime.responses import Reach, origin
from leadloom.store import answered, leads, permissions, preferences, published
from leadloom.store.answered import AnsweredMail
from leadloom.store.permissions import Suppression
from leadloom.store.preferences import Change, Told
from leadloom.store.published import Book
from leadloom.store.tx import Tx

BY_LINK = "mail link"
"""Source of a permission that was given through a link of a mail."""
_THEIRS = {"a mail came back", "called our mail spam"}
"""Reasons of suppressions that a person may read as they stand; an operator's words are for operators."""
_OURS = "we stopped it ourselves"


Wish = Literal["data", "erasure"]
WISHES: dict[Wish, str] = {"data": "data_requested", "erasure": "erasure_requested"}
"""What a person may ask for of their data, and the event it is; the journey that enters on it sends the mail."""


class Preferences(Value):
    """What a lead gets from us."""

    address: str
    """Masked: the link may have been passed on."""
    choices: Choices
    languages: dict[str, str]
    """What our letters are written in, by key, each by its own name."""
    topics: frozenset[str]
    """What letters may be about, by key."""
    changed: tuple[str, ...] = ()
    """What was changed just now, in words."""
    change_id: UUID | None = None
    """What takes it back."""
    may_ask: bool
    """Whether mails are in force that give or erase what we hold about them."""
    statement: tuple[str, ...] = ()
    """What they allowed and took back, a sentence each, oldest first."""
    unreachable: str | None = None
    """Why no mail at all, or none of these letters, reaches this address, whatever is chosen."""

    @property
    def marketing(self) -> bool:
        """Whether marketing mail is wanted; the definition may ask for more before it goes."""
        return self.choices.marketing

    @property
    def language(self) -> str | None:
        """Which of the languages they read us in; None when we write in none that they told."""
        plain = self.choices.language.partition("-")[0].lower()
        return plain if plain in self.languages else None


def may_ask(book: Book) -> bool:
    """Whether journeys are in force that send the two mails."""
    entering = {event for one in book.journeys for event in one.journey.enter.events}
    return set(WISHES.values()) <= entering


async def read_preferences(reach: Reach, token: str, *, at: datetime) -> Preferences | None:
    """What the lead gets; None when nothing is left of the mail or the lead. Raises BadLink."""
    message_id = reach.signer.read_mail(Purpose.PREFERENCES, token)
    async with reach.db.read() as tx:
        mail = await answered.mail(tx, message_id)
        return None if mail is None else await _preferences(tx, mail, None, book=await published.book(tx), at=at)


class Said(NamedTuple):
    """How and when a reader said what they want."""

    wording: str
    """The sentence beside a yes; it is kept as proof."""
    proof: Mapping[str, Json]
    at: datetime


async def choose(
    reach: Reach, token: str, choice: Callable[[Choices, Preferences], Choices], said: Said
) -> Preferences | None:
    """Keep what the reader chose: `choice` makes the new choices of those that stand. None when nothing is left of the
    mail or the lead. A yes through a link that only their mailbox holds is a confirmed one: double opt-in.

    Raises BadLink, and what `choice` raises.
    """
    message_id = reach.signer.read_mail(Purpose.PREFERENCES, token)
    async with reach.db.transaction() as tx:
        if (mail := await answered.mail(tx, message_id)) is None:
            return None
        book = await published.book(tx)
        before = await _preferences(tx, mail, None, book=book, at=said.at)
        chosen = choice(before.choices, before)
        change = await preferences.choose(tx, mail.lead_id, chosen, _told(mail, said), book=book, at=said.at)
        return await _preferences(tx, mail, change, book=book, at=said.at)


async def take_back(reach: Reach, token: str, change_id: UUID, said: Said) -> Preferences | None:
    """Undo the newest choice, as far as nothing else changed since: what it changed is as it was before.

    None when nothing is left of the mail or the lead. Raises BadLink; Conflict when another choice came after it.
    """
    message_id = reach.signer.read_mail(Purpose.PREFERENCES, token)
    async with reach.db.transaction() as tx:
        if (mail := await answered.mail(tx, message_id)) is None:
            return None
        last = await preferences.last_change(tx, mail.lead_id)
        if last is None or last.change_id != change_id:
            raise Conflict("Another choice came after that one: choose what you want on the page as it stands.")
        book = await published.book(tx)
        lead = await leads.get(tx, mail.lead_id)
        chosen = _as_before(last, await preferences.read(tx, lead, at=said.at))
        told = _told(mail, said)
        change = await preferences.choose(tx, mail.lead_id, chosen, told, book=book, at=said.at, takes_back=last)
        return await _preferences(tx, mail, change, book=book, at=said.at)


def _as_before(last: Change, now: Choices) -> Choices:
    was, became = last.before, last.after
    undone = {name: getattr(was, name) for name in Choices.model_fields if getattr(was, name) != getattr(became, name)}
    return now.but(**undone)


def _told(mail: AnsweredMail, said: Said) -> Told:
    kept = {**said.proof, "message_id": str(mail.message_id)}
    yes = BasisDraft(kind=BasisKind.DOUBLE_OPT_IN, source=BY_LINK, wording=said.wording, at=said.at, proof=kept)
    return Told(message_id=mail.message_id, origin=origin(mail), proof=kept, yes=yes)


async def _preferences(tx: Tx, mail: AnsweredMail, change: Change | None, *, book: Book, at: datetime) -> Preferences:
    lead = await leads.get(tx, mail.lead_id)
    choices = await preferences.read(tx, lead, at=at)
    languages = {code: LANGUAGES.get(code, code) for code in await published.languages(tx)}
    said = changes(change.before, choices, book.definition, languages) if change else ()
    return Preferences(
        address=masked(lead.email),
        choices=choices,
        languages=languages,
        may_ask=may_ask(book),
        topics=frozenset(book.definition.mail.topics),
        changed=said,
        change_id=change.change_id if change and change.takes_back is None else None,
        statement=statement(await permissions.of_lead(tx, lead.lead_id), at),
        unreachable=_unreachable(lead, await permissions.suppressions_of(tx, lead.email, lead.lead_id)),
    )


def _unreachable(lead: Lead, silences: tuple[Suppression, ...]) -> str | None:
    if lead.email is None:
        return None
    graver = (one for one in silences if one.topic is None and one.reason != permissions.UNSUBSCRIBED)
    found = next(graver, None)
    return None if found is None else found.reason if found.reason in _THEIRS else _OURS


def masked(email: str | None) -> str:
    """Enough for its owner to know it by: `a•••@alder.example`."""
    local, _, domain = (email or "").rpartition("@")
    return f"{local[:1]}•••@{domain}" if domain else "an address we no longer know"
