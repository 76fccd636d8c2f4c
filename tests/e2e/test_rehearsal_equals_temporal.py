"""Does a rehearsal tell how the real run will go? Random journeys and lives, played in memory and in Temporal.

`python -m tests.e2e.rehearsal_hunt --cases 3000 --seed 1` plays more; each case that differs says how to play it alone.
"""

from __future__ import annotations

from tests.rehearsed.hunt import hunt
from tests.services import Databases

SEED, CASES = 9, 80


async def test_any_run_goes_in_temporal_as_it_was_rehearsed(databases: Databases, template: str) -> None:
    """The same steps, mails, instants and ends; no mail after an exit, none twice, none outside of its window or over a
    cap; and whatever is still open waits for something that has a name.
    """
    async with databases.fresh(template) as dsn:
        found = await hunt(dsn, SEED, range(CASES))
    assert "\n".join(found.differences.values()) == ""
    # The lot drew something to compare: else a generator that has run dry would look like a house in order.
    assert found.cases == CASES
    assert found.decisions > 6 * CASES
    assert found.sent > CASES / 2
