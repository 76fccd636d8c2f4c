"""What a process works with: opens the pools and the clock, nothing else."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4  # noqa: TID251  claims are random; here is where chance enters

from temporalio.client import Client

from activities.tools import Patience, Tools
from leadloom.domain.errors import Unreachable
from leadloom.domain.mails.links import Signer
from leadloom.mail.dkim_keys import load_keys
from leadloom.mail.signing import Signatory
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime.enriching import Asking
from leadloom.runtime.mail_exchanges import MailExchanges
from leadloom.runtime.outbox import Relay
from leadloom.runtime.settings import Settings
from leadloom.runtime.temporal import connect
from leadloom.runtime.uploaded_lists import ListTaker
from leadloom.store.db import Db


@dataclass(frozen=True)
class House:
    """The opened database, the signer of links and, where there is one, the client of Temporal."""

    settings: Settings
    db: Db
    signer: Signer
    temporal: Client | None

    def now(self) -> datetime:
        """Business time for whoever is neither workflow nor activity: the wall's, moved by the offset."""
        return wall_now() + self.settings.clock_ahead


def wall_now() -> datetime:
    """Wall time, UTC: the one place that asks the machine's clock."""
    return datetime.now(UTC)  # noqa: TID251  the clock has to enter somewhere


@contextlib.asynccontextmanager
async def opened(settings: Settings | None = None, *, temporal: Client | None = None) -> AsyncGenerator[House]:
    """Open what the settings name. Raises Unreachable for Postgres.

    Temporal may be away: facts are written all the same and the sweep tells it later (design §1.5).
    """
    settings = settings or settings_of_running_stack()
    if settings.database_url is None:
        raise Unreachable("Postgres", "DATABASE_URL", "it is not set, and no local stack runs; start one: make up")
    client = temporal
    if client is None:
        with contextlib.suppress(Unreachable):
            client = await connect(settings)
    spare_the_collector()
    relay = Relay(client, settings.clock_ahead_s) if client else None
    db = await Db.open(settings.database_url, size=settings.database_connections, relay=relay)
    try:
        yield House(settings, db, Signer(settings.signing_keys()), client)
    finally:
        await db.close()


_YOUNG = 20_000
"""New objects before the collector looks; a page of leads makes some ten thousand that die together."""
_MIDDLE, _OLD = 5, 1
"""Looks at the young before one at those that stayed, and such looks before one at everything: after some 1,200 runs. A
worker keeps a run in its cache until it is old, and what it lets go is a cycle: with Python's own 10 and 10 it held
10,000 of them, 26 kB each, and stood still for more than a second when it collected them."""


def spare_the_collector() -> None:
    """Leave what is loaded, which stays for good, out of garbage collection: a quarter of an import's CPU else."""
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


@contextlib.asynccontextmanager
async def tools_of(house: House) -> AsyncGenerator[Tools]:
    """What activities need beside the house: the pool of SMTP connections and the keys of mail.

    Raises Unreachable; BadInput for a key that can't sign, before any mail is claimed.
    """
    settings = house.settings
    if settings.smtp_url is None:
        raise Unreachable("SMTP", "SMTP_URL", "it is not set; name a relay, or use make up with its mail trap")
    signatory = signatory_of(settings)
    smtp = SmtpPool.from_url(settings.smtp_url, size=settings.smtp_connections, dot_seconds=settings.smtp_dot_s)
    spares = {
        name: SmtpPool.from_url(url, size=settings.smtp_connections, dot_seconds=settings.smtp_dot_s)
        for name, url in settings.further_relays().items()
    }
    try:
        yield Tools(
            db=house.db,
            smtp=smtp,
            spares=spares,
            signer=house.signer,
            public_url=house.settings.public_url,
            epoch=house.settings.epoch,
            wire_secret=house.settings.message_id_secret(),
            wall_now=wall_now,
            new_claim=uuid4,
            signatory=signatory,
            mx=MailExchanges(settings.dns_resolver) if settings.ask_mx else None,
            lists=ListTaker(house.db),
            providers=Asking(house.db),
            patience=_patience(settings),
        )
    finally:
        for pool in (smtp, *spares.values()):
            await pool.close()


def signatory_of(settings: Settings) -> Signatory:
    """Who signs our mail, by the keys that the settings name. Raises BadInput, which names the file."""
    return Signatory(load_keys(settings.dkim_keys)) if settings.dkim_keys else Signatory()


def _patience(settings: Settings) -> Patience:
    return Patience(
        dot=timedelta(seconds=settings.smtp_dot_s),
        lease=timedelta(seconds=settings.claim_lease_s),
        first_retry=timedelta(seconds=settings.smtp_retry_s),
    )


def settings_of_running_stack() -> Settings:
    """The environment's settings, filled with what a running local stack wrote into its state folder."""
    settings = Settings()
    running = settings.state / "up" / "running.json"
    if settings.database_url is None and running.exists():
        found = Settings.model_validate_json(running.read_text())
        return found.model_copy(update=settings.model_dump(exclude_unset=True))
    return settings
