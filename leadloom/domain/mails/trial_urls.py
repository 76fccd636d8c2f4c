"""Which addresses does a test mail carry? Its own: they say what they would do in the real mail, and do nothing."""

from __future__ import annotations

from dataclasses import dataclass

from leadloom.domain.mails.links import PATHS, Purpose, TrialAct
from leadloom.domain.mails.mail_urls import MailUrls


@dataclass(frozen=True)
class TrialUrls(MailUrls):
    """Addresses of a test mail. None of them names a lead, a run or a mail of the ledger."""

    places: tuple[str, ...] = ()
    """Where its links lead in the real mail."""

    def link(self, no: int) -> str:
        """A page that says where the link leads."""
        place = self.places[no - 1]
        return self._says("follow", self.base_url + place if place.startswith("/") else place)

    def answer(self, event: str) -> str:
        """A page that says which answer it would give."""
        return self._says("answer", event)

    @property
    def unsubscribe(self) -> str:
        """A page that says it would stop the letters; a post to it does as little."""
        return self._says("unsubscribe") if self._can_be_stopped else ""

    @property
    def preferences(self) -> str:
        """A page that says it would show the reader's choices."""
        return self._says("prefer")

    @property
    def view(self) -> str:
        """A page that says it would show the mail."""
        return self._says("view")

    @property
    def bait(self) -> str:
        """Nothing: nobody is judged."""
        return ""

    @property
    def open_pixel(self) -> str:
        """Nothing: nobody is counted."""
        return ""

    def mailbox(self, purpose: Purpose, domain: str) -> str:
        """An address nobody's mail is known by, whatever the purpose."""
        return f"{Purpose.TRIAL.value}-{self.signer.in_address(Purpose.TRIAL, self.message_id)}@{domain}"

    def _says(self, act: TrialAct, about: str = "") -> str:
        return self.base_url + PATHS[Purpose.TRIAL] + self.signer.trial(act, about)
