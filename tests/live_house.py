"""A running house on Temporal's development server: wall time, real restarts, journeys whose waits are seconds."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.client import Client

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.mail.dkim_keys import make_key
from leadloom.runtime.local.children import die_with_parent
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.runtime.local.temporal import LocalTemporal
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import House, opened, tools_of, wall_now
from leadloom.runtime.workers import working
from leadloom.store import published
from leadloom.store.db import Db
from tests import world

ROOT = Path(__file__).resolve().parents[1]

QUICK_JOURNEYS = (
    """
name: two-letters
purpose: Two letters with seconds between them, in a test.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {events: [exploring_told]}
steps:
  - {do: send, id: first, mail: guide, class: service}
  - {do: wait, id: seconds, for: 0.03m}
  - {do: send, id: second, mail: guide, class: service}
""",
    """
name: a-letter-each
purpose: A letter for each reply, in a test.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {events: [detractor_told]}
steps:
  - {do: send, id: letter, mail: guide, class: service}
  - {do: wait_for, id: heard, events: [reply], within: 1h, then: again, otherwise: end}
  - {do: go, id: again, to: letter, visits: 500}
""",
    """
name: three-letters
purpose: Three letters and two waits, whose cost is a promise.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {events: [promoter_told]}
steps:
  - {do: send, id: first, mail: guide, class: service}
  - {do: wait, id: one, for: 0.02m}
  - {do: send, id: second, mail: guide, class: service}
  - {do: wait, id: two, for: 0.02m}
  - {do: send, id: third, mail: guide, class: service}
""",
    """
name: an-hour-first
purpose: An hour, then a letter, in a test.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {events: [reference_given]}
steps:
  - {do: wait, id: hour, for: 1h}
  - {do: send, id: letter, mail: guide, class: service}
""",
)
"""`for: 0.03m` is two seconds."""


@dataclass
class LiveHouse:
    """What a live story plays in."""

    house: House
    trap: MailTrap
    wall_ahead: timedelta = timedelta()
    """How much later than it is a worker of this process believes it is: what a lease needs to end."""

    @property
    def db(self) -> Db:
        """The database, whose commits are relayed to Temporal."""
        return self.house.db

    @property
    def temporal(self) -> Client:
        """Temporal's client."""
        assert self.house.temporal is not None
        return self.house.temporal

    async def now(self) -> datetime:
        """Business time."""
        return self.house.now()

    @contextlib.asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """A worker in this process, for the length of the block."""
        async with tools_of(self.house) as tools:
            late = dataclasses.replace(tools, wall_now=lambda: wall_now() + self.wall_ahead)
            async with working(self.house, late):
                yield

    def worker_process(self) -> subprocess.Popen[bytes]:
        """A worker as production runs it, to be killed."""
        settings = self.house.settings
        told = {
            "DATABASE_URL": settings.database_url or "",
            "TEMPORAL_ADDRESS": settings.temporal_address or "",
            "TEMPORAL_NAMESPACE": settings.temporal_namespace,
            "SMTP_URL": settings.smtp_url or "",
            "LEADLOOM_STATE": str(settings.state),
            "LEADLOOM_DKIM_KEYS": str(settings.dkim_keys or ""),
            "LEADLOOM_MAINTENANCE_EVERY_S": str(settings.maintenance_every_s),
        }
        return subprocess.Popen(
            [sys.executable, "worker.py"], cwd=ROOT, env={**os.environ, **told}, stderr=subprocess.PIPE,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )  # fmt: skip


@contextlib.asynccontextmanager
async def a_live_house(dsn: str, temporal: LocalTemporal, state: Path, *, namespace: str) -> AsyncIterator[LiveHouse]:
    """Everything but a worker, the quick journeys published. Its mails are signed."""
    make_key(state / "dkim", "kelvance.example", "live", algorithm="ed25519")
    async with MailTrap() as trap:
        settings = Settings(
            database_url=dsn, smtp_url=trap.url, state=state, temporal_address=temporal.address,
            temporal_namespace=namespace, maintenance_every_s=1, dkim_keys=state / "dkim",
        )  # fmt: skip
        async with opened(settings) as house:
            await world.publish(house.db)
            await publish_quick_journeys(house)
            yield LiveHouse(house, trap)


async def publish_quick_journeys(house: House) -> None:
    """Put them in force, each with its one mail."""
    at = house.now() - timedelta(days=1)
    async with house.db.transaction() as tx:
        for draft in QUICK_JOURNEYS:
            journey = Journey.model_validate(DraftText("quick.yaml", draft).data)
            await published.publish_journey(tx, journey, at=at, by="priya-nair")
            body = world.template("guide")
            await published.publish_template(tx, journey.name, "guide", body, at=at, by="priya-nair")


async def chain(client: Client, workflow_id: str) -> int:
    """How often a workflow has continued as new."""
    newest = await client.get_workflow_handle(workflow_id).describe()
    first = newest.raw_description.workflow_execution_info.first_run_id
    count, run_id = 0, first
    while True:
        history = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        last = history.events[-1]
        if not last.HasField("workflow_execution_continued_as_new_event_attributes"):
            return count
        count += 1
        run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
