"""How long does the server take for an inbox in which two hundred leads wait, every answer and every context on it?"""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from benchmarks import _leads
from benchmarks._measured import Measured, Row, Size, Target
from benchmarks._stand import Stand
from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.runtime.wiring import House
from leadloom.store import leads, published
from leadloom.web.app import create_app

QUESTION = "(r) A sales lead manager opens an inbox in which 200 leads wait"
TARGETS = (Target("ms of server time, median", at_most=100.0),)

WAITING = 200
_SEAT = "greta-lindqvist"
_DID = ("demo_requested", "calculator_finished", "price_page", "guide_requested")
_WARM = 5

App = Callable[..., Awaitable[None]]
Receive = Callable[..., Awaitable[MutableMapping[str, Any]]]


@dataclass
class Timed:
    """The app, with the seconds from a request's first byte to its answer's last."""

    app: App
    wall_s: list[float] = field(default_factory=list[float])
    cpu_s: list[float] = field(default_factory=list[float])

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: App) -> None:
        """ASGI."""
        wall, cpu = time.perf_counter(), time.process_time()
        await self.app(scope, receive, send)
        self.wall_s.append(time.perf_counter() - wall)
        self.cpu_s.append(time.process_time() - cpu)


async def measure(stand: Stand, size: Size) -> Measured:
    """One process, one reader, one page after the other."""
    count = size.pick(quick=20, full=100)
    async with stand.database() as url, stand.house(url, temporal=None, sink=None) as house:
        await wait(house)
        settings = house.settings.model_copy(update={"sign_in": "seats", "public_url": "http://127.0.0.1:8321"})
        timed = Timed(create_app(House(settings, house.db, house.signer, None)))
        transport = httpx.ASGITransport(timed, client=("127.0.0.1", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8321") as client:
            client.cookies.set("seat", _SEAT, domain="127.0.0.1")
            answer = await client.get("/inbox?whose=all")
            for _ in range(_WARM - 1 + count):
                answer = (await client.get("/inbox?whose=all")).raise_for_status()
        shown = answer.text.count("data-item")
    if shown != WAITING:
        raise RuntimeError(f"the page shows {shown} leads, not {WAITING}")
    wall, cpu = (sorted(taken[_WARM:]) for taken in (timed.wall_s, timed.cpu_s))
    figures = {
        "ms of server time, median": 1000 * statistics.median(wall),
        "ms of server time, the 95th of 100": 1000 * wall[int(0.95 * len(wall))],
        "ms of CPU in the web process, median": 1000 * statistics.median(cpu),
        "kB of the page": len(answer.content) / 1000,
    }
    what = f"the inbox with {WAITING} leads, opened {count} times"
    return Measured(rows=(Row(what=what, unit="page", ours_per_s=1 / statistics.mean(wall)),), figures=figures)


async def wait(house: House) -> None:
    """Two hundred people ask to talk; some have done more before."""
    at = house.now()
    async with house.db.read() as tx:
        book = await published.book(tx)
    for no in range(WAITING):
        async with house.db.transaction() as tx:
            await leads.capture(tx, _person(no, at), book=book, at=at, actor="lead")


def _person(no: int, at: datetime) -> LeadDraft:
    did = tuple(
        EventDraft(kind=kind, at=at - timedelta(hours=3 * back), key=f"{kind}/{no}")
        for back, kind in enumerate(_DID[: 1 + no % len(_DID)])
    )
    company = f"company-{no:03}"
    return _leads.draft(no, at, company=company, email=f"person{no}@{company}.example", events=did)
