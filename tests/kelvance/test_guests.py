"""Does a stranger's list play through the real house, with nobody mailed who said no?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leadloom.domain.errors import BadInput
from leadloom.runtime.local.temporal import skipping
from leadloom.runtime.settings import Settings
from leadloom.world import play
from leadloom.world.guests import Guests, invite
from leadloom.world.summary import summarise
from tests.services import Databases

BEGINS = datetime(2026, 2, 2, 8, 0, tzinfo=UTC)
DAYS = 12
ROWS = [f"{no},{'Yes' if no == 3 else 'No'},Select" for no in range(1, 9)]


async def invited(world: play.World, path: Path, *maps: str, most: int = 240) -> Guests:
    return await invite(world.house, path, maps=maps, most=most, at=BEGINS, told=lambda share, words: None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Eight people without an address, one of whom said no."""
    path = tmp_path / "list.csv"
    path.write_text("Lead Number,Do Not Email,City\n" + "\n".join(ROWS) + "\n")
    return path


async def test_a_list_is_played_with_invented_addresses_and_a_no_in_it_is_kept(
    databases: Databases, template: str, tmp_path: Path, file: Path
) -> None:
    async with databases.fresh(template) as url, skipping() as environment:
        settings = Settings(database_url=url, state=tmp_path)
        async with play.a_world(settings, environment, begins=BEGINS) as world:
            world.days = DAYS
            with pytest.raises(BadInput, match="external_id=Lead Number"):
                await invited(world, file)
            world.guests = await invited(world, file, "external_id=Lead Number", most=6)
            seconds = await play.play(world, told=lambda share, words: None)
            ends = BEGINS + timedelta(days=DAYS)
            summary = (await summarise(world.house.db, world.trap, begins=BEGINS, ends=ends, seconds=seconds)).summary
            mailed = {mail.recipients[0] for mail in world.trap.mails if "guest-" in mail.recipients[0]}
    assert world.guests.addresses == tuple(f"guest-{no}@guest-{no}.example" for no in range(1001, 1007))
    assert mailed == set(world.guests.addresses) - {"guest-1003@guest-1003.example"}
    assert summary.leads == 6
    assert summary.mails_sent == summary.mails_trapped > 5
    assert (summary.duplicates, summary.stuck, summary.unowned) == (0, 0, 0)
