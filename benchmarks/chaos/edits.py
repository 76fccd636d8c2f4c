"""What does an edit of a journey do to the thousands who are in it, while workers and the publisher itself are killed?

For each kind of edit a journey of its own: so many runs, spread over all its steps, then the edit by a process that is
killed amid moving them, then worker after worker killed while they go on. Then the balance: no mail twice, nobody lost.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from random import Random

import asyncpg

from benchmarks.chaos import edit_books, edit_kinds, intake
from benchmarks.chaos.edit_books import MAIL_CLASS, Outcome, Played, line
from benchmarks.chaos.edit_kinds import Kind
from benchmarks.chaos.parts import ROOT
from benchmarks.chaos.relay_log import Watched
from benchmarks.chaos.story import Parts, Stage, environment, running
from benchmarks.runs import enrol, open_lanes
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.mails.template import TemplateBody
from leadloom.domain.model import LeadId
from leadloom.runtime.live_edits import edited
from leadloom.runtime.publishing import read_drafts
from leadloom.runtime.wiring import House, opened
from leadloom.store import publications, published

BY = "priya-nair"
_ENTRIES = 40
"""Leads come in so many pages, one after the other, until the first of them are at their last step."""
_IDLE_LIMIT = 300.0
"""Seconds without any change after which what is open is called stuck."""
_OPEN = """
SELECT (SELECT count(*) FROM enrolment WHERE journey = $1 AND status = 'active') AS runs,
       (SELECT count(*) FROM message m JOIN enrolment e ON e.enrolment_id = m.enrolment_id
         WHERE e.journey = $1 AND m.status IN ('reserved', 'deferred', 'claimed', 'at_dot', 'held')) AS mails,
       (SELECT count(*) FROM publication WHERE status = 'moving') AS moving
"""


async def play(stage: Stage, kinds: Sequence[Kind], *, kills: int, wait: timedelta, seed: int) -> list[Outcome]:
    """All kinds, one after the other, in one house; the same leads go through each journey."""
    found: list[Outcome] = []
    async with running(stage) as parts:
        await intake.import_list(environment(parts.settings), stage.leads)
        async with opened(parts.settings) as house:
            await open_lanes(house)
            for kind in kinds:
                found.append(await _edit(house, parts, kind, kills=kills, wait=wait, chance=Random(f"{seed}/{kind}")))
                print(line(found[-1]), flush=True)
    return found


def letters(journey: Journey) -> dict[str, TemplateBody]:
    """Something to send at each of its steps, in words of ours."""
    words = read_drafts().templates["welcome-four-degrees", "deliver-guide"]
    return dict.fromkeys(edit_kinds.mails_of(journey), words)


async def _edit(house: House, parts: Parts, kind: Kind, *, kills: int, wait: timedelta, chance: Random) -> Outcome:
    began, deaths = time.monotonic(), _deaths(parts)
    journey = edit_kinds.before(kind, wait=wait, mail_class=MAIL_CLASS)
    await _put_in_force(house, journey)
    leads = await _come_in(house, journey.name, spread=wait * 4)
    striking = asyncio.create_task(_kill_workers(parts, kills, over=wait * 4, chance=chance))
    pages = await _publish_and_be_killed(parts, kind, wait)
    await _until_nothing_is_open(house, journey.name)
    await striking
    watched = Watched(parts.relay.log_file)
    watched.look()
    async with house.db.read() as tx:
        [publication, *_] = await publications.of_journey(tx, journey.name)
    played = Played(
        kind=kind, wait=wait, leads=leads, pages_before_the_kill=pages, kills=_deaths(parts) - deaths,
        seconds=time.monotonic() - began,
    )  # fmt: skip
    proof = await edited(house.db, publication.publication_id)
    return await edit_books.close(played, proof, watched.accepted, parts.settings, len(parts.workers))


async def _put_in_force(house: House, journey: Journey) -> None:
    at = house.now()
    async with house.db.transaction() as tx:
        for mail, body in letters(journey).items():
            await published.publish_template(tx, journey.name, mail, body, at=at, by=BY)
        await published.publish_journey(tx, journey, at=at, by=BY)


async def _come_in(house: House, journey: str, *, spread: timedelta) -> int:
    """All leads enter, page by page over the journey's whole length: then every step has somebody."""
    rows = await _rows(house.settings.database_url or "", "SELECT lead_id FROM lead ORDER BY lead_id")
    who = [LeadId(row["lead_id"]) for row in rows]
    page = -(-len(who) // _ENTRIES)
    for first in range(0, len(who), page):
        began = time.monotonic()
        await enrol(house, who[first : first + page], journey=journey)
        await asyncio.sleep(max(0.0, spread.total_seconds() / _ENTRIES - (time.monotonic() - began)))
    return len(who)


async def _publish_and_be_killed(parts: Parts, kind: Kind, wait: timedelta) -> int:
    """Publish in a process of its own, and kill it after two pages; how many it had done. Nobody starts it again."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.chaos.publisher", kind, str(wait.total_seconds()), cwd=ROOT,
        env={**os.environ, **environment(parts.settings)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    pages = 0
    while pages < 2 and (said := await process.stdout.readline()):
        pages += said.startswith(b"page")
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    talk = await process.stderr.read()
    await process.wait()
    if not pages:
        raise RuntimeError(f"the publisher did nothing: {talk.decode()[-1500:]}")
    return pages


async def _kill_workers(parts: Parts, kills: int, *, over: timedelta, chance: Random) -> None:
    """So many SIGKILLs, at random moments of the time in which the runs are moved and go on."""
    moments = sorted(chance.uniform(0, over.total_seconds()) for _ in range(kills))
    began = time.monotonic()
    for moment in moments:
        await asyncio.sleep(max(0.0, moment - (time.monotonic() - began)))
        worker = parts.named("worker")
        await worker.die()
        await asyncio.sleep(chance.uniform(0.1, 2.0))
        await worker.start()


async def _until_nothing_is_open(house: House, journey: str) -> None:
    last, changed = None, time.monotonic()
    while True:
        [row] = await _rows(house.settings.database_url or "", _OPEN, journey)
        state = tuple(row)
        if not any(state):
            return
        if state != last:
            last, changed = state, time.monotonic()
        if time.monotonic() - changed > _IDLE_LIMIT:
            return  # the balance names who is stuck
        await asyncio.sleep(1)


def _deaths(parts: Parts) -> int:
    return sum(worker.deaths for worker in parts.workers)


async def _rows(dsn: str, query: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(query, *values)
    finally:
        await connection.close()
