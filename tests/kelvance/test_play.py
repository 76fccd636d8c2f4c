"""The example world is played through the real house, and told the same way each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from leadloom.runtime.local.temporal import skipping
from leadloom.runtime.settings import Settings
from leadloom.store import inbox
from leadloom.world import play
from leadloom.world.summary import Summary, summarise
from tests.services import Databases

BEGINS = datetime(2026, 2, 2, 8, 0, tzinfo=UTC)
DAYS = 6


async def played(url: str, state: Path) -> tuple[Summary, int]:
    """Six days of the world; its summary, and how many offers wait after somebody was left to answer."""
    async with skipping() as environment:
        settings = Settings(database_url=url, state=state)
        async with play.a_world(settings, environment, begins=BEGINS) as world:
            world.days = DAYS
            heard: list[float] = []
            seconds = await play.play(world, told=lambda share, _: heard.append(share))
            ends = BEGINS + timedelta(days=DAYS)
            told = await summarise(world.house.db, world.trap, begins=BEGINS, ends=ends, seconds=seconds)
            assert heard[-1] == 1.0
            assert heard == sorted(heard)
            before = len(await _open(world))
            await play.leave_work(world, at=ends)
            return told.summary, len(await _open(world)) - before


async def _open(world: play.World) -> tuple[inbox.InboxRow, ...]:
    async with world.house.db.read() as tx:
        return await inbox.list_open(tx)


async def test_two_plays_tell_the_same_figures_lose_nothing_and_leave_somebody_to_answer(
    databases: Databases, template: str, tmp_path: Path
) -> None:
    figures: list[dict[str, object]] = []
    for name in ("first", "second"):
        async with databases.fresh(template) as url:
            summary, waiting = await played(url, tmp_path / name)
        assert waiting == 3
        assert summary.mails_sent == summary.mails_trapped > 0
        assert (summary.duplicates, summary.stuck, summary.unowned) == (0, 0, 0)
        figures.append(summary.model_dump(exclude={"seconds"}))
    assert figures[0] == figures[1]
