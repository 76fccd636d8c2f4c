"""Which letters may anybody read? Those the definition names, made of nothing that is about a reader."""

from __future__ import annotations

from dataclasses import dataclass

from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.mails.template import TemplateBody

_WHY = {
    "en": "A letter {company} sent to people who allowed it. Here it stands for everybody, and counts nobody.",
    "de": "Ein Brief, den {company} an Menschen geschickt hat, die es erlaubt haben. Hier steht er für alle.",
}


def against(body: TemplateBody, mail_class: str) -> str:
    """Why a letter can't stand in the archive, in words; empty when it can."""
    if mail_class != MailClass.MARKETING:
        return f"it is a {mail_class} mail: what one person asked for is nobody else's"
    if body.answers:
        return "it asks its reader something (answer_link), and the archive has none"
    if body.tells:
        return "it quotes what its reader did (told)"
    if body.for_owner:
        return "it speaks to an owner about a lead"
    return ""


def why_here(company: str, language: str) -> str:
    """The footer's sentence."""
    return _WHY.get(language, _WHY["en"]).format(company=company)


@dataclass(frozen=True)
class ArchiveUrls(MailUrls):
    """Addresses of a letter that nobody got: its links lead where they lead, all else is missing."""

    places: tuple[str, ...] = ()

    def link(self, no: int) -> str:
        """Where the link leads; a page of ours by its plain address, which opens no asset and names nobody."""
        place = self.places[no - 1]
        return self.base_url + place if place.startswith("/") else place

    def answer(self, event: str) -> str:
        """Nowhere."""
        return "#"

    @property
    def unsubscribe(self) -> str:
        """Nothing to stop."""
        return ""

    @property
    def preferences(self) -> str:
        """Nobody's."""
        return ""

    @property
    def view(self) -> str:
        """This is it."""
        return ""

    @property
    def bait(self) -> str:
        """Nobody is counted."""
        return ""

    @property
    def open_pixel(self) -> str:
        """Nobody is counted."""
        return ""
