"""Does the calibration report count what the stage log says, and does each of its numbers open the rows it counted?"""

from __future__ import annotations

import json
import re

import pytest

from leadloom.domain.reports.figures import wilson
from leadloom.runtime import reports
from tests.web.console import Console, links, words

WAYS: tuple[tuple[str, str, int, int], ...] = (  # band, what came after, how many, version
    ("A1", "sal won", 3, 1), ("A1", "sal recycled", 2, 1), ("A1", "recycled", 1, 1), ("A1", "", 2, 1),
    ("B2", "disqualified", 4, 1), ("B2", "sal", 1, 1), ("", "sal sql won", 1, 1), ("A1", "disqualified", 40, 2),
    ("B2", "sal", 40, 2), ("B1", "recycled mql sal", 1, 3),
)  # fmt: skip


PLANT = """
INSERT INTO stage_change (lead_id, track, no, to_stage, at, actor, reason, definition_version, evidence)
VALUES ($1, 'new-business', $2::integer, $3, '2026-02-02'::timestamptz + $2::integer * interval '1 hour', 'system',
        'planted', $4, $5::text::jsonb)"""


async def planted(console: Console) -> None:
    """Leads of nobody, each on its way through the stages; those of the story go."""
    await console.site.rows("DELETE FROM stage_change WHERE to_stage IN ('mql', 'sal', 'won')")
    for place, (band, after, count, version) in enumerate(WAYS):
        for no in range(count):
            name = f"00000000-0000-4000-8000-{place:06d}{no:06d}"
            await console.site.rows("INSERT INTO lead (lead_id, created_at) VALUES ($1, '2026-02-01')", name)
            for at, stage in enumerate(["mql", *after.split()], start=1):
                evidence = {"letter": band[0], "digit": int(band[1])} if band and stage == "mql" else {}
                await console.site.rows(PLANT, name, at, stage, version, json.dumps(evidence))


async def test_bands_are_counted_from_the_log_and_each_number_opens_its_rows(console: Console) -> None:
    await planted(console)
    at = console.site.house.now()
    report = await reports.calibration(console.site.db, at, track="new-business")

    parts = {part.definition_version: {row.band: row for row in part.bands} for part in report.versions}
    assert list(parts) == [3, 2, 1]
    best = parts[1]["A1"]
    assert (best.qualified, best.open, best.accepted.part, best.accepted.whole) == (8, 2, 5, 6)
    assert (best.accepted.low, best.accepted.high) == pytest.approx([100 * end for end in wilson(5, 6)])
    assert (best.won.part, best.won.whole) == (3, 5)
    assert (parts[1]["B2"].won.whole, parts[1][""].won.part) == (0, 1), "who is still worked is in no win rate"
    assert [parts[2][band].out_of_order for band in ("A1", "B2")] == [True, False]
    assert not best.out_of_order
    twice = parts[3]["B1"]
    assert (twice.qualified, twice.accepted.whole, twice.accepted.part) == (2, 2, 1), "each time has its own end"

    page = await console.page("/calibration")
    assert "a worse score was surely accepted more often" in words(page)
    seen = re.findall(r'<a class="figure[^"]*" href="([^"]+)">([\d,]+)</a>', page)
    assert len(seen) > 20
    for address, number in seen[:40]:
        listed = words(await console.page(address.replace("&amp;", "&")))
        counted = re.search(r"([\d,]+) rows? ", listed)
        assert (counted.group(1) if counted else "0") == number, address
    assert links(page, "/rows/qualified")


async def test_before_anybody_was_called_ready_the_page_says_so(console: Console) -> None:
    said = words(await console.page("/calibration?track=expansion"))
    assert "Nobody was called ready for sales in this track yet" in said
