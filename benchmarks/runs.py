"""What does a lead's run cost beside a bare workflow of the same shape that sends nothing?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from temporalio.client import Client

from benchmarks import _bare_runs, _leads
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Sink, Stand, publish_journey
from leadloom.domain.journeys.progress import begin
from leadloom.domain.journeys.runs import Enrol
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.domain.wake import NURTURE
from leadloom.runtime.settings import Settings
from leadloom.runtime.temporal import connect
from leadloom.runtime.wiring import House
from leadloom.store import lanes, leads, published, runs, totals

QUESTION = "(a) Leads through 3 mails and 2 short waits, from enrolment to the last mail in the SMTP sink"
TARGETS = (
    Target("history events a run", at_most=24),
    Target("state transitions a run", at_most=12),
    Target("rate: ours / bare workflow", at_least=0.75),
    Target("CPU a mail, all processes: ours / bare workflow", at_most=1.4),
)

MAILS = 3
WAIT_S = 2.0
_AT_ONCE = 8
"""Calls in flight while enrolling: our relay's number, for both."""
_PAGE = 200
"""Leads enrolled in one transaction."""
_LANES_PER_SECOND = 2000.0
"""The lanes' own rate must not be what is measured."""

JOURNEY = f"""
name: three-letters
purpose: Three letters and two waits, whose cost is a promise.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {{events: [promoter_told]}}
steps:
  - {{do: send, id: first, mail: letter, class: service}}
  - {{do: wait, id: one, for: {WAIT_S / 60}m}}
  - {{do: send, id: second, mail: letter, class: service}}
  - {{do: wait, id: two, for: {WAIT_S / 60}m}}
  - {{do: send, id: third, mail: letter, class: service}}
"""


@dataclass(frozen=True)
class Passed:
    """One side of the comparison, for all its leads."""

    leads: int
    took_s: float
    cpu_s: Cpu
    events: float
    """History events a run."""
    transitions: float
    notes: tuple[str, ...] = ()
    beside: Mapping[str, float] | None = None


async def measure(stand: Stand, size: Size) -> Measured:
    """Bare, ours, bare: what the machine does meanwhile falls on both."""
    count = size.pick(quick=100, full=1000)
    first = await bare(stand, count)
    us = await ours(stand, count)
    second = await bare(stand, count)
    took_s = (first.took_s + second.took_s) / 2
    floor_cpu = {name: (first.cpu_s[name] + second.cpu_s[name]) / 2 for name in first.cpu_s}
    mails = count * MAILS
    ours_cpu, bare_cpu = a_unit(us.cpu_s, mails), a_unit(floor_cpu, mails)
    return Measured(
        rows=(
            Row(
                what=f"{count} leads, {MAILS} mails and 2 waits of {WAIT_S:g} s each",
                unit="mail",
                ours_per_s=mails / us.took_s,
                floor="a bare workflow of the same waits that sends nothing; a third of it for each mail",
                floor_per_s=mails / took_s,
                ours_cpu_ms=ours_cpu,
                floor_cpu_ms=bare_cpu,
            ),
        ),
        figures={
            "history events a run": us.events,
            "state transitions a run": us.transitions,
            "rate: ours / bare workflow": took_s / us.took_s,
            "CPU a mail, all processes: ours / bare workflow": sum(ours_cpu.values()) / sum(bare_cpu.values()),
            "history events a bare run": first.events,
            "state transitions a bare run": first.transitions,
            **(us.beside or {}),
        },
        notes=us.notes,
    )


async def bare(stand: Stand, count: int) -> Passed:
    """The floor on a server of its own."""
    async with stand.temporal() as temporal:
        client = await client_of(temporal.address)
        async with stand.bare_worker(temporal.address, "benchmarks._bare_runs:BareRun"):
            await _bare_runs.start(client, 10, 0.1, at_once=_AT_ONCE)  # warm
            await _bare_runs.all_ended(client, 10)
            before, began = stand.cpu(), time.monotonic()
            await _bare_runs.start(client, count, WAIT_S, at_once=_AT_ONCE, first=10)
            await _bare_runs.all_ended(client, count + 10)
            took_s, cpu_s = time.monotonic() - began, stand.cpu_since(before)
        events, transitions = await cost_of(client, [f"bare/{no}" for no in range(10, 60)])
        return Passed(count, took_s, {**cpu_s, "postgres": 0.0, "sink": 0.0}, events, transitions)


async def ours(stand: Stand, count: int) -> Passed:
    """The same through everything we are."""
    async with (
        stand.database() as url,
        stand.temporal() as temporal,
        stand.sink() as sink,
        stand.house(url, temporal=temporal, sink=sink, smtp_connections=8) as house,
        stand.worker(house.settings),
    ):
        await publish_journey(house, JOURNEY, mails_like="welcome-four-degrees/deliver-guide")
        await open_lanes(house)
        there = await _leads.made(url, count + 10, at=house.now())
        await _passed(house, sink, there[count:], 10 * MAILS)  # warm
        before, began = stand.cpu(), time.time()
        last = await _passed(house, sink, there[:count], (count + 10) * MAILS)
        cpu_s = stand.cpu_since(before)
        client = await client_of(temporal.address)
        ids = [run_name(lead_id, "three-letters") for lead_id in there[:50]]
        events, transitions = await cost_of(client, ids)
        notes = (f"mails twice: {await twice(sink)}",)
        return Passed(count, last - began, cpu_s, events, transitions, notes, await _beside(house, client, count + 10))


async def _passed(house: House, sink: Sink, who: Sequence[LeadId], mails: int) -> float:
    """Enrol them, and return when everything is settled; Unix time of the last dot."""
    await enrol(house, who, journey="three-letters")
    return await settled(house, sink, mails)


async def settled(house: House, sink: Sink, mails: int) -> float:
    """Return when so many mails have come and every row says so; Unix time of the last dot."""
    last = await sink.wait(mails)
    while await _unsettled(house):
        await asyncio.sleep(0.1)
    return last


async def enrol(house: House, who: Sequence[LeadId], *, journey: str, page: int = _PAGE) -> list[EnrolmentId]:
    """Put leads into a journey a page at a time, as a campaign does: rows first, workflows at the commit."""
    at, found = house.now(), list[EnrolmentId]()
    for first in range(0, len(who), page):
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            body = next(each for each in book.journeys if each.journey.name == journey)
            orders = [
                (
                    lead_id,
                    Enrol(
                        journey=journey, journey_hash=body.hash, workflow=NURTURE, key="once", entered_by="benchmark",
                        prospect=False, progress=begin(body.journey, at, 0),
                    ),
                )
                for lead_id in who[first : first + page]
            ]  # fmt: skip
            found += await runs.enter(tx, orders, companies=dict.fromkeys(who), book=book, at=at)
    return found


async def open_lanes(house: House, per_second: float = _LANES_PER_SECOND) -> None:
    """Give every lane this rate before it is used."""
    async with house.db.transaction() as tx:
        for shard in range(lanes.SHARDS):
            lane = lanes.lane_of(UUID(int=shard))
            await lanes.ensure(tx, lane)
            await lanes.set_rate(tx, lane, per_second=per_second)


async def twice(sink: Sink) -> int:
    """How many mails came more often than they should."""
    heard: dict[str, int] = {}
    for recipient, _ in await sink.mails():
        heard[recipient] = heard.get(recipient, 0) + 1
    return sum(max(0, times - MAILS) for times in heard.values())


async def cost_of(client: Client, ids: Sequence[str]) -> tuple[float, float]:
    """Mean history events and state transitions of these workflows, as the server counts them."""
    events = transitions = 0
    for workflow_id in ids:
        told = (await client.get_workflow_handle(workflow_id).describe()).raw_description.workflow_execution_info
        events += told.history_length
        transitions += told.state_transition_count
    return events / len(ids), transitions / len(ids)


def run_name(lead_id: LeadId, journey: str) -> str:
    """The workflow id of a lead's run that `enrol` began."""
    return f"run/{runs.run_id(lead_id, journey, 'once')}"


async def history_bytes(client: Client, ids: Sequence[str]) -> float:
    """Mean size of the histories of these workflows, as the server counts it."""
    told = [(await client.get_workflow_handle(each).describe()).raw_description for each in ids]
    return sum(each.workflow_execution_info.history_size_bytes for each in told) / len(told)


async def _beside(house: House, client: Client, no: int) -> dict[str, float]:
    """What a lead who asks for a call costs besides: its lifecycle, and its hand-off until it is accepted."""
    at = house.now()
    event = EventDraft(kind="call_requested", at=at, key="asked", actor="lead")
    async with house.db.transaction() as tx:
        book = await published.book(tx)
        who = await leads.capture(tx, _leads.draft(no, at, events=(event,)), book=book, at=at, actor="lead")
    await asyncio.sleep(2)
    offered = [each.id async for each in client.list_workflows("WorkflowType = 'HandOff'")]
    lifecycle, hand_off = await cost_of(client, [f"lead/{who.lead_id}"]), await cost_of(client, offered)
    return {
        "history events of a lifecycle that holds its first clocks": lifecycle[0],
        "state transitions of it": lifecycle[1],
        "history events of a hand-off that is offered": hand_off[0],
        "state transitions of that hand-off": hand_off[1],
    }


async def _unsettled(house: House) -> bool:
    async with house.db.read() as tx:
        return any(status != "sent" for status in (await totals.read(tx)).mails)


async def client_of(address: str) -> Client:
    """A client as ours is."""
    return await connect(Settings(temporal_address=address, temporal_namespace="default"))
