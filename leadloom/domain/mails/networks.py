"""Of which network is an address? Coarse enough to name no household, fine enough to tell visitors apart."""

from __future__ import annotations

from ipaddress import ip_address, ip_network


def network_of(address: str | None) -> str:
    """The network of an IP address: /24 of IPv4, /48 of IPv6. Empty for what is none."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return ""
    return str(ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))


def is_public(address: str | None) -> bool:
    """Whether an address is of the internet at large, and not of a network of somebody's own."""
    try:
        return ip_address(address or "").is_global
    except ValueError:
        return False
