"""Does a lead cost the same when there are many? Cost, history and memory of the next leads at three sizes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import _crowd, _leads, _letters, runs
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Sink, Stand, publish_journey
from benchmarks._waiting import Rows, none_left, rows_of
from leadloom.domain.model import LeadId
from leadloom.runtime.local.temporal import LocalTemporal
from leadloom.runtime.wiring import House

QUESTION = "What the next lead costs at 1,000, 10,000 and 50,000 leads: CPU, rows, history, memory of a waiting run"
CPU, HISTORY, MEMORY, CAPTURE = (
    f"{what}: largest / smallest size"
    for what in ("CPU a lead", "history bytes a lead", "worker memory a waiting run", "CPU a lead captured in bulk")
)
TARGETS = (
    Target(CPU, at_most=1.25),
    Target(HISTORY, at_most=1.05),
    Target(MEMORY, at_most=1.25),
    Target(CAPTURE, at_most=1.25),
)

_THREE, _PATIENT = "three-letters", "patient"
JOURNEY = f"""
name: {_PATIENT}
purpose: A letter and a long wait, for those who are there while others are measured.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {{events: [exploring_told]}}
steps:
  - {{do: send, id: first, mail: letter, class: service}}
  - {{do: wait, id: long, for: 30d}}
"""
_MAILS_LIKE = "welcome-four-degrees/deliver-guide"
UNSENT = "SELECT count(*) FROM message WHERE status <> 'sent' AND step <> 'letter'"
"""Mails of those who are measured that have not gone, or whose row doesn't say so yet."""
_CAPTURED = 10
"""Batches that are captured, of which three live through something: CPU is counted in hundredths of a second."""
_REAPED_S = 0.5
"""Until Postgres has counted what a connection used that was closed just now."""
_LONGEST_S = 180.0
"""For a batch to be through: ten seconds are usual."""


@dataclass(frozen=True)
class Batch:
    """Fresh leads of one size, by what is done with them."""

    warm: Sequence[LeadId]
    """A worker's first runs cost more than those after them."""
    wait: Sequence[LeadId]
    pass_through: Sequence[LeadId]


@dataclass(frozen=True)
class At:
    """What the next lead cost with so many others there."""

    leads: int
    measured: int
    cpu_s: Cpu
    """Three mails and two waits, all of them."""
    captured_s: Cpu
    """Writing as many through the bulk path."""
    disk_bytes: float
    """What each of them left in Postgres, indexes and dead rows included."""
    history_bytes: float
    """What each of them left in Temporal."""
    memory_bytes: float
    """What each run that waits takes in a worker that keeps it in its cache."""


async def measure(stand: Stand, size: Size) -> Measured:
    """Three times: let the crowd grow, then measure the next leads with a worker that has just begun."""
    levels = (100, 500) if size.quick else (1_000, 10_000, 50_000)
    batch = size.pick(quick=30, full=300)
    found: list[At] = []
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink, smtp_connections=8) as house,
        rows_of(url) as rows,
    ):
        await publish_journey(house, _letters.JOURNEY, mails_like=_letters.LETTER)
        for journey in (runs.JOURNEY, JOURNEY):
            await publish_journey(house, journey, mails_like=_MAILS_LIKE)
        await runs.open_lanes(house)
        there = 0
        for level in levels:
            await _crowd.grown(house, url, to=level, there=there)
            house_now = _House(stand, house, url, temporal, sink, rows)
            found.append(await house_now.at(level, batch))
            # The next crowd goes on behind those who were measured.
            there = level + _CAPTURED * batch
    return _told(found)


@dataclass(frozen=True)
class _House:
    """What is measured, and with what."""

    stand: Stand
    house: House
    url: str
    temporal: LocalTemporal
    sink: Sink
    rows: Rows

    async def at(self, level: int, batch: int) -> At:
        """The next leads, numbered from `level`."""
        stand, before = self.stand, self.stand.cpu()
        fresh = await _leads.made(self.url, _CAPTURED * batch, at=self.house.now(), first=level)
        await asyncio.sleep(_REAPED_S)
        captured_s = stand.cpu_since(before)
        warm, wait, through = (fresh[part * batch : (part + 1) * batch] for part in range(3))
        async with stand.worker(self.house.settings):
            await self._pass(warm[: batch // 2], _THREE, runs.MAILS)
            await self._pass(warm[batch // 2 :], _PATIENT, 1)
            memory = stand.memory("worker")
            await self._pass(wait, _PATIENT, 1)
            memory = stand.memory("worker") - memory
            bytes_before, before = await _crowd.size_bytes(self.url), stand.cpu()
            await self._pass(through, _THREE, runs.MAILS)
            cpu_s, grown = stand.cpu_since(before), await _crowd.size_bytes(self.url) - bytes_before
        client = await runs.client_of(self.temporal.address)
        history = await runs.history_bytes(client, [runs.run_name(lead, _THREE) for lead in through[:50]])
        each = {name: used / _CAPTURED for name, used in captured_s.items()}
        return At(level, batch, cpu_s, each, grown / batch, history, memory / batch)

    async def _pass(self, who: Sequence[LeadId], journey: str, mails: int) -> None:
        """Enrol them; return when all their mails have come and every row says so."""
        wanted = await self.sink.count() + mails * len(who)

        async def to_come() -> int:
            return wanted - await self.sink.count()

        await runs.enrol(self.house, who, journey=journey)
        await none_left(f"mails of {journey}", to_come, within_s=_LONGEST_S)
        await self.rows.none_left("mails to settle", UNSENT, within_s=_LONGEST_S)


def _told(found: Sequence[At]) -> Measured:
    costs = [(f"three letters, with {at.leads:,} leads there", at.cpu_s, at.measured) for at in found]
    costs += [(f"captured, with {at.leads:,} leads there", at.captured_s, at.measured) for at in found]
    rows = [Row(what=what, unit="lead", ours_cpu_ms=a_unit(cpu_s, count)) for what, cpu_s, count in costs]
    first, last = found[0], found[-1]
    figures = {
        CPU: sum(last.cpu_s.values()) / sum(first.cpu_s.values()),
        HISTORY: last.history_bytes / first.history_bytes,
        MEMORY: last.memory_bytes / first.memory_bytes,
        CAPTURE: sum(last.captured_s.values()) / sum(first.captured_s.values()),
    }
    for at in found:
        figures[f"history bytes a lead at {at.leads:,}"] = at.history_bytes
        figures[f"worker bytes a waiting run at {at.leads:,}"] = at.memory_bytes
        figures[f"Postgres bytes a lead at {at.leads:,}"] = at.disk_bytes
    note = (
        f"{first.measured} fresh leads of each kind in each crowd; the crowd came in through the bulk write path, each "
        "with a run and a letter planned in a month; its workflows are not open in Temporal"
    )
    return Measured(rows=tuple(rows), figures=figures, notes=(note,))
