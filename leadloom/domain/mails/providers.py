"""Who hosts a recipient's mailbox, as far as the domain's name and the definition say? (What MX says: `mail_hosts`.)"""

from __future__ import annotations

from collections.abc import Mapping

from leadloom.domain.definitions.delivery_policy import Provider

_NAMES: dict[str, Provider] = {
    "gmail": "google", "googlemail": "google",
    "outlook": "microsoft", "hotmail": "microsoft", "live": "microsoft", "msn": "microsoft", "passport": "microsoft",
    "yahoo": "yahoo", "ymail": "yahoo", "rocketmail": "yahoo", "aol": "yahoo", "aim": "yahoo",
    "icloud": "apple", "me": "apple", "mac": "apple",
}  # fmt: skip
_COM_ONLY = frozenset(("me", "mac", "aim", "live"))
"""Words that are domains of others under other endings; `live` has national ones of its own."""
_LIVE = frozenset(("live.co.uk", "live.de", "live.fr", "live.nl", "live.it", "live.ca", "live.com.au", "live.se"))


def provider_of(domain: str, hosted: Mapping[str, Provider] | None = None) -> Provider:
    """The provider of a recipient domain, in any case; `others` when neither its name nor `hosted` says."""
    domain = domain.lower().rstrip(".")
    return declared_of(domain, hosted or {}) or named_of(domain) or "others"


def declared_of(domain: str, hosted: Mapping[str, Provider]) -> Provider | None:
    """Who is declared to host a domain, in lower case; parents count for their subdomains."""
    if not hosted:
        return None
    parts = domain.split(".")
    for first in range(len(parts) - 1):
        if (known := hosted.get(".".join(parts[first:]))) is not None:
            return known
    return None


def named_of(domain: str) -> Provider | None:
    """Whose mailboxes the domain's name says there are, in lower case; None for a firm's own."""
    name, _, ending = domain.partition(".")
    provider = _NAMES.get(name)
    if provider is None:
        return None
    parts = domain.split(".")
    if len(parts) > 3 or (len(parts) == 3 and parts[1] not in ("co", "com")):
        return None
    if name in _COM_ONLY and ending != "com" and domain not in _LIVE:
        return None
    return provider
