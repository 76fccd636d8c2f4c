"""How does the example world come into a new database? Its 90 days are played once, ending now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from leadloom.runtime.local.kept import write_whole
from leadloom.runtime.local.temporal import skipping
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import wall_now
from leadloom.world import play

_PLAYING, _PLAYED = "playing\n", "played\n"

Told = Callable[[float, str], None]
"""Hears (share done, words) as time goes by."""


def was_cut_short(folder: Path) -> bool:
    """Whether a play began here and never came to its end: what it left is no world to go on with."""
    mark = _mark(folder)
    return mark.exists() and mark.read_text() == _PLAYING


async def play_into(settings: Settings, folder: Path, *, told: Told) -> None:
    """Play the 90 days before now into the settings' database, on a time-skipping server of its own.

    Its mails go into a trap of the play, so no relay of the settings hears of them. The clock of the world is the
    wall's when it ends: whoever goes on with it needs no offset.
    """
    write_whole(_mark(folder), _PLAYING)
    async with (
        skipping() as environment,
        play.a_world(settings, environment, begins=wall_now() - timedelta(days=play.DAYS)) as world,
    ):
        await play.play(world, told=told)
        await play.leave_work(world, at=wall_now())
    write_whole(_mark(folder), _PLAYED)


def _mark(folder: Path) -> Path:
    return folder / "world"
