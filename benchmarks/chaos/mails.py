"""The crash table of `make chaos-mail`: is a mail sent once, whatever dies between its claim and its outcome?

Letters that are due in the lanes, and nothing else: no journeys move. Each row is a stage of its own, where one kind of
thing breaks; the relay's log on disk says what it accepted, the rows are read from outside our code, and what nobody
knows must stand in `mail uncertain list`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from benchmarks import _leads, _letters
from benchmarks._entered import entered
from benchmarks._stand import publish_journey
from benchmarks.chaos import intake, ledger
from benchmarks.chaos.balance import Balance, Strokes, balance
from benchmarks.chaos.relay_log import BREAKS, Fault, Watched
from benchmarks.chaos.story import Breaking, Parts, Stage, environment, running
from benchmarks.chaos.strikes import Kill, Strike, plan
from leadloom.domain.errors import Unreachable
from leadloom.domain.model import Value
from leadloom.runtime.wiring import opened
from leadloom.store import lanes
from leadloom.store.db import Db

CONNECTIONS = 8
WORKERS = 2
_PER_SECOND = 100.0
"""Of each lane: so fast that connections are busy, so slow that a part is back before the mails are over."""
_DOMAIN = "kelvance.example"
_DISK_MB = 400
_STILL = 120.0
"""Seconds without any change after which what is open is called lost."""
CRASH_FAULTS = tuple(fault for fault in BREAKS if fault is not Fault.REFUSE)
"""The five of mail.md §4: lost before 354, closed mid-body, lost after the dot, silence, and 451."""


@dataclass(frozen=True)
class Row:
    """A kind of trouble, and what it is made of."""

    what: str
    strikes: tuple[Strike, ...]
    disk_mb: int | None = None


class Crashed(NamedTuple):
    """A row of the table."""

    row: Row
    books: Balance
    strokes: Strokes
    struck: int
    unlisted: int
    """Uncertain mails the command line doesn't list, and mails it lists that aren't uncertain."""
    seconds: float

    @property
    def faults(self) -> list[str]:
        """Which promises were broken."""
        found = list(self.books.faults)
        if self.unlisted:
            found.append(f"{self.unlisted} uncertain mails are not listed by `mail uncertain list`")
        if self.struck < len(self.row.strikes):
            found.append(f"only {self.struck} of {len(self.row.strikes)} strikes happened")
        return [f"{self.row.what}: {each}" for each in found]


def rows(*, kills: int, times: int, seed: int) -> list[Row]:
    """The table's rows; `kills` of workers, each fault of the relay `times` times in as many mails."""

    def struck(parts: Sequence[str], faults: Sequence[Fault], *, kills: int = kills) -> tuple[Strike, ...]:
        return tuple(plan(seed, parts=parts, kills=kills, faults=faults, times=times))

    few = max(2, kills // 4)
    return [
        Row("workers killed", struck(["worker"], ())),
        Row("replies lost, the five faults", struck((), CRASH_FAULTS)),
        Row("both", struck(["worker"], CRASH_FAULTS)),
        Row("Postgres killed between claim and mark", tuple(map(_at_354, struck(["postgres"], (), kills=few)))),
        Row("a full disk", tuple(map(_for_longer, struck(["disk"], (), kills=few))), disk_mb=_DISK_MB),
    ]


def _at_354(strike: Strike) -> Strike:
    assert isinstance(strike.what, Kill)
    return strike.model_copy(update={"what": strike.what.model_copy(update={"between_claim_and_mark": True})})


def _for_longer(strike: Strike) -> Strike:
    """A disk stays full until somebody notices."""
    assert isinstance(strike.what, Kill)
    return strike.model_copy(update={"what": strike.what.model_copy(update={"down_s": 5.0})})


async def crash(folder: Path, row: Row, mails: int) -> Crashed:
    """Send that many mails while the row's trouble happens, to the end or until nothing moves; then count."""
    began = time.monotonic()
    settings: dict[str, object] = {"smtp_connections": CONNECTIONS // WORKERS, "claim_lease_s": 15}
    stage = Stage(folder=folder, leads=folder, workers=WORKERS, settings=settings, disk_mb=row.disk_mb)
    async with running(stage) as parts:
        await _planned(parts, mails)
        watched = Watched(parts.relay.log_file)
        breaking = Breaking(parts, watched, list(row.strikes), expected=mails)
        striking = asyncio.create_task(breaking.strike())
        await _until_settled(parts, watched, breaking, row.what)
        striking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await striking
        await breaking.everything_up()
        await _until_settled(parts, watched, breaking, row.what, strikes=breaking.done)
        return await _counted(parts, watched, row, breaking.done, mails, began)


async def _planned(parts: Parts, mails: int) -> None:
    """So many letters, due now, in lanes that an operator lets go when the last one is planned."""
    url = parts.settings.database_url or ""
    silent = await Db.open(url)
    try:
        async with opened(parts.settings) as house:
            await publish_journey(house, _letters.JOURNEY, mails_like=_letters.LETTER)
            names = [f"default/{no}" for no in range(lanes.SHARDS)]
            async with silent.transaction() as tx:
                for lane in names:
                    await lanes.ensure(tx, lane)
                    await lanes.set_rate(tx, lane, per_second=_PER_SECOND)
                    await lanes.pause(tx, lane, why="its mails are being planned")
            there = await _leads.made(url, mails, at=house.now())
            await entered(silent, there, journey=_letters.NAME, at=house.now())
            await _letters.asked(silent, there, [house.now()] * mails)
            async with house.db.transaction() as tx:
                for lane in names:
                    await lanes.resume(tx, lane)
    finally:
        await silent.close()


async def _until_settled(
    parts: Parts, watched: Watched, breaking: Breaking, what: str, *, strikes: int | None = None
) -> None:
    """Return when no mail is open and so many strikes (None: all) have happened, or nothing has changed for long."""
    strikes = breaking.planned if strikes is None else strikes
    before: object = None
    changed = told = time.monotonic()
    while True:
        accepted, now = watched.look(), time.monotonic()
        found = await ledger.still_open(parts.settings.database_url or "")
        if found is not None and not found.mails and breaking.done >= strikes:
            return
        if (state := (accepted, found and found.mails, breaking.done)) != before and found is not None:
            before, changed = state, now
        if now - changed > _STILL:
            return
        if now - told > 5:
            told = now
            where = "Postgres is away" if found is None else f"{found.mails} mails open"
            struck = f"{breaking.done} of {breaking.planned} strikes ({breaking.last})"
            rests = await ledger.resting(parts.settings.database_url or "")
            print(f"{what}: {accepted} accepted · {where} · {struck}{rests}", file=sys.stderr, flush=True)
        await asyncio.sleep(0.5)


async def _counted(parts: Parts, watched: Watched, row: Row, done: int, mails: int, began: float) -> Crashed:
    watched.look()
    read = await ledger.read(
        parts.settings.database_url or "", journey=_letters.NAME, secret=parts.settings.message_id_secret(),
        domain=_DOMAIN,
    )  # fmt: skip
    # The runs behind the letters wait a month on purpose, and Temporal knows none of them.
    of_mails = read.model_copy(update={"runs": (), "members": ()})
    strokes = Strokes(
        kills={part.name: part.deaths for part in parts.all}, lost_replies=watched.lost_replies(),
        connections=parts.settings.smtp_connections, workers=WORKERS,
    )  # fmt: skip
    books = balance(of_mails, watched.accepted, strokes=strokes)
    missing = mails - len(read.mails)
    if missing:
        books = books.model_copy(update={"lost": (*books.lost, *["no row says what became of it"] * missing)})
    unlisted = await _unlisted(parts, books)
    return Crashed(row, books, strokes, done, unlisted, time.monotonic() - began)


async def _unlisted(parts: Parts, books: Balance) -> int:
    said = json.loads(await intake.command(environment(parts.settings), "mail", "uncertain", "list", "--json"))
    listed = {row["lead_id"] for row in said}
    return len(listed ^ {mail.lead_id for mail in books.uncertain})


_HEAD = ("", "kills", "replies lost", "duplicates", "silent losses", "uncertain", "at most", "relay has", "listed")


def table(crashed: Sequence[Crashed], mails: int) -> str:
    """The table as mail.md §4 has it, one row for each kind of trouble; Markdown."""
    lines = [
        f"| {mails:,} mails, {CONNECTIONS} connections |" + "|".join(f" {name} " for name in _HEAD[1:]) + "|",
        "|---" * len(_HEAD) + "|",
    ]
    for each in crashed:
        books = each.books
        cells = (
            each.row.what, sum(each.strokes.kills.values()), each.strokes.lost_replies, len(books.twice),
            len(books.lost) + len(books.stuck) + len(books.unbooked), len(books.uncertain), books.most_uncertain,
            sum(mail.relay_has_it for mail in books.uncertain), "each" if not each.unlisted else f"not {each.unlisted}",
        )  # fmt: skip
        lines.append("|" + "|".join(f" {cell} " for cell in cells) + "|")
    return "\n".join(lines)


def listed(crashed: Sequence[Crashed]) -> str:
    """Each uncertain mail, and each broken promise with what it is about."""
    found: list[str] = []
    for each in crashed:
        books = each.books
        for name in ("twice", "lost", "stuck", "unbooked"):
            found += [f"{each.row.what}: {name}: {words}" for words in getattr(books, name)]
        found += [
            f"{each.row.what}: uncertain: lead {mail.lead_id}: {mail.why}; the relay "
            + ("has it" if mail.relay_has_it else "does not have it")
            for mail in books.uncertain
        ]
    return "\n".join(found)


class CrashRow(Value):
    """A row of the table, for machines."""

    what: str
    seconds: float
    faults: tuple[str, ...]
    strokes: Strokes
    balance: Balance


def for_machines(each: Crashed) -> dict[str, object]:
    """The row with everything it was counted from."""
    row = CrashRow(
        what=each.row.what, seconds=round(each.seconds, 1), faults=tuple(each.faults), strokes=each.strokes,
        balance=each.books,
    )  # fmt: skip
    return row.model_dump(mode="json", exclude={"balance": {"delivered", "unsure"}})


async def play(folder: Path, planned: Sequence[Row], mails: int) -> list[Crashed]:
    """All rows, one after the other. A disk that can't be made here leaves its row out, and says so."""
    crashed: list[Crashed] = []
    for no, row in enumerate(planned, 1):
        (folder / f"row-{no}").mkdir(parents=True, exist_ok=True)
        try:
            crashed.append(await crash(folder / f"row-{no}", row, mails))
        except Unreachable as why:
            if row.disk_mb is None:
                raise
            print(f"{row.what}: not tried, {why}", file=sys.stderr, flush=True)
            continue
        print(table(crashed[-1:], mails).splitlines()[-1], file=sys.stderr, flush=True)
    return crashed


def picked(all_rows: Sequence[Row], words: str) -> list[Row]:
    """Rows by number from 1, or `all`. Raises ValueError."""
    if words == "all":
        return list(all_rows)
    numbers = [int(word) for word in words.split(",")]
    if unknown := [number for number in numbers if not 1 <= number <= len(all_rows)]:
        raise ValueError(f"there are rows 1 to {len(all_rows)}, not {unknown}")
    return [replace(all_rows[number - 1]) for number in numbers]
