"""Does a lead cost the same when there are many? Cost, history and memory at three sizes of one house."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import _crowd, _leads, runs
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Sink, Stand, publish_journey
from leadloom.domain.model import LeadId
from leadloom.runtime.wiring import House

QUESTION = "What a lead costs at 1,000, 10,000 and 50,000 leads: CPU, rows on disk, history, memory of a waiting run"
TARGETS = (Target("CPU a lead: largest / smallest size", at_most=1.25),)

_LETTERS, _PATIENT = "three-letters", "patient"
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
_SOURCES = 20
"""Leads that the crowd is copied from; each has a letter behind it and waits."""


@dataclass(frozen=True)
class At:
    """What a lead cost with so many others there."""

    leads: int
    cpu_s: Cpu
    measured: int
    disk_bytes: float
    """What each of them left in Postgres, indexes and dead rows included."""

    @property
    def cpu_ms(self) -> float:
        """CPU a lead, all processes."""
        return 1000 * sum(self.cpu_s.values()) / self.measured


async def measure(stand: Stand, size: Size) -> Measured:
    """Three times: fill the house with copies, then let fresh leads through three mails and two waits."""
    levels = (100, 500) if size.quick else (1_000, 10_000, 50_000)
    batch = size.pick(quick=30, full=300)
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink, smtp_connections=8) as house,
        stand.worker(house.settings) as _,
    ):
        await publish_journey(house, runs.JOURNEY, mails_like="welcome-four-degrees/deliver-guide")
        await publish_journey(house, JOURNEY, mails_like="welcome-four-degrees/deliver-guide")
        await runs.open_lanes(house)
        there = await _leads.made(url, _SOURCES + batch * len(levels), at=house.now())
        sources, rest = there[:_SOURCES], there[_SOURCES:]
        await runs.enrol(house, sources, journey=_PATIENT)
        await runs.settled(house, sink, _SOURCES)
        found: list[At] = []
        copied = 0
        for place, level in enumerate(levels):
            wanted = level // _SOURCES
            await _crowd.copy(url, sources, wanted - copied, first=copied)
            copied = wanted
            found.append(await _one(stand, house, sink, url, rest[place * batch : (place + 1) * batch], level))
        memory = await _memory(stand, house, rest[:batch], sink)
        client = await runs.client_of(temporal.address)
        history = await runs.history_bytes(client, [runs.run_name(lead, _LETTERS) for lead in rest[:50]])
    return _told(found, history, memory)


async def _one(stand: Stand, house: House, sink: Sink, url: str, who: Sequence[LeadId], level: int) -> At:
    mails, bytes_before, before = await sink.count(), await _crowd.size_bytes(url), stand.cpu()
    await runs.enrol(house, who, journey=_LETTERS)
    await runs.settled(house, sink, mails + runs.MAILS * len(who))
    cpu_s = stand.cpu_since(before)
    grown = await _crowd.size_bytes(url) - bytes_before
    return At(level, cpu_s, len(who), grown / len(who))


async def _memory(stand: Stand, house: House, who: Sequence[LeadId], sink: Sink) -> float:
    """Resident bytes a waiting run adds to a worker that keeps it in its cache."""
    mails, before = await sink.count(), stand.memory("worker")
    await runs.enrol(house, who, journey=_PATIENT)
    await runs.settled(house, sink, mails + len(who))
    await asyncio.sleep(1)
    return (stand.memory("worker") - before) / len(who)


def _told(found: Sequence[At], history: float, memory: float) -> Measured:
    rows = tuple(
        Row(what=f"with {at.leads:,} leads there", unit="lead", ours_cpu_ms=a_unit(at.cpu_s, at.measured))
        for at in found
    )
    disk = {f"Postgres bytes a lead at {at.leads:,}": at.disk_bytes for at in found}
    return Measured(
        rows=rows,
        figures={
            "CPU a lead: largest / smallest size": found[-1].cpu_ms / found[0].cpu_ms,
            "history bytes a lead (3 mails, 2 waits)": history,
            "worker bytes a waiting run in its cache": memory,
            **disk,
        },
        notes=(
            f"the crowd is copied rows of leads that got a mail and wait; {found[0].measured} fresh leads are measured "
            "in each crowd, through 3 mails and 2 waits; the crowd's own workflows are not open in Temporal",
        ),
    )
