"""What does DNS say? Asked by the doctor and by a sweep: nothing waits for it on the way of a mail."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from typing import cast

import dns.asyncresolver
import dns.exception
import dns.inet
import dns.rdata
import dns.rdatatype
import dns.resolver
import dns.reversename
import dns.rrset
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

from leadloom.domain.errors import BadInput, Unreachable

PATIENCE_S = 5.0
"""For one question, however many servers are asked."""

_AT_HOME = tuple(
    map(
        ipaddress.ip_network,
        (
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "::1",
            "fc00::/7",
            "fe80::/10",
        ),
    )
)


def is_of_the_world(address: str) -> bool:
    """Whether others see that address, and not one of a network of ours."""
    found = ipaddress.ip_address(address)
    return not any(found.version == each.version and found in each for each in _AT_HOME)


class Dns:
    """Questions to the machine's resolver, or to one that is named."""

    def __init__(self, server: str | None = None) -> None:
        """`server` as `address` or `address:port`, with brackets around IPv6. Raises BadInput."""
        self._resolver = dns.asyncresolver.Resolver(configure=server is None)
        self._server = server or "the machine's resolver"
        if server is not None:
            host, port = _place(server)
            self._resolver.nameservers = [host]
            self._resolver.port = port

    async def txt(self, name: str) -> tuple[str, ...]:
        """The texts at a name, each in one piece; none when there is no such name. Raises Unreachable."""
        found = await self._ask(name, dns.rdatatype.TXT)
        return tuple(b"".join(one.strings).decode("utf-8", "replace") for one in found if isinstance(one, TXT))

    async def mail_hosts(self, domain: str) -> tuple[str, ...]:
        """The hosts of MX, the preferred first; `.` alone for a domain that takes no mail (RFC 7505)."""
        return (await self.exchanges(domain))[0]

    async def exchanges(self, domain: str) -> tuple[tuple[str, ...], timedelta | None]:
        """The same, with how long the answer holds; None when there is no record. Raises Unreachable."""
        answer = await self._records(domain, dns.rdatatype.MX)
        records = cast("Iterable[dns.rdata.Rdata]", answer or ())
        found = [one for one in records if isinstance(one, MX)]
        hosts = tuple(_bare(str(one.exchange)) for one in sorted(found, key=lambda one: one.preference))
        return hosts, timedelta(seconds=answer.ttl) if answer is not None and found else None

    async def addresses(self, host: str) -> tuple[str, ...]:
        """IPv4 and IPv6 addresses of a host; the host itself when it is one."""
        if dns.inet.is_address(host):
            return (host,)
        both = [*await self._ask(host, dns.rdatatype.A), *await self._ask(host, dns.rdatatype.AAAA)]
        return tuple(one.to_text() for one in both)

    async def names_of(self, address: str) -> tuple[str, ...]:
        """The names PTR gives an address."""
        found = await self._ask(str(dns.reversename.from_address(address)), dns.rdatatype.PTR)
        return tuple(_bare(one.to_text()) for one in found)

    async def _ask(self, name: str, kind: dns.rdatatype.RdataType) -> Iterable[dns.rdata.Rdata]:
        return tuple(await self._records(name, kind) or ())

    async def _records(self, name: str, kind: dns.rdatatype.RdataType) -> dns.rrset.RRset | None:
        try:
            answer = await self._resolver.resolve(name, kind, lifetime=PATIENCE_S, raise_on_no_answer=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except dns.exception.Timeout as error:
            raise Unreachable("DNS", self._server, f"no answer about {name} in {PATIENCE_S:g} seconds") from error
        except (dns.exception.DNSException, OSError, ValueError) as error:
            # ValueError: a name no question can hold, such as one out of somebody else's record.
            raise Unreachable("DNS", self._server, f"{name} {dns.rdatatype.to_text(kind)}: {error}") from error
        return answer.rrset


def _bare(name: str) -> str:
    return name.rstrip(".").lower() or "."


def _place(server: str) -> tuple[str, int]:
    host, _, port = server.rpartition(":") if server.count(":") == 1 or "]:" in server else (server, "", "53")
    host = host.strip("[]")
    if not dns.inet.is_address(host) or not port.isdigit():
        raise BadInput("LEADLOOM_DNS_RESOLVER", server, "Write an address such as 192.0.2.53 or 127.0.0.1:5353.")
    return host, int(port)
