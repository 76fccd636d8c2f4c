"""Which addresses does a mail carry that is only looked at? Its links lead where they lead, and count for nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.model import MessageId

LOOKED_AT = Signer(["a key for mails that are only looked at"])
"""Signs nothing that anybody follows."""


@dataclass(frozen=True)
class ShownUrls(MailUrls):
    """Addresses for looking at a mail: links lead where they lead, but nobody's click, opening or answer is counted."""

    places: tuple[str, ...] = ()

    @classmethod
    def of(cls, message_id: MessageId, mail_class: str, places: tuple[str, ...], *, base_url: str = "") -> Self:
        """For a mail of that class, whose links lead there; with `base_url` those to our own pages are whole."""
        marketing = mail_class == MailClass.MARKETING
        return cls(base_url, LOOKED_AT, message_id, marketing=marketing, decide="#decide", places=places)

    def link(self, no: int) -> str:
        """Where the link leads in the end."""
        place = self.places[no - 1]
        return self.base_url + place if place.startswith("/") else place

    def answer(self, event: str) -> str:
        """Nowhere: an answer is its reader's to give."""
        return f"#answer-{event}"

    @property
    def unsubscribe(self) -> str:
        """Nowhere: to stop mail is its reader's right."""
        return "#unsubscribe" if self._can_be_stopped else ""

    @property
    def preferences(self) -> str:
        """Nowhere."""
        return "#preferences"

    @property
    def bait(self) -> str:
        """Nothing to follow."""
        return ""

    @property
    def own_data(self) -> str:
        """Nowhere: only their mailbox opens it."""
        return "#own-data"

    @property
    def erase(self) -> str:
        """Nowhere."""
        return "#erase"

    @property
    def view(self) -> str:
        """Nothing: it is being looked at."""
        return ""

    @property
    def open_pixel(self) -> str:
        """Nothing to load."""
        return ""
