"""Does a rep read what became of what they told us, and nobody else's?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.handoffs.own_week import answer_time, week_of
from leadloom.domain.handoffs.working_time import WorkCalendar
from tests import hand_cases
from tests.web.console import Console, words

BERLIN = WorkCalendar(hand_cases.definition().calendars["berlin"])


def test_a_week_is_iso_8601s_in_ones_own_zone_across_a_clock_change() -> None:
    week = week_of("2026-W13", datetime(2026, 3, 25, tzinfo=UTC), BERLIN)
    assert (week.from_at, week.until_at) == (
        datetime(2026, 3, 22, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)
    )  # fmt: skip
    assert week_of("", datetime(2026, 1, 1, tzinfo=UTC), BERLIN).name == "2026-W01"
    assert week_of("2026-W01", datetime(2026, 1, 1, tzinfo=UTC), BERLIN).before == "2025-W52"
    with pytest.raises(BadInput, match="2026-W10"):
        week_of("2026-W60", datetime(2026, 1, 1, tzinfo=UTC), BERLIN)


def test_answers_are_timed_in_working_time_from_the_notice() -> None:
    friday, monday = datetime(2026, 3, 6, 16, 20, tzinfo=UTC), datetime(2026, 3, 9, 8, 5, tzinfo=UTC)
    assert answer_time([(friday, monday), (monday, friday)], BERLIN).median == 15


async def test_what_somebody_told_us_is_shown_to_them_with_what_follows(console: Console) -> None:
    query = "SELECT decided_by, decided_at FROM hand_off WHERE decided_by IS NOT NULL ORDER BY decided_at DESC LIMIT 1"
    (row,) = await console.site.rows(query)
    console.sit(str(row["decided_by"]))
    decided_at = row["decided_at"]
    assert isinstance(decided_at, datetime)
    year, week, _ = decided_at.isocalendar()
    said = words(await console.page(f"/my-week?week={year}-W{week:02}"))
    assert "What you told us, and what follows" in said and "Compared with nobody." in said
    console.sit("greta-lindqvist")
    assert "What you told us" not in words(await console.page(f"/my-week?week={year}-W{week:02}"))
    await console.page("/my-week?week=soon", status=422)
