"""Who hosts a recipient's mailbox? Told by the domain alone: nobody asks DNS while mail is being sent."""

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
    """The provider of a recipient domain, in any case; `others` when nothing says.

    `hosted` are domains somebody looked up; parents count for their subdomains.
    """
    domain = domain.lower().rstrip(".")
    parts = domain.split(".")
    for first in range(len(parts) - 1):
        if (known := (hosted or {}).get(".".join(parts[first:]))) is not None:
            return known
    name, _, ending = domain.partition(".")
    provider = _NAMES.get(name)
    if provider is None or len(parts) > 3 or (len(parts) == 3 and parts[1] not in ("co", "com")):
        return "others"
    if name in _COM_ONLY and ending != "com" and domain not in _LIVE:
        return "others"
    return provider
