"""Who may send for a domain, by its SPF record and all it includes (RFC 7208)?"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from leadloom.runtime.dns import Dns

MOST_LOOKUPS = 10
"""Questions a reader asks before it calls the record broken (§4.6.4)."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_TERM = re.compile(r"(?P<sign>[+\-~?]?)(?P<name>[A-Za-z0-9]+)(?::(?P<domain>[^/]+))?(?P<size>/[0-9/]+)?")


@dataclass
class Spf:
    """What a record and all it includes come to."""

    records: int = 0
    """Of the domain itself; only one is right."""
    lookups: int = 0
    ending: str = ""
    """What holds for whoever isn't named: `-`, `~`, `?` or `+`; empty when nothing is said."""
    networks: list[Network] = field(default_factory=list)
    tells_all: bool = True
    """False where a macro or `exists` decides: then nobody can list who may send."""
    faults: list[str] = field(default_factory=list)

    def allows(self, address: str) -> bool:
        """Whether that address is among the listed ones."""
        found = ipaddress.ip_address(address)
        return any(found.version == each.version and found in each for each in self.networks)


async def read_spf(dns: Dns, domain: str) -> Spf:
    """The record of a domain, followed to its end. Raises Unreachable."""
    spf = Spf()
    records = await _records(dns, domain)
    spf.records = len(records)
    if len(records) == 1:
        spf.ending = await _follow(dns, domain, records[0], spf)
    return spf


async def _records(dns: Dns, domain: str) -> Sequence[str]:
    return [text for text in await dns.txt(domain) if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]


async def _follow(dns: Dns, domain: str, record: str, spf: Spf) -> str:
    """Read one record's terms; answers how it ends."""
    redirect = ""
    for term in record.split()[1:]:
        if term.lower().startswith("redirect="):
            redirect = term.partition("=")[2]
        elif "=" in term.partition(":")[0]:
            continue  # a modifier nobody needs to know, such as exp=
        elif (found := _TERM.fullmatch(term)) is None or "%" in term:
            spf.tells_all = spf.tells_all and "%" not in term
            spf.lookups += "%" in term
            if "%" not in term:
                spf.faults.append(f"{term!r} is no mechanism")
        elif (name := found["name"].lower()) == "all":
            return found["sign"] or "+"
        else:
            await _mechanism(dns, name, found, domain, spf)
    if redirect and spf.lookups <= MOST_LOOKUPS:
        spf.lookups += 1
        return await _other(dns, redirect, spf)
    return ""


async def _mechanism(dns: Dns, name: str, found: re.Match[str], domain: str, spf: Spf) -> None:
    at, size = found["domain"] or domain, found["size"] or ""
    counts = found["sign"] in ("", "+")
    if name in ("ip4", "ip6"):
        try:
            spf.networks += [ipaddress.ip_network(at + size, strict=False)] if counts else []
        except ValueError:
            spf.faults.append(f"{found[0]!r} names no network")
        return
    spf.lookups += 1
    if spf.lookups > MOST_LOOKUPS:
        return
    match name:
        case "include":
            await _other(dns, at, spf)
        case "a":
            spf.networks += [_network(one, size) for one in await dns.addresses(at) if counts]
        case "mx":
            for host in await dns.mail_hosts(at):
                spf.networks += [_network(one, size) for one in await dns.addresses(host) if counts]
        case "exists" | "ptr":
            spf.tells_all = False
        case _:
            spf.faults.append(f"{found[0]!r} is no mechanism")


async def _other(dns: Dns, domain: str, spf: Spf) -> str:
    records = await _records(dns, domain)
    if len(records) != 1:
        spf.faults.append(f"{domain} is named and has {len(records) or 'no'} SPF record{'s' if records else ''}")
        return ""
    return await _follow(dns, domain, records[0], spf)


def _network(address: str, size: str) -> Network:
    """`a/24//64` says 24 bits for IPv4 and 64 for IPv6."""
    four, _, six = size.removeprefix("/").partition("//") if not size.startswith("//") else ("", "", size[2:])
    bits = six if ":" in address else four
    return ipaddress.ip_network(f"{address}/{bits}" if bits else address, strict=False)
