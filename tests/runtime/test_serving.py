"""Is the web served without a needless wait, to whom it may be, and under no name a stranger chose?"""

from __future__ import annotations

import asyncio
import socket

import pytest
from fastapi import FastAPI

from leadloom.domain.errors import BadInput, Conflict
from leadloom.runtime.local.children import free_port
from leadloom.runtime.serving import Door, listening, read_door, serving
from leadloom.runtime.settings import Settings


async def status_under(name: str, door: Door) -> int:
    """What a browser is answered that came to this door by that name."""
    reader, writer = await asyncio.open_connection(door.host, door.port)
    writer.write(f"GET /none HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


def test_accepted_connections_name_their_protocol_so_that_answers_wait_for_no_acknowledgement() -> None:
    with listening(Door(port=0)) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_told_with_its_address() -> None:
    with listening(Door(port=0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Conflict, match=f"{port} can't be taken"), listening(Door(port=port)):
            pass


@pytest.mark.parametrize(
    ("text", "host", "port", "is_near"),
    [
        ("8321", "127.0.0.1", 8321, True),
        ("localhost:80", "localhost", 80, True),
        ("[::1]:80", "::1", 80, True),
        ("0.0.0.0:8321", "0.0.0.0", 8321, False),
        ("[::]:8321", "::", 8321, False),
    ],
)
def test_a_door_is_an_address_of_this_machine_and_a_port(text: str, host: str, port: int, is_near: bool) -> None:
    door = read_door(text)
    assert (door.host, door.port, door.is_near) == (host, port, is_near)


@pytest.mark.parametrize("text", ["", "go.kelvance.example:80", "127.0.0.1:", "127.0.0.1:99999", "http://127.0.0.1:80"])
def test_what_is_no_door_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadInput, match=r"0\.0\.0\.0:8321"):
        read_door(text)


async def test_seats_are_never_served_where_others_could_take_one() -> None:
    with pytest.raises(BadInput, match="Seats are for this machine alone"):
        async with serving(FastAPI(), Door("0.0.0.0", free_port()), Settings(sign_in="seats")):
            pass


async def test_with_seats_no_name_but_this_machines_own_reaches_us() -> None:
    door = Door(port=free_port())
    async with serving(FastAPI(), door, Settings(sign_in="seats")):
        assert await status_under("rebound.example", door) == 400
        assert await status_under(f"127.0.0.1:{door.port}", door) == 404
        assert await status_under("localhost", door) == 404


async def test_who_signs_in_may_come_by_any_name_the_proxy_passes_on() -> None:
    door = Door(port=free_port())
    async with serving(FastAPI(), door, Settings(sign_in="password")):
        assert await status_under("go.kelvance.example", door) == 404
