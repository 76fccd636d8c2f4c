"""The main job, on one machine, from nothing to its end: the example world's 90 days and what came of them."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from leadloom.cli._data import AsJson
from leadloom.cli._demo_words import tell
from leadloom.cli._door import talk
from leadloom.domain.errors import Permanent
from leadloom.domain.model import Value
from leadloom.runtime import reports
from leadloom.runtime.local.stack import stack
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import wall_now
from leadloom.store import migrate
from leadloom.world import play
from leadloom.world.guests import Guests, invite
from leadloom.world.report_page import draw
from leadloom.world.summary import Played, Summary, summarise

SINGLE = True
app = typer.Typer()

BEGINS = datetime(2026, 2, 2, 8, 0, tzinfo=UTC)
"""A Monday: the first day of Kelvance's fiscal year. Fixed, so that two runs tell the same story."""


class Imbalance(Permanent):
    """A played world whose books don't close."""


class List(Value):
    """Whose leads to play instead."""

    path: Path
    maps: tuple[str, ...]
    people: int


@app.command()
def demo(
    days: Annotated[int, typer.Option(min=1, max=play.DAYS, help="How many of the 90 days to play.")] = play.DAYS,
    data: Annotated[
        Path | None, typer.Option("--data", help="A CSV file of leads to play instead of the invented 240.")
    ] = None,
    people: Annotated[int, typer.Option("--people", min=1, max=1000, help="So many of its rows, the first.")] = 240,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="As of `leads import`: FIELD=COLUMN or FIELD='{Column} text'.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play 240 people through 90 virtual days on real Postgres, Temporal and SMTP, and print what came of it.

    With --data the people are those of a list: they go into the welcome journey, and answer as the world's people do.
    Addresses and permissions are invented where the list has none, and all mail ends in the demo's own trap.
    """
    settings = Settings()
    folder = settings.state / "demo"
    guests = List(path=data.resolve(), maps=tuple(map_ or ()), people=people) if data else None
    played = asyncio.run(_played(settings, folder, days, guests))
    summary = played.summary
    (folder / "summary.json").write_text(json.dumps(summary.model_dump(), indent=2) + "\n")
    if as_json:
        typer.echo(summary.model_dump_json())
    else:
        tell(Console(), played, folder)
    if faults := _imbalances(summary):
        raise Imbalance("The books of this world don't close: " + "; ".join(faults))


def _imbalances(summary: Summary) -> list[str]:
    """What must never be, whatever was played."""
    checks = {
        f"{summary.mails_sent} mails sent but {summary.mails_trapped} arrived": (
            summary.mails_sent != summary.mails_trapped
        ),
        f"{summary.duplicates} mails came twice": summary.duplicates > 0,
        f"{summary.stuck} things are stuck": summary.stuck > 0,
        f"{summary.unowned} leads are nobody's": summary.unowned > 0,
    }
    return [words for words, broken in checks.items() if broken]


async def _played(settings: Settings, folder: Path, days: int, guests: List | None) -> Played:
    # Another play of the same folder is refused by the stack's lock, after this: so only what it made anew goes.
    _clear(folder)
    own = settings.model_copy(update={"state": folder, "temporal_address": None, "smtp_url": None})
    with _progress() as bar:
        task = bar.add_task("starting Postgres, Temporal and the mail trap", total=1.0)
        async with stack(own, folder=folder / "stack", skipping=True) as running:
            await migrate.migrate(running.settings.database_url or "")
            if running.skipping is None:
                raise Permanent("The demo plays on its own time-skipping server; unset TEMPORAL_ADDRESS.")
            begins = wall_now().replace(hour=8, minute=0, second=0, microsecond=0) if guests else BEGINS
            async with play.a_world(running.settings, running.skipping, begins=begins) as world:
                world.days = days
                if guests is not None:
                    world.guests = await invite(
                        world.house, guests.path, maps=guests.maps, most=guests.people, at=begins,
                        told=lambda share, words: bar.update(task, completed=share, description=words),
                    )  # fmt: skip
                    talk.print(_invited(world.guests, guests), highlight=False, soft_wrap=True)
                seconds = await play.play(
                    world, told=lambda share, words: bar.update(task, completed=share, description=words)
                )
                ends = begins + timedelta(days=days)
                played = await summarise(world.house.db, world.trap, begins=begins, ends=ends, seconds=seconds)
                page = draw(played, await reports.everything(world.house.db, as_of=ends))
                (folder / "report.html").write_text(page, encoding="utf-8")
    return played


def _invited(guests: Guests, asked: List) -> str:
    """Who plays, and what was invented for it."""
    told = guests.imported
    return (
        f"{asked.path.name}: the first {told.rows:,} of its rows play (--people N for more), {len(guests.addresses):,} "
        f"people; {told.refused:,} rows refused, {told.opted_out:,} people said no and get no marketing mail. For this "
        "play alone everybody else has a permission, and an address where the list has none."
    )


def _clear(folder: Path) -> None:
    """The demo begins from nothing each time; its folder is its own."""
    if (folder / "stack" / "running.json").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<46}"), BarColumn(bar_width=30), TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(), console=talk, transient=True,
    )  # fmt: skip
