"""What do tracking calls cost beside a bare FastAPI app that inserts them, one by one and in batches?"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Stand
from benchmarks.capture import served
from leadloom.store.intake_keys import hash_of

QUESTION = "(j) Tracking clients send what visitors and leads do"
SINGLE = "one call a request: ours / bare insert"
BATCHES = "batches of 100: ours / validate and COPY"
TARGETS = (Target(SINGLE, at_least=0.5), Target(BATCHES, at_least=0.4))

KEY = "llk_benchmark"
SENDERS = 32
BATCH = 100
PER_VISIT = 20
"""Calls of one visit: a page's traffic, of which a tenth says who it is."""


@dataclass(frozen=True)
class Sent:
    """One side, for all calls."""

    took_s: float
    cpu_s: Cpu
    p99_s: float


def visit(no: int) -> list[dict[str, Any]]:
    """What one visitor does: views, of which one is an event, and 4 tracked events. Half of them say who they are in
    the middle of it, and half of those are leads already, who came before with another browser.
    """
    who = no // 2 if no % 4 == 1 else no
    library = {"library": {"name": "analytics.js", "version": "1.84.3"}}
    ids: dict[str, Any] = {"anonymousId": f"browser-{no}", "context": library}
    calls: list[dict[str, Any]] = []
    for step in range(PER_VISIT):
        call = {**ids, "messageId": f"visit-{no}-{step}", "timestamp": "2026-11-22T10:00:00.000Z"}
        if step == PER_VISIT // 2 and no % 2:
            traits = {
                "email": f"lead{who}@company{who // 10}.example",
                "firstName": "Ana",
                "company": f"Company {who // 10}",
            }
            calls.append({**call, "type": "identify", "traits": traits})
        elif step % 5 == 4:
            calls.append(
                {**call, "type": "track", "event": "Article Completed", "properties": {"asset": f"piece-{step}"}}
            )
        else:
            path = "/price" if step == 7 else f"/m/four-degrees/{step}"
            page = {
                "url": f"https://kelvance.example{path}",
                "referrer": "https://search.example/",
                "title": "Cold chain",
            }
            calls.append({**call, "type": "page", "properties": page, "context": {**library, "page": page}})
    return calls


def calls(first: int) -> Iterator[dict[str, Any]]:
    """Calls of five visitors at a time, taken in turn, as they come in from a site."""
    for no in itertools.count(first, 5):
        yield from itertools.chain.from_iterable(zip(*(visit(each) for each in range(no, no + 5)), strict=True))


async def measure(stand: Stand, size: Size) -> Measured:
    """Bare, ours, bare; calls alone first, batches then."""
    alone, many = size.pick(quick=1000, full=8000), size.pick(quick=10_000, full=60_000)
    async with stand.database() as url:
        async with stand.house(url, temporal=None, sink=None):
            pass  # publishes what is in force
        await _prepare(url)
        single = await _three(stand, url, _singles, alone)
        batches = await _three(stand, url, _batches, many)
        notes = await _counts(url)
    shape = f"{alone} calls, one a request, {SENDERS} at once"
    first = _compared(SINGLE, shape, "FastAPI validates each and inserts it with asyncpg", alone, single)
    packed = f"{many} calls, {BATCH} a request"
    second = _compared(BATCHES, packed, "FastAPI validates each and COPYs the batch", many, batches)
    return Measured(rows=(first[0], second[0]), figures={**first[1], **second[1]}, notes=notes)


def _compared(
    name: str, what: str, floor: str, count: int, sides: tuple[Sent, Sent, Sent]
) -> tuple[Row, dict[str, float]]:
    before, ours, after = sides
    floor_s = (before.took_s + after.took_s) / 2
    floor_cpu = {part: (before.cpu_s.get(part, 0) + after.cpu_s.get(part, 0)) / 2 for part in before.cpu_s}
    row = Row(
        what=what, unit="call", ours_per_s=count / ours.took_s, floor=floor, floor_per_s=count / floor_s,
        ours_cpu_ms=a_unit(ours.cpu_s, count), floor_cpu_ms=a_unit(floor_cpu, count),
    )  # fmt: skip
    return row, {
        name: floor_s / ours.took_s,
        f"ms to the 99th of 100 answers, {what}": 1000 * ours.p99_s,
        f"the same, floor of {what}": 500 * (before.p99_s + after.p99_s),
    }


Requests = Callable[[int, int], Sequence[bytes]]


async def _three(stand: Stand, url: str, requests: Requests, count: int) -> tuple[Sent, Sent, Sent]:
    """Bare, ours, bare: what the machine does meanwhile falls on both. Each with visitors of its own."""
    found: list[Sent] = []
    for turn, kind in enumerate(("bare-tracking", "ours", "bare-tracking")):
        base = (10 + 10 * turn) * 1_000_000 + (0 if requests is _singles else 5_000_000)
        async with served(stand, kind, url) as port:
            await _send(port, requests(base, max(count // 10, 100)))
            before, began = stand.cpu(), time.monotonic()
            took = sorted(await _send(port, requests(base + 1_000_000, count)))
            found.append(Sent(time.monotonic() - began, stand.cpu_since(before), took[len(took) * 99 // 100]))
    return found[0], found[1], found[2]


def _singles(first: int, count: int) -> Sequence[bytes]:
    return [
        _request(f"/v1/{call['type']}", json.dumps({**call, "writeKey": KEY}).encode())
        for call in itertools.islice(calls(first), count)
    ]


def _batches(first: int, count: int) -> Sequence[bytes]:
    every, found = calls(first), list[bytes]()
    for _ in range(count // BATCH):
        body = {"batch": list(itertools.islice(every, BATCH)), "writeKey": KEY, "sentAt": "2026-11-22T10:00:05.000Z"}
        found.append(_request("/v1/batch", json.dumps(body).encode()))
    return found


def _request(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def _send(port: int, requests: Sequence[bytes]) -> list[float]:
    """Send them over kept connections; seconds to each answer. Raises RuntimeError for anything but 200."""
    waiting, took = iter(requests), list[float]()

    async def sender() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            began = time.monotonic()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"not taken: {head[:200]!r} {body[:300]!r}")
            took.append(time.monotonic() - began)
        writer.close()

    await asyncio.gather(*(sender() for _ in range(min(SENDERS, 1 + len(requests) // 4))))
    return took


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "INSERT INTO intake_key (key_id, name, hash, hint, public, scopes, source, created_at, created_by)"
            " VALUES (gen_random_uuid(), 'bench', $1, 'mark', false, '{track}', 'microsite', now(), 'bench')",
            hash_of(KEY),
        )
        await connection.execute(
            "CREATE TABLE told (message_id text, type text, anonymous_id text, user_id text, event text,"
            " at timestamptz, properties text, traits text, context text)"
        )
    finally:
        await connection.close()


async def _counts(url: str) -> tuple[str, ...]:
    connection = await asyncpg.connect(url)
    try:
        tables = ("lead", "event", "score_entry", "visitor_event", "visitor", "dropped_event")
        return tuple([f"{table}: {await connection.fetchval(f'SELECT count(*) FROM {table}')}" for table in tables])
    finally:
        await connection.close()
