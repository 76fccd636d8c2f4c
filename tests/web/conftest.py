"""The app of a test, on its own fresh database with the example world published."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import services
from tests.web import console
from tests.web.site import Site, open_site


@pytest.fixture
async def site(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[Site]:
    """The public pages, as a visitor meets them."""
    async with open_site(db, dsn, book, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
async def story(databases: services.Databases, template: str) -> AsyncIterator[console.Lived]:
    """Three weeks of the example world, lived once."""
    async with console.lived(databases, template) as lived:
        yield lived


@pytest.fixture(name="console")
async def open_console(
    databases: services.Databases, story: console.Lived, tmp_path: Path
) -> AsyncIterator[console.Console]:
    """The console on a copy of the story of its own."""
    async with console.opened(databases, story, tmp_path) as opened:
        yield opened
