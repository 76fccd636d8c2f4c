"""What activities work with: opened once per process and handed in, so that nothing is global."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from activities.abreast import Seats
from activities.posting import Poster
from leadloom.domain.definitions.delivery_policy import MAIN
from leadloom.domain.mails import retries
from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.mail_hosts import SaidByMx
from leadloom.mail.signing import Signatory
from leadloom.mail.smtp import SmtpPool
from leadloom.store.db import Db


@dataclass(frozen=True)
class Patience:
    """How long effects wait for a relay, and for a worker that may be dead. Wall time."""

    dot: timedelta = timedelta(minutes=10)
    """For the relay's answer after the dot (RFC 5321 §4.5.3.2.6)."""
    lease: timedelta = timedelta(minutes=2)
    """After it a claim without a mark belongs to nobody."""
    first_retry: timedelta = retries.FIRST
    """After the first deferral of a mail to a lead; each further one waits twice as long, up to four hours."""

    @property
    def grace(self) -> timedelta:
        """Longer than the wait after the dot: after it a mark without an outcome is uncertain."""
        return self.dot + self.lease / 2


class AsksMx(Protocol):
    """Asks DNS who takes in the mail of a domain."""

    async def of(self, domain: str) -> SaidByMx:
        """What its MX says. Raises Unreachable."""
        ...


class TakesLists(Protocol):
    """Reads lists of leads that somebody sent by the browser, and takes their rows."""

    async def look(self, upload_id: UUID, *, at: datetime) -> str:
        """Do what the list's row wishes; in words what came of it. Raises Transient."""
        ...


class AsksProviders(Protocol):
    """Asks providers what they know of companies and leads."""

    async def look(self, *, at: datetime) -> int:
        """Ask about whom it is time to; how many."""
        ...


@dataclass(frozen=True)
class Tools:
    """The opened pools and the few settings that effects need."""

    db: Db
    smtp: SmtpPool
    signer: Signer
    public_url: str
    wire_secret: str
    """Makes Message-IDs; must never rotate, or a copy sent again would get a second id."""
    epoch: int
    wall_now: Callable[[], datetime]
    """Wall time: for leases of claims only, never compared with business time (law 11)."""
    new_claim: Callable[[], UUID]
    """A random id for a page of claims."""
    signatory: Signatory = field(default_factory=Signatory)
    """Signs mails with our DKIM keys; without any the relay does."""
    poster: Poster = field(default_factory=Poster)
    """For other systems."""
    spares: Mapping[str, SmtpPool] = field(default_factory=dict[str, SmtpPool])
    """Connections to further relays, by their names in the definition."""
    mx: AsksMx | None = None
    """None: nobody asks DNS, and what the definition declares is all that is known."""
    lists: TakesLists | None = None
    """None: this process brings in no lists."""
    providers: AsksProviders | None = None
    """None: this process asks none."""
    seats: Seats = field(default_factory=Seats)
    """How many mails are on their way to whom, over all lanes of this process."""
    patience: Patience = Patience()
    """Settings shorten it where minutes would be too long to watch, such as in `make chaos`."""

    @property
    def relays(self) -> dict[str, SmtpPool]:
        """All relays this process can reach, by name."""
        return {MAIN: self.smtp, **self.spares}
