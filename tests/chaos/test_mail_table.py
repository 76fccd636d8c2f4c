"""Does the crash table of `make chaos-mail` say what was broken, and does its small disk really run full?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from benchmarks.chaos.balance import Strokes, UncertainMail
from benchmarks.chaos.mails import CRASH_FAULTS, Crashed, Row, picked, rows, table
from benchmarks.chaos.parts import SmallDisk
from benchmarks.chaos.strikes import Kill
from tests.chaos.test_balance import books

ROW = Row("workers killed", rows(kills=2, times=1, seed=1)[0].strikes)


def test_each_row_breaks_what_its_name_says() -> None:
    by_name = {row.what: row for row in rows(kills=12, times=3, seed=1)}
    kills = [strike.what for strike in by_name["both"].strikes if isinstance(strike.what, Kill)]
    assert [kill.part for kill in kills] == ["worker"] * 12
    faults = [strike.what.fault for strike in by_name["both"].strikes if not isinstance(strike.what, Kill)]
    assert sorted(faults) == sorted(CRASH_FAULTS * 3)
    assert len(CRASH_FAULTS) == 5
    held = [strike.what for strike in by_name["Postgres killed between claim and mark"].strikes]
    assert all(isinstance(each, Kill) and each.between_claim_and_mark for each in held)
    assert by_name["a full disk"].disk_mb is not None


def test_a_row_shows_copies_losses_and_uncertain_mails_and_names_each_broken_promise() -> None:
    lost = UncertainMail(lead_id="lead3", step="x", why="the answer was lost", relay_has_it=True)
    told = books().model_copy(update={"twice": ("a copy",), "uncertain": (lost,), "most_uncertain": 8})
    crashed = Crashed(ROW, told, Strokes(kills={"worker-1": 2}, connections=4), 2, 1, 3.0)
    assert table([crashed], 3000).splitlines()[-1] == "| workers killed | 2 | 0 | 1 | 0 | 1 | 8 | 1 | not 1 |"
    assert crashed.faults == [
        "workers killed: 1 twice",
        "workers killed: 1 uncertain mails are not listed by `mail uncertain list`",
    ]
    kept = crashed._replace(books=books(), unlisted=0)
    assert kept.faults == []
    assert kept._replace(struck=1).faults == ["workers killed: only 1 of 2 strikes happened"]


def test_rows_are_picked_by_number_and_a_wrong_one_is_named() -> None:
    every = rows(kills=2, times=1, seed=1)
    assert picked(every, "1,5") == [every[0], every[4]]
    with pytest.raises(ValueError, match=r"rows 1 to 5, not \[9\]"):
        picked(every, "9")


async def test_a_full_disk_refuses_writes_and_takes_them_again_when_there_is_room(tmp_path: Path) -> None:
    disk = SmallDisk(tmp_path, 120)
    await disk.start()
    try:
        connection = await asyncpg.connect(address(disk))
        await connection.execute("CREATE TABLE grown (words text)")
        grow = "INSERT INTO grown SELECT repeat('x', 2000) FROM generate_series(1, 2000)"
        await connection.execute(grow)
        await disk.die()
        await asyncio.sleep(0.5)
        with pytest.raises((asyncpg.DiskFullError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
            for _ in range(10):
                await connection.execute(grow)
        await disk.start()
        async with asyncio.timeout(20):
            while not await _grew(disk, grow):  # noqa: ASYNC110  a server tells nobody that it is back
                await asyncio.sleep(0.3)
    finally:
        await disk.stop()


def address(disk: SmallDisk) -> str:
    """Of a database that is there from the beginning."""
    server, _, _ = disk.url().rpartition("/")
    return f"{server}/postgres"


async def _grew(disk: SmallDisk, grow: str) -> bool:
    try:
        connection = await asyncpg.connect(address(disk))
        await connection.execute(grow)
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True
