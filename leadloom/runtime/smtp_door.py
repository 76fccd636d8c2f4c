"""How does mail come in over our own SMTP port? Only to mailboxes that our tokens prove, and a few roles."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from leadloom.domain.errors import BadInput
from leadloom.domain.mails.links import Signer
from leadloom.domain.returns import addressed
from leadloom.mail.reception import Handed, Limits, Port
from leadloom.runtime import returns
from leadloom.runtime.mail_intake import Gate
from leadloom.runtime.settings import Settings, several
from leadloom.runtime.wiring import House
from leadloom.store import published

VIA = "smtp-in"
_POSTMASTER = "postmaster"
"""Every host that takes mail takes his, also without a domain (RFC 5321 §4.5.1)."""


@dataclass(frozen=True)
class Letterbox:
    """Our mailboxes, and who keeps what comes in."""

    house: House
    domains: frozenset[str]
    roles: frozenset[str]

    def knows(self, address: str) -> bool:
        """Whether a token of ours stands in the address, or it is a role, at one of our domains."""
        return is_ours(address, domains=self.domains, roles=self.roles, signer=self.house.signer)

    async def take(self, mail: Handed) -> None:
        """Keep it. Raises Transient when Postgres is away."""
        await returns.take(
            self.house,
            mail.raw,
            via=VIA,
            envelope_to=mail.envelope_to,
            envelope_from=mail.envelope_from,
            at=self.house.now(),
            gate=Gate.of(self.house.settings).but(domains=self.domains),
        )


def is_ours(address: str, *, domains: frozenset[str], roles: frozenset[str], signer: Signer) -> bool:
    """Whether we take mail to this address. A token alone isn't enough: mail for other domains is passed to nobody."""
    local, at, domain = address.lower().rpartition("@")
    if not at:
        return domain == _POSTMASTER
    if domain not in domains:
        return False
    return local in roles or addressed.read(address, signer) is not None


async def port_of(house: House) -> Port:
    """The port the settings describe, not yet listening. Raises NotFound before a definition is in force, BadInput."""
    settings = house.settings
    async with house.db.read() as tx:
        ours = frozenset((await published.book(tx)).definition.tracking.mailboxes)
    roles = ours | frozenset(several(settings.inbound_roles.lower()))
    letterbox = Letterbox(house, await _domains(house), roles)
    limits = Limits(
        largest=settings.inbound_largest_mb * 1024 * 1024,
        connections=settings.inbound_connections,
        per_host=settings.inbound_per_host,
    )
    name = settings.inbound_name or urlsplit(settings.public_url).hostname or "localhost"
    return Port(letterbox, name, tls_of(settings), limits)


async def _domains(house: House) -> frozenset[str]:
    """Those of the settings; else the one our mail is from, as the definition in force says."""
    if given := several(house.settings.inbound_domains):
        return frozenset(domain.lower() for domain in given)
    async with house.db.read() as tx:
        return frozenset({(await published.book(tx)).definition.mail.from_domain.lower()})


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """What STARTTLS is done with; None without a certificate. Raises BadInput when it can't be read."""
    if settings.inbound_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.inbound_certificate, settings.inbound_key)
    except (OSError, ssl.SSLError) as error:
        remedy = f"It can't be read ({type(error).__name__}): PEM, with LEADLOOM_INBOUND_KEY unless the key is in it."
        raise BadInput("LEADLOOM_INBOUND_CERTIFICATE", str(settings.inbound_certificate), remedy) from error
    return context


def listens_on(settings: Settings) -> tuple[str, int] | None:
    """Host and port to listen on; None without the setting. Raises BadInput."""
    if settings.inbound_listen is None:
        return None
    host, _, port = settings.inbound_listen.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) < 65536:
        raise BadInput("LEADLOOM_INBOUND_LISTEN", settings.inbound_listen, "Write host:port, such as 0.0.0.0:25.")
    return host.strip("[]") or "0.0.0.0", int(port)  # a port for the whole Internet
