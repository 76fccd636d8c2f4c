"""Does a list of a million rows come in with flat memory, whole and once, although its process is killed midway?"""

from __future__ import annotations

import asyncio
import csv
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks._measured import Measured, Row, Size, Target
from benchmarks._stand import Stand, cpu_seconds

QUESTION = "(g) A list of a million rows: memory over time, a kill in the middle, and the same file again"
GROWTH = "MB the importing process grew by from a tenth of the file to its end"
LOST, TWICE, NEWS = "people missing", "people twice", "new or changed by the same file again"
TARGETS = (
    Target(GROWTH, at_most=32), Target(LOST, at_most=0), Target(TWICE, at_most=0), Target(NEWS, at_most=0),
)  # fmt: skip

_BAD_EVERY, _AGAIN_EVERY = 1000, 500
"""A row without an address, and one that tells of somebody who stands a few rows above."""
_LOOK_EVERY_S = 1.0


async def measure(stand: Stand, size: Size) -> Measured:
    """The import of an operator's command line in a process of its own, looked at from outside."""
    count = size.pick(quick=20_000, full=1_000_000)
    path, people = written(stand.folder / "million.csv", count)
    async with stand.database() as url, stand.house(url, temporal=None, sink=None):
        began = time.monotonic()
        killed = await brought_in(stand, url, path, until=count // 2)
        resumed = await brought_in(stand, url, path)
        took_s = time.monotonic() - began
        again = await brought_in(stand, url, path)
        found = await kept(url)
    memory = {**killed.memory, **resumed.memory}
    early = max(used for row, used in memory.items() if row <= count // 10)
    told, twice = resumed.told, again.told
    return Measured(
        rows=(Row(what=f"{count:,} rows, {people:,} people, killed once", unit="row", ours_per_s=count / took_s),),
        figures={
            GROWTH: round(max(memory.values()) - early, 1),
            LOST: people - found["leads"],
            TWICE: found["leads"] - found["addresses"],
            NEWS: twice["new"] + twice["changed"],
            "rows settled when it was killed": killed.row,
            "rows refused": told["refused"],
            "rows unaccounted for": count - sum(told[name] for name in ("new", "changed", "unchanged", "refused")),
            "MB at its largest": round(max(memory.values()), 1),
        },
        notes=(
            "MB by rows settled: " + curve(memory),
            "the same file again, MB: " + curve(again.memory),
            f"CPU of the second process: {1e6 * resumed.cpu_s / count:.0f} µs a row of the whole file",
        ),
    )


def written(path: Path, count: int) -> tuple[Path, int]:
    """The list, and how many people it names."""
    people = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("Email", "First Name", "Last Name", "Company", "Country", "Job Title", "Created Date", "Hall"))
        for no in range(count):
            bad, again = no % _BAD_EVERY == 7, no % _AGAIN_EVERY == 250
            who = no - 3 if again else no
            people += not bad and not again
            address = "nobody at home" if bad else f"p{who}@c{who // 3}.example"
            rows.writerow((address, f"Ana{who}", "Torres", f"Company {who // 3}", ("US", "GB", "SE")[who % 3],
                           "Head of quality", f"2026-01-{who % 28 + 1:02}", who % 9))  # fmt: skip
    return path, people


class _Process:
    """One run of the command: what it told, how far it came, and its memory on the way."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.memory: dict[int, float] = {}
        """Rows settled → MB resident."""
        self.row = 0
        self.cpu_s = 0.0


async def brought_in(stand: Stand, url: str, path: Path, *, until: int | None = None) -> _Process:
    """`leads import` to its end, or killed when so many rows are settled."""
    ran, command = _Process(), [sys.executable, "starter.py", "leads", "import", str(path), "--json"]
    told = {"DATABASE_URL": url, "LEADLOOM_STATE": str(stand.folder), "LEADLOOM_BY": "benchmark"}
    async with stand.process("import", command, env=told) as process:
        assert process.stdout is not None
        answer = asyncio.create_task(process.stdout.read())
        async for row in _rows_settled(url, process):
            ran.row, ran.memory[row] = row, stand.memory("import") / 2**20
            ran.cpu_s = cpu_seconds(process.pid)
            if until is not None and row >= until:
                process.send_signal(signal.SIGKILL)
                break
        await process.wait()
        said = await answer
    if until is None:
        ran.told = json.loads(said)
    return ran


async def _rows_settled(url: str, process: asyncio.subprocess.Process) -> AsyncIterator[int]:
    connection = await asyncpg.connect(url)
    try:
        while process.returncode is None:
            row = await connection.fetchval(
                "SELECT max(row_no) FROM import_row WHERE import_id ="
                " (SELECT import_id FROM import WHERE finished_at IS NULL ORDER BY started_at DESC LIMIT 1)"
            )
            if row is not None:
                yield row
            await asyncio.sleep(_LOOK_EVERY_S)
    finally:
        await connection.close()


async def kept(url: str) -> dict[str, int]:
    """Who is there in the end."""
    connection = await asyncpg.connect(url)
    row = await connection.fetchrow("SELECT count(*) AS leads, count(DISTINCT email) AS addresses FROM lead")
    await connection.close()
    return dict(row or {})


def curve(memory: dict[int, float], points: int = 12) -> str:
    """The memory at about so many points, evenly over the rows."""
    rows = sorted(memory)
    step = max(1, len(rows) // points)
    return ", ".join(f"{row // 1000}k {memory[row]:.0f}" for row in [*rows[::step], rows[-1]]) if rows else "–"
