"""A DNS server of a test's own: authoritative for what it is told, over UDP and TCP on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = dict[str, Iterable[str]]
"""`name TYPE` → the records as a zone file writes them: `{"kelvance.example MX": ["10 mx.kelvance.example."]}`."""


def txt(text: str) -> str:
    """A text as a zone file writes it: in strings of at most 255 bytes."""
    return " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))


def answer(zone: Mapping[str, Iterable[str]], wire: bytes, *, most: int) -> bytes:
    """What the zone says to one question; truncated when it is longer than `most` bytes."""
    query = dns.message.from_wire(wire)
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    [question] = query.question
    name = question.name.to_text(omit_final_dot=True).lower()
    if found := list(zone.get(f"{name} {dns.rdatatype.to_text(question.rdtype)}", ())):
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", question.rdtype, *found))
    elif not any(key.startswith(f"{name} ") for key in zone):
        response.set_rcode(dns.rcode.NXDOMAIN)
    if len(whole := response.to_wire()) <= most:
        return whole
    response.answer.clear()
    response.flags |= dns.flags.TC
    return response.to_wire()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        self._transport.sendto(answer(self._zone, data, most=512), addr)


@contextlib.asynccontextmanager
async def a_dns_server(zone: Zone) -> AsyncIterator[str]:
    """Answers as long as the block lasts; its `address:port`. What the zone gets meanwhile is answered, too."""

    async def over_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                said = answer(zone, await reader.readexactly(size), most=65535)
                writer.write(len(said).to_bytes(2, "big") + said)
        writer.close()

    tcp = await asyncio.start_server(over_tcp, "127.0.0.1", 0)
    port = tcp.sockets[0].getsockname()[1]
    udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Udp(zone), local_addr=("127.0.0.1", port)
    )
    try:
        yield f"127.0.0.1:{port}"
    finally:
        udp.close()
        tcp.close()
