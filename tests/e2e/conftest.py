"""One development server for the stories that need wall time, with a namespace for each."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from leadloom.runtime.local.temporal import LocalTemporal
from tests.live_house import LiveHouse, a_live_house

NAMESPACES = [f"story-{no}" for no in range(12)]
_free = itertools.cycle(NAMESPACES)


@pytest.fixture(scope="session")
async def development_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalTemporal]:
    """A server that suggests continue-as-new after 50 events and lets a workflow id be used again at once."""
    server = LocalTemporal(tmp_path_factory.mktemp("development"))
    await server.start(
        "--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=50",
        "--dynamic-config-value", 'history.workflowIdReuseMinimalInterval="0s"',
        *(flag for name in NAMESPACES for flag in ("--namespace", name)),
    )  # fmt: skip
    yield server
    await server.stop()


@pytest.fixture
async def live(dsn: str, development_server: LocalTemporal, tmp_path: Path) -> AsyncIterator[LiveHouse]:
    """A live house in a namespace of its own, without a worker."""
    async with a_live_house(dsn, development_server, tmp_path, namespace=next(_free)) as house:
        yield house
