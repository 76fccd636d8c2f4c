"""How does one run of `make chaos` go? Parts start, leads come in, a campaign sends them, things break, all ends."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from benchmarks.chaos import hurry, intake, ledger
from benchmarks.chaos.balance import Balance, Strokes, balance
from benchmarks.chaos.ledger import Open
from benchmarks.chaos.parts import Command, Part, RelayPart, Server, SmallDisk
from benchmarks.chaos.people import who_said_no
from benchmarks.chaos.relay_log import Fault, Order, Watched
from benchmarks.chaos.strikes import Kill, Strike
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import Unreachable
from leadloom.runtime.local.postgres import LocalPostgres
from leadloom.runtime.local.temporal import LocalTemporal
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import opened
from leadloom.store import server
from leadloom.store.migrate import migrate

_LOOKS_EVERY = 0.02
"""Seconds between two looks at the relay's log: how exactly a strike meets its mail."""
_TELLS_EVERY = 2.0
_BY = "priya-nair"


@dataclass(frozen=True)
class Stage:
    """What a run is played with."""

    folder: Path
    leads: Path
    """A CSV file."""
    workers: int = 2
    in_memory: bool = False
    day: timedelta = timedelta(seconds=1)
    """How long a day of a journey lasts."""
    idle_limit: float = 240.0
    """Seconds without any change after which what is open is called stuck."""
    settings: dict[str, object] = field(default_factory=dict[str, object])
    """More settings of the workers."""
    disk_mb: int | None = None
    """How large the disk of Postgres is, when it is to be filled."""
    publishes: Callable[[Definition], Definition] = hurry.at_any_hour
    """What becomes of the repository's definition before it is published."""


@dataclass
class Parts:
    """Everything that runs."""

    postgres: Server | SmallDisk
    temporal: Server
    relay: RelayPart
    workers: list[Command]
    settings: Settings

    def named(self, name: str) -> Part:
        """The part of that name; `worker` is each worker by turns."""
        if name == "worker":
            return min(self.workers, key=lambda worker: worker.deaths)
        return {"postgres": self.postgres, "disk": self.postgres, "temporal": self.temporal, "smtp": self.relay}[name]

    @property
    def all(self) -> list[Part]:
        """Each of them."""
        return [self.postgres, self.temporal, self.relay, *self.workers]


@dataclass(frozen=True)
class Played:
    """What came of a run."""

    books: Balance
    strokes: Strokes
    struck: int
    """How many of the planned strikes happened."""
    seconds: float
    hits: dict[str, int]
    """Mails and connections that met each fault."""
    restarts: int
    """How often workers ended by themselves and were started again."""
    mails: tuple[ledger.Mail, ...]
    """The ledger's rows."""


@contextlib.asynccontextmanager
async def running(stage: Stage) -> AsyncGenerator[Parts]:
    """All parts, the journeys published, until the block ends."""
    folder = stage.folder
    postgres = (
        Server("postgres", LocalPostgres(folder / "postgres"))
        if stage.disk_mb is None
        else SmallDisk(folder, stage.disk_mb)
    )
    temporal = LocalTemporal(folder / "temporal", in_memory=stage.in_memory)
    relay = RelayPart(folder)
    parts = Parts(postgres, Server("temporal", temporal), relay, [], Settings())
    try:
        await asyncio.gather(*(part.start() for part in parts.all))
        await server.ensure_database(postgres.url())
        await migrate(postgres.url())
        parts.settings = Settings.model_validate(
            {
                "database_url": postgres.url(), "temporal_address": temporal.address, "smtp_url": relay.url,
                "temporal_namespace": "default", "state": folder / "state", "maintenance_every_s": 2,
                # Minutes become seconds, so that what a dead worker held is free before the run ends.
                "smtp_dot_s": 6, "smtp_retry_s": 3, "claim_lease_s": 30, **stage.settings,
            }
        )  # fmt: skip
        async with opened(parts.settings) as house:
            await hurry.publish(house.db, stage.publishes, day=stage.day, at=house.now() - timedelta(days=1))
        for no in range(1, stage.workers + 1):
            log = folder / f"worker-{no}.log"
            parts.workers.append(Command(f"worker-{no}", ["worker.py"], env=environment(parts.settings), log=log))
            await parts.workers[-1].start()
        yield parts
    finally:
        await asyncio.gather(*(worker.stop() for worker in parts.workers))
        await asyncio.gather(*(part.stop() for part in (parts.postgres, parts.temporal, parts.relay)))


def environment(settings: Settings) -> dict[str, str]:
    """The settings for a process of its own."""
    named = {"database_url", "temporal_address", "temporal_namespace", "smtp_url"}
    told = settings.model_dump(exclude_unset=True, mode="json")
    return {name.upper() if name in named else f"LEADLOOM_{name.upper()}": str(value) for name, value in told.items()}


async def play(stage: Stage, strikes: list[Strike]) -> Played:
    """Run it all to its end, or until nothing moves any more; then close the books."""
    began = time.monotonic()
    async with running(stage) as parts:
        told = await intake.bring_in(environment(parts.settings), stage.leads)
        watched = Watched(parts.relay.log_file)
        breaking = Breaking(parts, watched, strikes, expected=told.mails)
        striking = asyncio.create_task(breaking.strike())
        try:
            await _until_ended(parts, watched, breaking, stage.idle_limit)
        finally:
            striking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await striking
        await breaking.everything_up()
        watched.look()
        rows = await ledger.read(
            parts.settings.database_url or "", journey=hurry.JOURNEY,
            secret=parts.settings.message_id_secret(), domain=hurry.MAILED_FROM,
        )  # fmt: skip
        strokes = Strokes(
            kills={part.name: part.deaths for part in parts.all}, lost_replies=watched.lost_replies(),
            connections=parts.settings.smtp_connections, workers=stage.workers,
        )  # fmt: skip
        books = balance(rows, watched.accepted, strokes=strokes, said_no=who_said_no(stage.leads))
        hits: dict[str, int] = {}
        for hit in watched.hits:
            hits[hit.fault] = hits.get(hit.fault, 0) + 1
        restarts = sum(worker.ended_itself for worker in parts.workers)
        return Played(books, strokes, breaking.done, time.monotonic() - began, hits, restarts, rows.mails)


class Breaking:
    """Lets each strike happen at its mail; a part that was killed comes back after its while."""

    def __init__(self, parts: Parts, watched: Watched, strikes: list[Strike], *, expected: int) -> None:
        self._parts, self._watched, self._strikes, self._expected = parts, watched, strikes, expected
        self._coming_back: set[asyncio.Task[None]] = set()
        self._down: dict[str, asyncio.Task[None]] = {}
        self.done = 0
        self.last = ""

    @property
    def planned(self) -> int:
        """How many strikes there are in all."""
        return len(self._strikes)

    async def strike(self) -> None:
        """All of them, each at its place."""
        for strike in self._strikes:
            while self._watched.look() < strike.after * self._expected:
                await asyncio.sleep(_LOOKS_EVERY)
            await asyncio.sleep(strike.phase_s)
            await self._do(strike.what)
            self.done += 1

    async def _do(self, what: Kill | Order) -> None:
        if isinstance(what, Order):
            self.last = what.fault or ""
            self._parts.relay.order(what)
            return
        part = self._parts.named(what.part)
        if (down := self._down.get(part.name)) is not None:
            await down  # a part is killed while it runs
        if what.between_claim_and_mark:
            await self._hold_at_354()
        self.last = f"kill {part.name}"
        await part.die()
        self._down[part.name] = asyncio.create_task(self._back(part, what.down_s))

    async def _hold_at_354(self) -> None:
        """Return when mails stand between their claim and their mark, for a second."""
        before = len(self._watched.hits)
        self._parts.relay.order(Order(fault=Fault.HOLD_354, mails=self._parts.settings.smtp_connections))
        while not any(hit.fault is Fault.HOLD_354 for hit in self._watched.hits[before:]):
            await asyncio.sleep(_LOOKS_EVERY)
            self._watched.look()

    async def _back(self, part: Part, after: float) -> None:
        await asyncio.sleep(after)
        while True:
            try:
                return await part.start()
            except Unreachable as slow:
                # A machine that is busy otherwise: a supervisor tries again, too.
                print(f"{part.name} again: {slow}"[:300], file=sys.stderr, flush=True)
                await part.stop()

    async def everything_up(self) -> None:
        """Wait for whoever is still coming back."""
        await asyncio.gather(*self._down.values())


async def _until_ended(parts: Parts, watched: Watched, breaking: Breaking, idle_limit: float) -> None:
    """Return when nothing is open and all strikes have happened, or when nothing has changed for too long."""
    before: object = None
    changed = told = began = time.monotonic()
    while True:
        accepted, now = watched.look(), time.monotonic()
        found = await ledger.still_open(parts.settings.database_url or "")
        if found is not None and found.nothing and found.enrolled:
            return
        if (state := (accepted, found, breaking.done)) != before and found is not None:
            before, changed = state, now
        if now - changed > idle_limit:
            return
        if now - told >= _TELLS_EVERY:
            told = now
            _tell(now - began, accepted, found, breaking)
        await asyncio.sleep(0.5)


def _tell(seconds: float, accepted: int, found: Open | None, breaking: Breaking) -> None:
    where = "Postgres is away" if found is None else f"{found.runs} runs and {found.mails} mails open"
    print(
        f"{seconds:5.0f} s · {accepted} mails accepted · {where} · {breaking.done} of {breaking.planned} strikes"
        + (f" ({breaking.last})" if breaking.last else ""),
        file=sys.stderr,
        flush=True,
    )
