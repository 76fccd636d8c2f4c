"""Who takes a recipient's mail in? What the definition declares, what the name says, what its MX said when asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from leadloom.domain.definitions.delivery_policy import Provider
from leadloom.domain.mails.providers import declared_of, named_of
from leadloom.domain.model import Value

_PROVIDERS: dict[str, Provider] = {
    "google.com": "google", "googlemail.com": "google",
    "outlook.com": "microsoft", "hotmail.com": "microsoft", "mx.microsoft": "microsoft", "office365.us": "microsoft",
    "yahoodns.net": "yahoo", "yahoo.com": "yahoo", "aol.com": "yahoo",
    "icloud.com": "apple", "apple.com": "apple", "me.com": "apple",
}  # fmt: skip
"""By the registrable domain of the preferred exchange."""
_GATEWAYS = {
    "mimecast.com": "mimecast", "mimecast.co.za": "mimecast", "mimecast-offshore.com": "mimecast",
    "pphosted.com": "proofpoint", "ppe-hosted.com": "proofpoint", "gpphosted.com": "proofpoint",
    "barracudanetworks.com": "barracuda", "messagelabs.com": "symantec", "iphmx.com": "cisco",
    "trendmicro.com": "trendmicro", "trendmicro.eu": "trendmicro", "sophos.com": "sophos", "reflexion.net": "sophos",
    "mailcontrol.com": "forcepoint", "fireeyecloud.com": "trellix", "hornetsecurity.com": "hornetsecurity",
    "antispameurope.com": "hornetsecurity", "antispamcloud.com": "spamexperts",
}  # fmt: skip
"""Filters many firms have their mail pass through, where one goes by several domains. Others go by their own domain."""
_NOBODYS = frozenset(("example", "test", "invalid", "localhost", "local", "onion"))
"""RFC 2606, 6761, 6762, 7686: nobody is asked about them."""
_EXAMPLES = ("example.com", "example.net", "example.org")


class MailHost(Value):
    """Who takes in the mail of one domain."""

    domain: str
    provider: Provider
    host: str
    """Whose machines they are: the provider, the gateway, or the domain under which the preferred exchange stands."""
    takes_mail: bool = True
    """False for a domain that says it takes none (RFC 7505)."""


class SaidByMx(NamedTuple):
    """What DNS answered about a domain."""

    mail_host: MailHost
    exchanges: tuple[str, ...]
    """The preferred first."""
    lives: timedelta
    """How long it holds, as DNS says."""


class TakenInBy(NamedTuple):
    """Whom a mail goes to, for all that is counted by them."""

    provider: Provider
    host: str
    """As of MailHost; of a domain nobody asked about, the domain."""


def read_mx(domain: str, exchanges: Sequence[str], *, registrable: Callable[[str], str]) -> MailHost:
    """What the exchanges of a domain say, the preferred first; without any its own address is tried (RFC 5321 §5.1).

    `registrable` answers the domain under which a name could be registered.
    """
    if tuple(exchanges) == (".",):
        return MailHost(domain=domain, provider="others", host=domain, takes_mail=False)
    owner = registrable(next((each for each in exchanges if each != "."), domain))
    if (provider := _PROVIDERS.get(owner)) is not None:
        return MailHost(domain=domain, provider=provider, host=provider)
    return MailHost(domain=domain, provider="others", host=_GATEWAYS.get(owner, owner))


def is_asked_about(domain: str) -> bool:
    """Whether DNS says anything about the domain that its name doesn't."""
    ending = domain.rpartition(".")[2]
    return bool(domain) and ending not in _NOBODYS and not _is_example(domain) and named_of(domain) is None


def _is_example(domain: str) -> bool:
    return any(domain == each or domain.endswith(f".{each}") for each in _EXAMPLES)


def told_by_name(domain: str) -> MailHost:
    """What the name alone says."""
    provider = named_of(domain)
    return MailHost(domain=domain, provider=provider or "others", host=provider or domain)


class Hosting(NamedTuple):
    """All that is known of who takes mail in: what is declared wins, then a well-known name, then what MX said."""

    declared: Mapping[str, Provider]
    """Of the definition: parents count for their subdomains."""
    known: Mapping[str, MailHost]
    """By domain, in lower case."""

    def of(self, domain: str) -> TakenInBy:
        """Who takes in the mail of a domain, in any case."""
        domain = domain.lower().rstrip(".")
        if (provider := declared_of(domain, self.declared) or named_of(domain)) is not None:
            return TakenInBy(provider, domain if provider == "others" else provider)
        found = self.known.get(domain)
        return TakenInBy("others", domain) if found is None else TakenInBy(found.provider, found.host)

    def provider(self, domain: str) -> Provider:
        """The provider alone; `others` when nothing says."""
        return self.of(domain).provider
