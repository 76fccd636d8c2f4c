"""A running house whose workflows remember nothing between two tasks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.house import TestHouse, a_house


@pytest.fixture
async def house(dsn: str) -> AsyncIterator[TestHouse]:
    """With a cache of no workflows each task replays its whole history: hidden state shows at once."""
    async with a_house(dsn, max_cached_workflows=0, maintenance_every=timedelta(days=400)) as running:
        yield running
