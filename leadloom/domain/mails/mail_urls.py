"""Which signed addresses does one mail carry? The same as long as the first key and the base address stay."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from leadloom.domain.mails.links import PATHS, Purpose, Signer
from leadloom.domain.mails.own_pages import opened
from leadloom.domain.model import MessageId

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class MailUrls:
    """Every signed address one mail may carry. The same as long as the first key and the base address stay."""

    base_url: str
    """Our own host, such as `https://kelvance.example`, without a slash at the end."""
    signer: Signer = field(repr=False)
    message_id: MessageId
    marketing: bool
    """Marketing mail can be stopped and counts openings."""
    stops: bool = False
    """Another mail that can be stopped (`TemplateBody.can_be_stopped`)."""
    decide: str = ""
    """In owner notices: where the hand-off is decided, the mail that is coming, or the task answered."""
    opens: bool = True
    """Whether marketing mail carries the picture that counts an opening."""
    direct: tuple[str, ...] | None = None
    """Where the mail's links lead, when nobody may see who follows them; None: they are counted."""
    ends_at: datetime = _LONG_AGO
    """Until when its reader may get or erase their data through it; in mails that nobody gets they ended long ago."""

    def link(self, no: int) -> str:
        """The address of the mail's link number `no`: a counted one, or where it leads."""
        if self.direct is not None:
            place = self.direct[no - 1]
            return self.base_url + opened(place, self.signer.asset) if place.startswith("/") else place
        return self.base_url + PATHS[Purpose.CLICK] + self.signer.click(self.message_id, no)

    def answer(self, event: str) -> str:
        """Where the lead answers with `event`."""
        return self.base_url + PATHS[Purpose.ANSWER] + self.signer.answer(self.message_id, event)

    @property
    def bait(self) -> str:
        """A link no reader sees: whoever follows it is a machine. Empty in mail whose links aren't counted."""
        return self.base_url + PATHS[Purpose.CLICK] + self.signer.click(self.message_id, 0) if self._counts else ""

    @property
    def _counts(self) -> bool:
        return self.marketing and self.direct is None

    @property
    def unsubscribe(self) -> str:
        """Where one click stops marketing mail; empty in mail that has nothing to stop."""
        return self._page(Purpose.UNSUBSCRIBE) if self._can_be_stopped else ""

    @property
    def _can_be_stopped(self) -> bool:
        return self.marketing or self.stops

    @property
    def preferences(self) -> str:
        """Where the lead chooses what to get."""
        return self._page(Purpose.PREFERENCES)

    @property
    def own_data(self) -> str:
        """Where the lead gets all we hold about them, for some days."""
        return self._ending(Purpose.OWN_DATA)

    @property
    def erase(self) -> str:
        """Where the lead has it erased, for some days."""
        return self._ending(Purpose.ERASE)

    @property
    def confirm(self) -> str:
        """Where the lead confirms that a ticked box was theirs."""
        return self._page(Purpose.CONFIRM)

    @property
    def view(self) -> str:
        """Where the mail can be read in a browser, as it was sent."""
        return self._page(Purpose.VIEW)

    @property
    def open_pixel(self) -> str:
        """The picture that counts an opening (a hint, decides nothing); empty where openings aren't counted."""
        return self._page(Purpose.OPEN) if self.marketing and self.opens else ""

    def mailbox(self, purpose: Purpose, domain: str) -> str:
        """The address at `domain` that says this mail: for replies, bounces and unsubscribing by mail."""
        return f"{purpose.value}-{self.signer.in_address(purpose, self.message_id)}@{domain}"

    def _ending(self, purpose: Purpose) -> str:
        token = self.signer.ending(purpose, self.message_id, ends_at=self.ends_at)
        return self.base_url + PATHS[purpose] + token

    def _page(self, purpose: Purpose) -> str:
        return self.base_url + PATHS[purpose] + self.signer.mail(purpose, self.message_id)
