"""What does a posted form cost beside a bare FastAPI app that inserts one row?"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import asyncpg

from benchmarks import _leads
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Stand
from leadloom.runtime.local.temporal import LocalTemporal

QUESTION = "(e) A form is posted, captured and thanked for"
ALONE, BESIDE = "rate without Temporal: ours / bare insert", "rate with Temporal beside it: ours / bare insert"
TARGETS = (Target(ALONE, at_least=0.5),)

AT_ONCE = 32
"""Visitors, each with a connection that is kept, who post as fast as they are answered."""
WARM = 10 * AT_ONCE
"""Posts before the measurement: statements are prepared once for each connection, on both sides."""


@dataclass(frozen=True)
class Posted:
    """One side, for all posts."""

    took_s: float
    cpu_s: Cpu
    slowest_s: float
    """The 95th of 100 answers."""


class Visitors:
    """New people, each once, over kept connections; lean, because the client's cost falls on both sides alike."""

    def __init__(self, port: int) -> None:
        self._port, self._took = port, list[float]()

    async def post(self, numbers: Iterator[int]) -> list[float]:
        """Let them all post; seconds to each answer. Raises RuntimeError for an answer that is no thanks."""
        await asyncio.gather(*(self._visitor(numbers) for _ in range(AT_ONCE)))
        return self._took

    async def _visitor(self, numbers: Iterator[int]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        for no in numbers:
            began = time.monotonic()
            writer.write(_request(no))
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 303") or b"content-length: 0" not in head.lower():
                raise RuntimeError(f"a post was not thanked for: {head[:300]!r} {await reader.read(300)!r}")
            self._took.append(time.monotonic() - began)
        writer.close()


async def measure(stand: Stand, size: Size) -> Measured:
    """Bare, ours, ours with Temporal, bare: what the machine does meanwhile falls on all."""
    count = size.pick(quick=600, full=4000)
    async with stand.database() as url:
        async with stand.house(url, temporal=None, sink=None):
            pass  # publishes what is in force
        first = await bare(stand, url, count)
        alone = await ours(stand, url, count, first=0)
        async with stand.temporal() as temporal:
            beside = await ours(stand, url, count, first=10 * count, temporal=temporal)
        second = await bare(stand, url, count)
        leads = await _count(url, "lead")
    floor_s = (first.took_s + second.took_s) / 2
    floor_cpu = {name: (first.cpu_s.get(name, 0) + second.cpu_s.get(name, 0)) / 2 for name in first.cpu_s}
    rows = tuple(
        Row(
            what=f"{count} new people ask for the guide, {AT_ONCE} at once, {where}",
            unit="post",
            ours_per_s=count / us.took_s,
            floor="FastAPI parses the form, asyncpg inserts one row",
            floor_per_s=count / floor_s,
            ours_cpu_ms=a_unit(us.cpu_s, count),
            floor_cpu_ms=a_unit(floor_cpu, count),
        )
        for us, where in ((alone, "without Temporal"), (beside, "with Temporal told before each answer"))
    )
    figures = {
        ALONE: floor_s / alone.took_s,
        BESIDE: floor_s / beside.took_s,
        "ms to the 95th of 100 answers, bare": 500 * (first.slowest_s + second.slowest_s),
        "ms to the 95th of 100 answers, without Temporal": 1000 * alone.slowest_s,
        "ms to the 95th of 100 answers, with Temporal": 1000 * beside.slowest_s,
    }
    return Measured(rows=rows, figures=figures, notes=(f"leads that are there: {leads} of {2 * (count + WARM)}",))


async def bare(stand: Stand, url: str, count: int) -> Posted:
    """The floor."""
    connection = await asyncpg.connect(url)
    await connection.execute("DROP TABLE IF EXISTS posted")
    columns = "email text, first_name text, company text, country text, consent text, at timestamptz DEFAULT now()"
    await connection.execute(
        f"CREATE TABLE posted (post_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, {columns})"
    )
    await connection.close()
    async with served(stand, "bare", url) as port:
        return await _posted(stand, port, count, first=0)


async def ours(stand: Stand, url: str, count: int, *, first: int, temporal: LocalTemporal | None = None) -> Posted:
    """The real app: the person found or made, permission, event, score, stage, journey, outbox."""
    async with served(stand, "ours", url, temporal) as port:
        return await _posted(stand, port, count, first=first)


async def _posted(stand: Stand, port: int, count: int, *, first: int) -> Posted:
    visitors = Visitors(port)
    await visitors.post(iter(range(first + count, first + count + WARM)))
    before, began = stand.cpu(), time.monotonic()
    took = sorted(await Visitors(port).post(iter(range(first, first + count))))
    return Posted(time.monotonic() - began, stand.cpu_since(before), took[len(took) * 95 // 100])


@contextlib.asynccontextmanager
async def served(stand: Stand, kind: str, url: str, temporal: LocalTemporal | None = None) -> AsyncGenerator[int]:
    """The port of an app in a process of its own, counted as `web`."""
    env = {
        "DATABASE_URL": url,
        "TEMPORAL_ADDRESS": temporal.address if temporal else "127.0.0.1:1",
        "LEADLOOM_STATE": str(stand.folder / "state"),
    }
    async with stand.process("web", [sys.executable, "-m", "benchmarks._serve", kind], env=env) as process:
        assert process.stdout is not None
        port = int(await asyncio.wait_for(process.stdout.readline(), 60))
        yield port


def _request(no: int) -> bytes:
    company = no // _leads.PER_COMPANY
    words = {
        "email": f"lead{no}@company{company}.example",
        "first_name": "Ana",
        "company": f"Company {company}",
        "country": "Germany",
        "consent": "on",
    }
    body = urlencode(words).encode()
    return b"\r\n".join(
        (
            b"POST /f/guide HTTP/1.1",
            b"Host: 127.0.0.1",
            b"User-Agent: Mozilla/5.0 (X11; Linux x86_64)",
            b"Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}".encode(),
            b"",
            body,
        )
    )


async def _count(url: str, table: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))
    finally:
        await connection.close()
