"""How long from a form's post over HTTP to the owner's notice at the relay, beside the least that could do it?"""

from __future__ import annotations

import asyncio
import statistics
import time
from urllib.parse import urlencode

import asyncpg

from benchmarks._bare_touch import OWNER
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Sink, Stand
from benchmarks._waiting import none_left
from benchmarks.capture import served

QUESTION = "(j) First touch: from capture over HTTP to the owner's notice at the relay"
P50, P99 = "ms from post to notice, median", "ms from post to notice, 99th percentile"
TARGETS = (Target(P50, at_most=1000), Target(P99, at_most=5000))

_EVERY_S = 0.4
"""Between two posts: each meets a house at rest, as people do who ask to talk; a crowd is `capture`'s question."""
_WARM = 10
_AFTER_S = 60.0


async def measure(stand: Stand, size: Size) -> Measured:
    """Bare, ours, bare: what the machine does meanwhile falls on both."""
    count = size.pick(quick=30, full=200)
    first, bare_cpu = await bare(stand, count)
    took, cpu = await ours(stand, count)
    second, _ = await bare(stand, count)
    floor = [*first, *second]
    row = Row(
        what=f"{count} people ask for a demo, one every {_EVERY_S:g} s",
        unit="notice",
        floor="FastAPI inserts a row and starts a workflow, whose one activity sends over a kept connection",
        ours_cpu_ms=a_unit(cpu, count),
        floor_cpu_ms=a_unit(bare_cpu, count),
    )
    figures = {
        P50: 1000 * statistics.median(took),
        P99: 1000 * statistics.quantiles(took, n=100)[-1],
        "bare " + P50: 1000 * statistics.median(floor),
        "bare " + P99: 1000 * statistics.quantiles(floor, n=100)[-1],
        "median, ours / bare": statistics.median(took) / statistics.median(floor),
    }
    return Measured(rows=(row,), figures=figures, notes=(f"notices timed: {len(took)} ours, {len(floor)} bare",))


async def ours(stand: Stand, count: int) -> tuple[list[float], Cpu]:
    """The real app, worker and lane: person, score, gate, route, offer, notice with its card, mark, dot."""
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink) as house,
        stand.worker(house.settings),
        served(stand, "ours", url, temporal) as port,
    ):
        return await _timed(stand, sink, port, count)


async def bare(stand: Stand, count: int) -> tuple[list[float], Cpu]:
    """The floor, on the same kinds of servers."""
    async with stand.database() as url, stand.temporal() as temporal, stand.sink() as sink:
        connection = await asyncpg.connect(url)
        await connection.execute(
            "CREATE TABLE touched (no bigint GENERATED ALWAYS AS IDENTITY, email text, body jsonb)"
        )
        await connection.close()
        env = {"SMTP_URL": sink.url}
        async with (
            stand.bare_worker(temporal.address, "benchmarks._bare_touch:BareTouch", env=env),
            served(stand, "bare-touch", url, temporal) as port,
        ):
            return await _timed(stand, sink, port, count)


async def _timed(stand: Stand, sink: Sink, port: int, count: int) -> tuple[list[float], Cpu]:
    """Seconds from each post to its notice. One lane carries them in order: the n-th is the n-th post's."""
    await _posts(port, range(_WARM))
    await _notices(sink, _WARM)
    await sink.forget()
    before = stand.cpu()
    posted = await _posts(port, range(_WARM, _WARM + count))
    arrived = await _notices(sink, count)
    return [at - began for began, at in zip(posted, arrived, strict=True)], stand.cpu_since(before)


async def _posts(port: int, numbers: range) -> list[float]:
    """Unix time of the first byte of each."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began: list[float] = []
    for no in numbers:
        began.append(time.time())
        writer.write(_request(no))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 303"):
            raise RuntimeError(f"a post was not taken: {head[:300]!r} {await reader.read(300)!r}")
        await asyncio.sleep(max(0.0, _EVERY_S - (time.time() - began[-1])))
    writer.close()
    return began


async def _notices(sink: Sink, count: int) -> list[float]:
    """Unix time of the dot of each notice, once so many have come."""
    found: list[float] = []

    async def to_come() -> int:
        found[:] = [at for recipient, at in await sink.mails() if recipient == OWNER]
        return count - len(found)

    await none_left("notices to come", to_come, within_s=_AFTER_S)
    return found


def _request(no: int) -> bytes:
    told = {
        "email": f"touch{no}@company{no}.example", "first_name": "Ana", "last_name": "Torres",
        "company": f"Company {no}", "country": "US", "role": "quality",
    }  # fmt: skip
    body = urlencode(told).encode()
    head = (
        "POST /f/demo HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
