"""What of our letters may anybody read? Those the definition opens, as they are in force, filled for nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import NotFound
from leadloom.domain.mails.archive import ArchiveUrls, against, why_here
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.shown_urls import LOOKED_AT
from leadloom.domain.mails.template import CompanyWords, MailValues, SenderWords, TemplateBody
from leadloom.domain.model import Instant, MessageId, Value
from leadloom.mail.render import Rendered, render
from leadloom.store import archive, published
from leadloom.store.archive import SentLetter
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.store.tx import Tx

LOOKS_AGAIN = timedelta(minutes=5)
"""So long a process goes by what was sent before it asks again: anybody may call the page, as often as they like."""
_NOBODY = MessageId(UUID(int=0))


class Letter(Value):
    """A letter of the definition's list."""

    name: str
    """journey/mail."""
    sent_at: Instant | None
    """When it first went to anybody; None: never yet."""
    why_not: str = ""
    """Why it isn't shown; empty when it is."""
    mails: dict[str, Rendered]
    """By language, its own first; empty when it isn't shown."""


class Archive:
    """The letters of one process."""

    def __init__(self, db: Db, base_url: str) -> None:
        """Nothing is read yet."""
        self._db, self._base_url = db, base_url.rstrip("/")
        self._read_at: datetime | None = None
        self._version = 0
        self._sent: dict[str, SentLetter] = {}

    async def letters(self, *, at: datetime) -> tuple[Letter, ...]:
        """All of the definition's list: shown ones newest first, then those that aren't, with why."""
        async with self._db.read() as tx:
            book = await published.book(tx)
            names = book.definition.mail.archive
            is_old = self._read_at is None or not self._read_at <= at < self._read_at + LOOKS_AGAIN
            if is_old or self._version != book.definition_version:
                # What went to many once has gone: only for other letters all mails are looked through once more.
                others = [name for name in names if not self._went_to_many(name)]
                self._sent |= {f"{one.journey}/{one.mail}": one for one in await archive.sent(tx, others)}
                self._read_at, self._version = at, book.definition_version
            found = [await self._letter(tx, book, name) for name in names]
        shown = [one for one in found if one.mails]
        shown.sort(key=lambda one: one.sent_at or at, reverse=True)
        return (*shown, *(one for one in found if not one.mails))

    async def letter(self, name: str, *, at: datetime) -> Letter:
        """One that is shown. Raises NotFound."""
        found = next((one for one in await self.letters(at=at) if one.name == name and one.mails), None)
        if found is None:
            raise NotFound("letter", name)
        return found

    def _went_to_many(self, name: str) -> bool:
        sent = self._sent.get(name)
        return sent is not None and sent.mail_class == MailClass.MARKETING

    async def _letter(self, tx: Tx, book: Book, name: str) -> Letter:
        sent, (journey, _, mail) = self._sent.get(name), name.partition("/")
        sender = next((one.journey.sender for one in book.journeys if one.journey.name == journey), None)
        try:
            body = await published.template(tx, await published.template_hash(tx, journey, mail))
        except NotFound:
            return Letter(name=name, sent_at=None, why_not="no such mail is in force", mails={})
        if sent is None or sender is None:
            return Letter(name=name, sent_at=None, why_not="it went to nobody yet", mails={})
        if why := against(body, sent.mail_class):
            return Letter(name=name, sent_at=sent.sent_at, why_not=why, mails={})
        mails = {each: self._filled(book.definition, body, sender, each) for each in body.languages}
        return Letter(name=name, sent_at=sent.sent_at, mails=mails)

    def _filled(self, definition: Definition, body: TemplateBody, sender: str, language: str) -> Rendered:
        """As whoever told us nothing would read it, without an address of theirs in it."""
        signs = next((one for one in definition.owners if one.handle == sender), None)
        company = definition.company
        values = MailValues(
            sender=SenderWords(name=signs.name, title=signs.role.replace("-", " ")) if signs else SenderWords(name=""),
            company=CompanyWords(name=company.name, postal_address=company.postal_address),
            why_you_get_this=why_here(company.name, language),
            clicks=False,
            opens=False,
            language=language,
        )
        return render(body, values, urls=ArchiveUrls(self._base_url, LOOKED_AT, _NOBODY, False, places=body.links))
