"""One development server for the stories that need wall time, with a namespace for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from leadloom.runtime.local.temporal import LocalTemporal
from tests import services
from tests.live_house import LiveHouse, a_live_house
from tests.web import console as story_console


@pytest.fixture(scope="session")
def namespaces(request: pytest.FixtureRequest) -> list[str]:
    """One for each story of this session.

    None is used again: what a story leaves there (a current build of the workers, an open lane) is nobody else's.
    """
    stories = sum("live" in item.fixturenames for item in request.session.items if isinstance(item, pytest.Function))
    return [f"story-{no}" for no in range(stories)]


@pytest.fixture(scope="session")
async def development_server(
    namespaces: list[str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[LocalTemporal]:
    """A server that suggests continue-as-new after 50 events and lets a workflow id be used again at once."""
    server = LocalTemporal(tmp_path_factory.mktemp("development"))
    await server.start(
        "--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=50",
        "--dynamic-config-value", 'history.workflowIdReuseMinimalInterval="0s"',
        *(flag for name in namespaces for flag in ("--namespace", name)),
    )  # fmt: skip
    yield server
    await server.stop()


@pytest.fixture(scope="session")
def free_namespaces(namespaces: list[str]) -> Iterator[str]:
    """Those no story has had yet."""
    return iter(namespaces)


@pytest.fixture
async def live(
    dsn: str, development_server: LocalTemporal, free_namespaces: Iterator[str], tmp_path: Path
) -> AsyncIterator[LiveHouse]:
    """A live house in a namespace of its own, without a worker."""
    async with a_live_house(dsn, development_server, tmp_path, namespace=next(free_namespaces)) as house:
        yield house


@pytest.fixture(scope="session")
async def lived(databases: services.Databases, template: str) -> AsyncIterator[story_console.Lived]:
    """Three weeks of the example world, lived once, for consoles that are looked at in a browser."""
    async with story_console.lived(databases, template) as story:
        yield story
