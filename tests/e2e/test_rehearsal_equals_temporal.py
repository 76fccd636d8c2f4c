"""Does a rehearsal tell how the real run will go? Random journeys and lives, played in memory and in Temporal.

`python -m tests.e2e.rehearsal_hunt --cases 3000 --seed 1` plays more; each case that differs says how to play it alone.
"""

from __future__ import annotations

from tests.rehearsed.hunt import Found, hunt_twice
from tests.services import Databases

SEED, CASES, WIDE_CASES = 9, 60, 40


async def test_any_run_goes_in_temporal_as_it_was_rehearsed(databases: Databases, template: str) -> None:
    """The same steps, mails, instants and ends; no mail after an exit, none twice, none outside of its window or over a
    cap; and whatever is still open waits for something that has a name.
    """
    found = await hunt_twice(lambda: databases.fresh(template), SEED, range(CASES))
    nothing_differs(found, CASES)


async def test_a_lead_in_several_journeys_gets_in_temporal_what_the_audience_s_rehearsal_said(
    databases: Databases, template: str
) -> None:
    """The same sends and ends where scores and stages decide, and journeys fight for the lead's week."""
    found = await hunt_twice(lambda: databases.fresh(template), SEED, range(WIDE_CASES), wide=True)
    nothing_differs(found, WIDE_CASES)


def nothing_differs(found: Found, cases: int) -> None:
    assert "\n".join(found.differences.values()) == ""
    # The lot drew something to compare: else a generator that has run dry would look like a house in order.
    assert found.cases == cases
    assert found.decisions > 5 * cases
    assert found.sent > cases / 2
