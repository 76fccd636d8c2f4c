"""The app of a test, on its own fresh database with the example world published."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.web.site import Site, open_site


@pytest.fixture
async def site(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[Site]:
    """The public pages, as a visitor meets them."""
    async with open_site(db, dsn, book, tmp_path) as opened:
        yield opened
