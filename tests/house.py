"""A whole running house for a test: real Postgres, time-skipping Temporal, a mail trap and a worker."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.runtime.local.temporal import let_pass, skipping
from leadloom.runtime.publishing import Drafts, publish_all, read_drafts
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import House, opened, tools_of
from leadloom.runtime.workers import working
from leadloom.store.db import Db

BEGINS = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday, a working hour in New York and in Berlin."""


@cache
def our_drafts() -> Drafts:
    """The repository's own, checked once."""
    return read_drafts()


@dataclass
class TestHouse:
    """What a test story plays in."""

    __test__ = False

    house: House
    environment: WorkflowEnvironment
    trap: MailTrap

    @property
    def db(self) -> Db:
        """The database, whose commits are relayed to Temporal."""
        return self.house.db

    async def now(self) -> datetime:
        """Business time."""
        return await self.environment.get_current_time() + self.house.settings.clock_ahead

    async def pass_time(self, span: timedelta) -> None:
        """Let business time pass; everything due in it happens."""
        await let_pass(self.environment, span)


@contextlib.asynccontextmanager
async def a_house(
    dsn: str,
    *,
    max_cached_workflows: int = 100,
    begins: datetime = BEGINS,
    maintenance_every: timedelta = timedelta(days=1),
    extra: Sequence[Callable[..., object]] = (),
) -> AsyncIterator[TestHouse]:
    """Everything running, the repository's own drafts published.

    Without a cache a history is replayed at each of its tasks, so a year of daily sweeps costs minutes: give such a
    house a longer `maintenance_every`. `extra` activities are what journeys of the test call.
    """
    async with MailTrap() as trap, skipping() as environment:
        ahead = begins - await environment.get_current_time()
        with tempfile.TemporaryDirectory(prefix="leadloom-house-") as state:
            settings = Settings(
                database_url=dsn,
                smtp_url=trap.url,
                state=Path(state),
                clock_ahead_s=ahead.total_seconds(),
                maintenance_every_s=maintenance_every.total_seconds(),
            )
            async with opened(settings, temporal=environment.client) as house, tools_of(house) as tools:
                await publish_all(house.db, at=begins, by="samira-haddad", drafts=our_drafts())
                async with working(house, tools, max_cached_workflows=max_cached_workflows, extra=extra):
                    yield TestHouse(house, environment, trap)
